"""The guide to `odmd simulate` says what the command says."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

import pytest

from support.forked import forge

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "guides" / "simulate.md").read_text()


def simulate(words: str, state: Path) -> str:
    command = ["simulate", "--contracts", "coffee_shop:organisation", "--state", str(state), *shlex.split(words)]
    done = forge().run(command, ROOT, os.environ, 60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def plain(text: str) -> list[str]:
    """Without what depends on the terminal's width."""
    return [" ".join(re.sub(r"[━·╌]+", "…", line).split()) for line in text.strip().splitlines()]


def test_the_example_is_what_is_printed(tmp_path: Path) -> None:
    (example,) = re.findall(r"\$ odmd simulate --push foundation@main\n(.*?)```", GUIDE, re.DOTALL)
    assert plain(simulate("--push foundation@main", tmp_path)) == plain(example)


@pytest.mark.parametrize("words", re.findall(r"\$ odmd simulate (--takes \S+)", GUIDE))
def test_the_durations_are_understood(words: str, tmp_path: Path) -> None:
    simulate(words, tmp_path)


def test_every_field_of_the_data_is_told(tmp_path: Path) -> None:
    data = json.loads(simulate("--json", tmp_path))
    told = set(re.findall(r"`([a-z_]+)(?:\[\])?`", GUIDE))
    assert {*data, *data["runs"][0], *data["waves"][0], *data["chain"][0]} - told == set()
