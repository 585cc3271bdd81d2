"""`odmd verify`: what an enver runs is verified again."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.options import Contracts, Json, Message, Server, StateFolder
from odmd.cli.rollback import Whose

Suite = Annotated[
    str | None,
    typer.Option("--suite", metavar="PATH", help="These tests of its repository, instead of what its contract says."),
]
Network = Annotated[bool, typer.Option("--network", help="These tests may reach the network.")]


def verify(
    enver: Whose,
    suite: Suite = None,
    network: Network = False,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Verify again what an enver runs: its checks, or tests that you name, are made once more; nothing is deployed."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import Verifying
    from odmd.model import SuiteCheck

    tests = None if suite is None else SuiteCheck(suite, network=network)
    act(Verifying(enver, message, tests), server, contracts, state, json=json)
