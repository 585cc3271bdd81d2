"""`odmd approve` and `odmd reject`: answers to what envers ask, bound to what was shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from odmd.cli.confirm import confirm
from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, Message, Server, StateFolder
from odmd.errors import NothingAsked, OfferMoved

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
Stage = Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="All that is asked in a stage.")]
Expect = Annotated[
    str | None, typer.Option("--expect", metavar="IDENTITY", help="Only if this is what it asks about, as JSON has it.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def approve(
    whose: Whose = None,
    everything: All = False,
    team: Team = None,
    stage: Stage = None,
    expect: Expect = None,
    message: Message = "",
    yes: Yes = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Let in the new values, or the promoted commits, that envers ask about; what follows is deployed."""
    choice = _Choice(whose or [], team, stage, everything)
    _answer_all(choice, expect, message, (server, contracts, state), approved=True, yes=yes, json=json)


def reject(
    whose: Whose = None,
    everything: All = False,
    team: Team = None,
    stage: Stage = None,
    expect: Expect = None,
    message: Message = "",
    yes: Yes = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Keep out the values that envers ask about; the next ones are asked about again."""
    choice = _Choice(whose or [], team, stage, everything)
    _answer_all(choice, expect, message, (server, contracts, state), approved=False, yes=yes, json=json)


class _Choice(NamedTuple):
    """Which questions somebody means."""

    whose: Sequence[str]
    team: str | None
    stage: str | None
    everything: bool

    def refuse_several(self) -> None:
        """Raises:
        BadParameter: it is none, or more than one way to say it.
        """
        if [bool(self.whose), self.team is not None, self.stage is not None, self.everything].count(True) != 1:
            raise typer.BadParameter("name envers, or --team TEAM, or --stage STAGE, or --all")


def _answer_all(
    choice: _Choice,
    expect: str | None,
    message: str,
    where: tuple[str | None, str | None, Path | None],
    *,
    approved: bool,
    yes: bool,
    json: bool,
) -> None:
    from odmd.bootstrap.plane import plane
    from odmd.cli.act import act
    from odmd.cli.output import errors_as

    server, contracts, state = where
    with errors_as(json=json):
        with plane(server, state, contracts) as there:
            asked, trusted = _chosen(there.past, choice), there.is_local
        _refuse_other(asked, expect)
        if approved or not choice.whose:
            one_is_named = len(asked) == 1 and bool(choice.whose)
            _show(asked, quiet=json, trusted=trusted)
            sure = yes or (one_is_named and not sys.stdin.isatty())
            if not sure:
                how, what = "Approve" if approved else "Reject", "it" if len(asked) == 1 else f"these {len(asked)}"
                confirm(f"{how} {what}?", can_ask=not json)
    act([_answer(*one, message, approved=approved) for one in asked], server, contracts, state, json=json)


def _chosen(past: Past, choice: _Choice) -> Sequence[Asked]:
    choice.refuse_several()
    if choice.whose:
        return [_question(past.enver(enver), input) for enver, input in _pairs(choice.whose)]
    team, stage = choice.team, choice.stage
    envers = (enver for enver in past.all_envers() if stage in (None, enver.stage))
    found = [(enver, one) for enver in envers for one in enver.asks if team in (None, one.gate, one.escalated)]
    if not found:
        where = f"nothing waits for team {team}" if team else f"nothing is asked in {stage}" if stage else ""
        raise NothingAsked(where or "no enver asks anything")
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
        say(f"{naming.enver_label(enver.enver)}: {one.about}{_needs(one)}")
    if trusted and not quiet and any(one.gate for _, one in asked):
        say("who works on the state folder itself is trusted to speak for every team")


def _needs(one: QuestionView) -> str:
    """Who has to say yes, and who did."""
    from odmd.plan.words import clock

    said = [f"for {one.needs} to approve" if one.needs else f"for team {one.gate} to approve"] * bool(one.gate)
    said += [f"team {one.escalated} may, too"] * bool(one.escalated)
    said += [f"{' and '.join(one.given)} did, {one.lacks} more to go"] * bool(one.given)
    said += [f"until {clock(one.expires)}"] if one.expires else []
    return f" ({'; '.join(said)})" if said else ""


def _answer(enver: EnverView, one: QuestionView, why: str, *, approved: bool) -> Answering:
    from odmd.control.leading.wishes import Answering

    return Answering(enver.enver, one.input, approved, why, one.identity)
