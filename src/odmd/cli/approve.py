"""`odmd approve` and `odmd reject`: answers to what envers ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, StateFolder
from odmd.errors import NothingAsked

if TYPE_CHECKING:
    from odmd.control.messages import Message
    from odmd.control.state import Enver, Offer, State

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
    json: Json = False,
) -> None:
    """Let in the new value, or the promoted commit, that an enver asks about; what follows is deployed."""
    _answer(enver, input, message, contracts, state, approved=True, json=json)


def reject(
    enver: Whose,
    input: What = None,
    message: Why = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Keep out the value that an enver asks about; the next one is asked about again."""
    _answer(enver, input, message, contracts, state, approved=False, json=json)


def _answer(
    typed: str,
    input: str | None,
    message: str,
    contracts: str | None,
    state: StateFolder,
    *,
    approved: bool,
    json: bool,
) -> None:
    from odmd.cli.act import act, who

    def make(now: State) -> Message:
        from odmd.cli.names import find_enver
        from odmd.control.messages import Answer

        enver = now.envers[find_enver(typed, now)]
        name, offer = _open_question(enver, input)
        return Answer(enver.address, name, offer.content.identity, approved, who(), message)

    act(contracts, state, make, json=json)


def _open_question(enver: Enver, input: str | None) -> tuple[str, Offer]:
    from odmd.control.explain import QUESTION_NAMES, question
    from odmd.model import naming

    label = naming.enver_label(enver.address)
    asked = {QUESTION_NAMES.get(name, name): (name, offer) for name, offer in enver.offers.items()}
    if not asked:
        raise NothingAsked(f"{label} asks nothing", next_step=f"`odmd why {label}` says what it waits for")
    if input is None and len(asked) == 1:
        return next(iter(asked.values()))
    if input is None or input not in asked:
        what = ", ".join(question(name, offer) for name, offer in asked.values())
        said = f"{label} does not ask about {input}" if input else f"{label} asks about more than one thing"
        raise NothingAsked(f"{said}: {what}", next_step=f"name one of {', '.join(asked)}")
    return asked[input]
