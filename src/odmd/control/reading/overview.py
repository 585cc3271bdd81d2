"""Builds by stages: the state of every enver at one look, and what waits for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.reading.views import EnverView, QuestionView
from odmd.graph import EnverNode, Graph
from odmd.graph.views.scope import focus
from odmd.model import naming

DECLARED: Final = "declared"
"""In the contracts, and never deployed so far."""


@dataclass(frozen=True, slots=True)
class OverviewAsked:
    """Which builds, and how many at a time; nothing said: all."""

    text: str = ""
    """In a build's name."""
    teams: tuple[str, ...] = ()
    state: str = ""
    """Builds that have an enver in it."""
    after: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class CellView:
    """One enver, as small as it can be told."""

    enver: str
    label: str
    stage: str
    state: str
    """As that of an enver, or `declared`: it is in the contracts, and was never deployed."""
    commit: str
    lag: int
    """Of the input that is furthest behind: how many newer versions there are."""
    asks: int
    overdue: int
    """How many objectives it does not meet."""
    clone: bool


@dataclass(frozen=True, slots=True)
class BuildRow:
    """A build with its envers, in the declared order of stages."""

    build: str
    type: str
    team: str
    envers: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class OverviewView:
    """What there is, and how it is."""

    organisation: str
    stages: tuple[str, ...]
    """Those that have envers, in their declared order; then those that are declared no more."""
    teams: tuple[str, ...]
    states: dict[str, int]
    """State → how many envers are in it, of all that whoever asks sees."""
    questions: int
    """How many wait for an answer, of anybody."""
    furthest: str
    """The enver that is furthest behind; empty: nobody is."""
    furthest_lag: int
    """By how many versions."""
    found: int
    """Builds that fit what was asked for."""
    builds: tuple[BuildRow, ...]
    next: str | None
    """The build after which the next page begins; null after the last."""


@dataclass(frozen=True, slots=True)
class OpenQuestionView:
    """A question with what it is about, to be judged at one look."""

    enver: str
    label: str
    team: str
    stage: str
    question: QuestionView
    commit: str
    """What runs now."""
    subject: str
    given: str
    """What its enver runs with now, where it asks about an input; empty: nothing."""
    affects: int
    """How many envers are downstream of it, near and far."""


def overview(envers: Iterable[EnverView], graph: Graph, asked: OverviewAsked) -> OverviewView:
    """Of what is recorded and what is declared, as far as whoever asks sees both."""
    declared = graph.envers
    cells = {one.enver: _cell(one, declared.get(one.enver)) for one in envers if one.state != "removed"}
    cells |= {address: _declared(node) for address, node in declared.items() if address not in cells}
    rank = {stage: number for number, stage in enumerate(graph.stages)}
    rows = _rows(cells, declared, lambda one: (one.clone, rank.get(one.stage, len(rank)), one.label))
    found = [one for one in rows if _fits(one, asked)]
    begun = [one for one in found if one.build > asked.after]
    page = begun[: asked.limit]
    used = {one.stage for one in cells.values()} - {""}
    furthest = max(cells.values(), key=lambda one: one.lag, default=None)
    return OverviewView(
        organisation=graph.organisation,
        stages=(*(one for one in graph.stages if one in used), *sorted(used.difference(graph.stages))),
        teams=tuple(sorted({one.team for one in rows} - {""})),
        states=dict(Counter(one.state for one in cells.values())),
        questions=sum(one.asks for one in cells.values()),
        furthest=furthest.enver if furthest and furthest.lag else "",
        furthest_lag=furthest.lag if furthest else 0,
        found=len(found),
        builds=tuple(page),
        next=page[-1].build if len(page) < len(begun) else None,
    )


def open_questions(envers: Iterable[EnverView], graph: Graph) -> tuple[OpenQuestionView, ...]:
    """What waits for an answer, what asked first coming first."""
    found = [_open(one, question, graph) for one in envers for question in one.asks]
    return tuple(sorted(found, key=lambda one: (one.question.at, one.enver, one.question.input)))


def standing(of: EnverView | None) -> str:
    """In one word, for who looks at many."""
    was_deployed = of is not None and not (of.state == "unknown" and of.last_run is None)
    return of.state if of is not None and was_deployed else DECLARED


def _cell(of: EnverView, node: EnverNode | None) -> CellView:
    return CellView(
        enver=of.enver,
        label=naming.enver_label(of.enver),
        stage=of.stage or (node.stage if node else ""),
        state=standing(of),
        commit=of.commit or "",
        lag=max((one.lag for one in of.inputs), default=0),
        asks=len(of.asks),
        overdue=len(of.overdue),
        clone=naming.enver_label(of.enver).count("+") > 0,
    )


def _declared(node: EnverNode) -> CellView:
    return CellView(node.address, node.label, node.stage, DECLARED, "", 0, 0, 0, clone=node.origin is not None)


def _rows(
    cells: Mapping[str, CellView], declared: Mapping[str, EnverNode], order: Callable[[CellView], tuple[bool, int, str]]
) -> Sequence[BuildRow]:
    """By build."""
    of_build: dict[str, list[CellView]] = {}
    for address, cell in cells.items():
        of_build.setdefault(address.partition("/")[0], []).append(cell)
    return [_row(build, sorted(of_build[build], key=order), declared) for build in sorted(of_build)]


def _row(build: str, cells: Sequence[CellView], declared: Mapping[str, EnverNode]) -> BuildRow:
    """What only was recorded says nothing of a team."""
    node = next((declared[one.enver] for one in cells if one.enver in declared), None)
    return BuildRow(build, node.build_type if node else "", node.team if node else "", tuple(cells))


def _fits(row: BuildRow, asked: OverviewAsked) -> bool:
    return (
        asked.text.lower() in row.build.lower()
        and (not asked.teams or row.team in asked.teams)
        and (not asked.state or any(one.state == asked.state for one in row.envers))
    )


def _open(of: EnverView, question: QuestionView, graph: Graph) -> OpenQuestionView:
    node = graph.envers.get(of.enver)
    given = next((one for one in of.inputs if one.name == question.input), None)
    return OpenQuestionView(
        enver=of.enver,
        label=naming.enver_label(of.enver),
        team=node.team if node else "",
        stage=of.stage or (node.stage if node else ""),
        question=question,
        commit=of.commit or "",
        subject=of.subject,
        given=f"#{given.version} {given.value}" if given else "",
        affects=len(focus(graph, {}, of.enver, up=0, down=len(graph.envers)).shown or ()) - 1 if node else 0,
    )
