"""`odmd ask`: what was turned down, or expired, is asked about once more."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, Message, Server, StateFolder


def ask(
    enver: Annotated[str, typer.Argument(metavar="ENVER", help="Which enver.", autocompletion=complete_enver)],
    input: Annotated[
        str | None,
        typer.Argument(
            metavar="[INPUT]", help="About which input, or `commit`; may be left out where it is one thing."
        ),
    ] = None,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Ask once more about what was rejected, or what nobody answered in time."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import AskingAgain

    act(AskingAgain(enver, input, message), server, contracts, state, json=json)
