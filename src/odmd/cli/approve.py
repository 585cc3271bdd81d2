"""`odmd approve` and `odmd reject`: answers to what envers ask."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, Server, StateFolder

Whose = Annotated[
    str, typer.Argument(metavar="ENVER", help="Who asks, e.g. orders@prod.", autocompletion=complete_enver)
]
What = Annotated[
    str | None,
    typer.Argument(
        metavar="[INPUT]", help="Which input; `commit` for a promotion, `data` for its loss. May be left out if one."
    ),
]
Why = Annotated[str, typer.Option("--message", "-m", help="Why; kept with the answer.")]


def approve(
    enver: Whose,
    input: What = None,
    message: Why = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Let in the new value, or the promoted commit, that an enver asks about; what follows is deployed."""
    from odmd.cli.act import act
    from odmd.control.wishes import Answering

    act(Answering(enver, input, True, message), server, contracts, state, json=json)


def reject(
    enver: Whose,
    input: What = None,
    message: Why = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Keep out the value that an enver asks about; the next one is asked about again."""
    from odmd.cli.act import act
    from odmd.control.wishes import Answering

    act(Answering(enver, input, False, message), server, contracts, state, json=json)
