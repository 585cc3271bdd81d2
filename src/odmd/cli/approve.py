"""`odmd approve` and `odmd reject`: answers to what envers ask, bound to what was shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, Message, Server, StateFolder
from odmd.errors import NotConfirmed, NothingAsked, OfferMoved

if TYPE_CHECKING:
    from odmd.control.leading.wishes import Answering
    from odmd.control.reading.past import Past
    from odmd.control.reading.views import EnverView, QuestionView

    Asked = tuple[EnverView, QuestionView]

Whose = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ENVER [INPUT]…",
        help="Who asks, e.g. orders@prod, and about which input where that is more than one: `commit` for a promotion, "
        "`data` for its loss, `lost` to let go of it. Several one after the other.",
        autocompletion=complete_enver,
    ),
]
All = Annotated[bool, typer.Option("--all", help="All that is asked.")]
Team = Annotated[str | None, typer.Option("--team", metavar="TEAM", help="All that waits for a team.")]
Expect = Annotated[
    str | None, typer.Option("--expect", metavar="IDENTITY", help="Only if this is what it asks about, as JSON has it.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def approve(
    whose: Whose = None,
    everything: All = False,
    team: Team = None,
    expect: Expect = None,
    message: Message = "",
    yes: Yes = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Let in the new values, or the promoted commits, that envers ask about; what follows is deployed."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.act import act
    from odmd.cli.output import errors_as

    with errors_as(json=json):
        with plane(server, state, contracts) as there:
            asked, trusted = _chosen(there.past, whose or [], team, everything=everything), there.is_local
        _refuse_other(asked, expect)
        one_is_named = len(asked) == 1 and bool(whose)
        _show(asked, quiet=json, trusted=trusted)
        _confirm(len(asked), yes=yes or (one_is_named and not sys.stdin.isatty()), can_ask=not json)
    act([_answer(*one, message, approved=True) for one in asked], server, contracts, state, json=json)


def reject(
    whose: Whose = None,
    expect: Expect = None,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Keep out the values that envers ask about; the next ones are asked about again."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.act import act
    from odmd.cli.output import errors_as

    with errors_as(json=json):
        with plane(server, state, contracts) as there:
            asked = _chosen(there.past, whose or [], None, everything=False)
        _refuse_other(asked, expect)
    act([_answer(*one, message, approved=False) for one in asked], server, contracts, state, json=json)


def _chosen(past: Past, whose: Sequence[str], team: str | None, *, everything: bool) -> Sequence[Asked]:
    if [bool(whose), team is not None, everything].count(True) != 1:
        raise typer.BadParameter("name envers, or --team TEAM, or --all")
    if whose:
        return [_question(past.enver(enver), input) for enver, input in _pairs(whose)]
    found = [(enver, one) for enver in past.all_envers() for one in enver.asks if team in (None, one.gate)]
    if not found:
        raise NothingAsked(f"nothing waits for team {team}" if team else "no enver asks anything")
    return found


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Envers have an @ or a slash, inputs have not."""
    left = list(words)
    while left:
        enver = left.pop(0)
        yield enver, left.pop(0) if left and not {"@", "/"} & set(left[0]) else None


def _question(enver: EnverView, input: str | None) -> Asked:
    from odmd.model import naming

    label = naming.enver_label(enver.enver)
    if not enver.asks:
        raise NothingAsked(f"{label} asks nothing", next_step=f"`odmd why {label}` says what it waits for")
    found = [one for one in enver.asks if input in (None, one.input)]
    if len(found) != 1:
        said = f"{label} does not ask about {input}" if input else f"{label} asks about more than one thing"
        names, about = ", ".join(one.input for one in enver.asks), ", ".join(one.about for one in enver.asks)
        raise NothingAsked(f"{said}: {about}", next_step=f"name one of {names}")
    return enver, found[0]


def _refuse_other(asked: Sequence[Asked], expect: str | None) -> None:
    from odmd.model import naming

    for enver, one in asked if expect is not None else ():
        if one.identity != expect:
            label = naming.enver_label(enver.enver)
            raise OfferMoved(f"{label} asks about {one.about}", next_step=f"its identity is {one.identity}")


def _show(asked: Sequence[Asked], *, quiet: bool, trusted: bool) -> None:
    from odmd.cli.output import say
    from odmd.model import naming

    for enver, one in () if quiet else asked:
        gate = f" (for team {one.gate} to approve)" if one.gate else ""
        say(f"{naming.enver_label(enver.enver)}: {one.about}{gate}")
    if trusted and not quiet and any(one.gate for _, one in asked):
        say("who works on the state folder itself is trusted to speak for every team")


def _confirm(count: int, *, yes: bool, can_ask: bool) -> None:
    if yes:
        return
    if not (can_ask and sys.stdin.isatty()):
        raise NotConfirmed("nobody is there to say yes", next_step="give --yes")
    if not typer.confirm("Approve it?" if count == 1 else f"Approve these {count}?"):
        raise NotConfirmed("declined, nothing was changed")


def _answer(enver: EnverView, one: QuestionView, why: str, *, approved: bool) -> Answering:
    from odmd.control.leading.wishes import Answering

    return Answering(enver.enver, one.input, approved, why, one.identity)
