"""How what is asked is answered: by whom, by how many, when and until when, under the contracts in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.envers import Consent, Enver, OpenQuestion
from odmd.control.scheduler.questions import AboutInput, AboutSource, Question, key_of
from odmd.control.scheduler.values import RunInput
from odmd.graph import Graph
from odmd.graph.approvals import ApprovalNode, stage_subject


@dataclass(frozen=True, slots=True)
class Delegation:
    """Somebody answers for a team for a while."""

    to: str
    """His name."""
    team: str
    by: Actor
    """Of the team, or an admin."""
    until: float
    """Seconds since the epoch."""
    why: str

    @property
    def key(self) -> str:
        """What tells it from others."""
        return f"{self.team} {self.to}"


def gate_of(graph: Graph | None, enver: str, question: Question) -> str | None:
    """The team that a wire or a promotion names; None: it names none, or is none."""
    if graph is None or (declared := graph.envers.get(enver)) is None:
        return None
    match question:
        case AboutInput(name):
            return next((wire.gate for wire in declared.wires if wire.name == name), None)
        case AboutSource():
            return declared.approver
        case _:
            return None


def approval_of(graph: Graph | None, enver: str, question: Question, gate: str | None) -> ApprovalNode | None:
    """What has to be said about a question: as its wire or promotion says, else as its stage does."""
    if graph is None or not graph.governed.approvals:
        return None
    if (own := graph.governed.approval(f"{enver}:{key_of(question)}")) is not None:
        return own
    declared = graph.envers.get(enver)
    of_stage = graph.governed.approval(stage_subject(declared.stage)) if declared else None
    return replace(of_stage, by=gate) if of_stage and gate else of_stage


def opened(
    graph: Graph | None, enver: str, question: Question, content: RunInput, gate: str | None, root: int, at: float
) -> OpenQuestion:
    """A question that is asked now, with the times that its approval sets."""
    said = approval_of(graph, enver, question, gate)
    if said is None:
        return OpenQuestion(content, gate, root, at)
    return OpenQuestion(
        content,
        gate or said.by,
        root,
        at,
        expires=at + said.expires if said.expires else 0.0,
        remind=said.remind,
        reminded=at if said.remind else 0.0,
        escalates=at + said.escalate_after if said.escalate_to else 0.0,
    )


def next_due(offer: OpenQuestion) -> float:
    """When something is to happen to an open question by itself; 0: nothing is."""
    reminder = offer.reminded + offer.remind if offer.remind else 0.0
    return min((at for at in (offer.expires, offer.escalates, reminder) if at), default=0.0)


def first_due(enver: Enver) -> float:
    """The same of all that an enver asks."""
    return min((at for offer in enver.offers.values() if (at := next_due(offer))), default=0.0)


def delegated(delegations: Iterable[Delegation], name: str, at: float) -> Mapping[str, Delegation]:
    """The teams for which somebody answers now, besides his own."""
    return {one.team: one for one in delegations if one.to == name and one.until > at}


def still_lacking(said: ApprovalNode | None, given: Iterable[Consent], by: Actor) -> int:
    """How many others have to say so after somebody did."""
    names = {one.by.name for one in given} | {by.name}
    return max(0, (said.count if said else 1) - len(names))
