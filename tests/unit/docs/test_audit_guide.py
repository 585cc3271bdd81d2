"""What the audit guide shows is so: links, settings, and every command with its options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from odmd.bootstrap.audit_settings import AuditSettings, BucketSaid
from odmd.bootstrap.settings import read_settings
from odmd.cli.lazily import imported
from odmd.control.ports.ledger import GENESIS, Entry, link_of

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "audit.md").read_text()


def test_a_link_is_made_as_it_says() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    given: dict[str, Any] = {}
    exec(code, given)  # our own
    link: Callable[[str, dict[str, Any]], str] = given["link"]
    body = '{"by": {"name": "Åda \\"of\\" München"}}'
    entry = Entry(7, 1767225600.125, "Approved@2", "m ü", body, None)
    told = {"position": 7, "at": 1767225600.125, "type": "Approved@2", "message": "m ü", "body": body}
    assert link(GENESIS, told) == link_of(GENESIS, entry)


def test_the_settings_are_those(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(said)
    monkeypatch.chdir(tmp_path)
    bucket = BucketSaid("acme-audit", "odmd", "111122223333", "eu-west-1", 400)
    assert read_settings().audit == AuditSettings(bucket, Path("/etc/odmd/anchors.pem"), 3600)


SHOWN = [line.partition(" >")[0] for line in re.findall(r"^odmd (.*)$", GUIDE, re.MULTILINE)]


@pytest.mark.parametrize("line", SHOWN)
def test_commands_take_what_they_are_given(line: str) -> None:
    name, *words = shlex.split(line)
    command: Any = imported(name)
    if isinstance(command, click.Group):
        command, words = command.commands[words[0]], words[1:]
    command.make_context(name, words, resilient_parsing=False)
