"""Contracts that ask the world are told so, at the line where they ask."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from odmd.errors import ContractsNotLoaded
from odmd.graph import compile_contracts, load_organisation

HEAD = """import os, socket, subprocess, time
from odmd.model import *
team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-2")
acme = Organisation("acme", central=dev.account, envers=[])
"""


@pytest.fixture(autouse=True)
def pure() -> None:
    """Contracts that start a program are what some of these are about."""


def noticed(folder: Path, line: str) -> list[str]:
    (folder / "impure.py").write_text(HEAD + line + "\n")
    loaded = load_organisation("impure.py:acme", folder)
    warnings = compile_contracts(loaded.organisation, noticed=loaded.noticed).warnings
    assert all(one.place and (one.place.line, one.code) == (5, "ODMD038") for one in warnings)
    return [one.fact.partition(":")[0].removeprefix("the contracts ask ") for one in warnings]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("os.environ.get('STAGE')", "the environment (STAGE)"),
        ("os.getenv('STAGE')", "the environment (STAGE)"),
        ("'STAGE' in os.environ", "the environment (STAGE)"),
        ("time.time()", "the clock"),
        ("time.time_ns()", "the clock"),
        ("os.urandom(1)", "chance"),
        ("import random; random.choice([1])", "chance"),
        ("from random import randint; randint(1, 2)", "chance"),
        ("import random; random.SystemRandom().random()", "chance"),
        ("import uuid; uuid.uuid4()", "chance"),
        ("import secrets; secrets.token_hex()", "chance"),
        ("subprocess.run(['true'])", "another program"),
        ("socket.getaddrinfo('127.0.0.1', 1)", "the network"),
    ],
)
def test_what_contracts_ask_is_told(tmp_path: Path, line: str, what: str) -> None:
    assert noticed(tmp_path, line) == [what]


def test_pure_contracts_and_what_libraries_do_are_left_alone(tmp_path: Path) -> None:
    assert noticed(tmp_path, "import tempfile; tempfile.gettempdir()") == []


def test_the_world_is_as_it_was_afterwards(tmp_path: Path) -> None:
    environ, clock = os.environ, time.time
    (tmp_path / "broken.py").write_text(HEAD + "1 / 0\n")
    with pytest.raises(ContractsNotLoaded):
        load_organisation("broken.py:acme", tmp_path)
    assert os.environ is environ
    assert time.time is clock


def test_setting_the_environment_works_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODMD_TEST", "before")
    assert noticed(tmp_path, "os.environ['ODMD_TEST'] = 'after'") == []
    assert os.environ["ODMD_TEST"] == "after"
