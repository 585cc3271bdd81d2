"""A reason is called `--message`, whatever it is a reason for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from odmd.cli.commands import COMMANDS
from odmd.cli.lazily import imported
from support.recording import Desk

CONTRACTS = """
from odmd.model import *

team, dev = Team("baristas"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class Till(CdkEnver, build=Build("till", Repo("acme/till", team))):
    db: NeededSecret = needed("password")

acme = Organisation("acme", central=dev.account, envers=[Till(on=Branch("main"), at=dev)])
"""


def options() -> Iterator[Any]:
    """Of all commands, and of those of groups."""
    for command in map(imported, COMMANDS):
        for one in (command, *getattr(command, "commands", {}).values()):
            yield from (option for option in one.params if option.param_type_name == "option")


def test_no_command_calls_it_otherwise() -> None:
    shown = [set(one.opts) for one in options() if not one.hidden]
    reasons = [one for one in shown if "-m" in one]
    assert len(reasons) >= 10
    assert all(one == {"--message", "-m"} for one in reasons)
    assert not [one for one in shown if one & {"--why", "--reason"}]


def test_what_it_was_called_before_is_taken_still(desk: Desk) -> None:
    desk.declare(CONTRACTS)
    for option, reason in (("--why", "as it was"), ("--message", "as it is"), ("-m", "shortly")):
        said = desk.odmd("secret", "bind", "till@main", "db", f"ssm:/acme/{reason.split()[-1]}", option, reason)
        assert said.code == 0, said.err
    assert [one["why"] for one in desk.odmd("config", "history", "till@main", "--json").data] == [
        "shortly",
        "as it is",
        "as it was",
    ]
    assert "--why" not in desk.odmd("secret", "bind", "--help").out
