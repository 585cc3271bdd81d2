"""Who may do what: one pure question, asked at the border.

What a token is good for and whom a gate waits for, nothing widens; the policies of the contracts, if they have any,
decide on what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Final

from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.approvals import approval_of
from odmd.control.scheduler.envers import OpenQuestion
from odmd.control.scheduler.questions import FIRST, AboutInput, Question, called
from odmd.graph import Graph
from odmd.graph.approvals import ApprovalNode
from odmd.model import naming
from odmd.policy.actions import ABOUT, ActedOn, Action
from odmd.policy.principals import AnswerContext, Who

__all__ = ["NEEDS", "Action", "Admins", "Refusal", "Subject", "approver", "may", "seen_by"]


class Admins(Enum):
    """In a team's place: nobody but admins."""

    ONLY = "admins only"


NEEDS: Final[Mapping[Action, Scope]] = MappingProxyType(
    {action: Scope(about.scope) for action, about in ABOUT.items()}
    | {Action.PREPARE: Scope.PREPARE, Action.CARRY_OUT: Scope.RUN}
)
"""The least that somebody has to be allowed at all for an action; one that is not here is whose he is who asks."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is about."""

    what: str = ""
    """In words; an address, a scope, a run."""
    enver: str = ""
    question: Question | None = None
    """That is answered, and what it was asked about."""
    offer: OpenQuestion | None = None
    run: int | None = None
    whose: str | Admins | None = None
    """The team whose private settings it is about; None: everybody's."""
    envers: tuple[str, ...] = ()
    """All that it is about, where that is not one."""
    authors: tuple[str, ...] = ()
    """Who began what is answered."""
    approves: bool = False
    """Whether it is answered with yes."""
    at: float = 0.0
    """When; seconds since the epoch."""
    delegated: tuple[str, ...] = ()
    """Teams for which somebody answers now, besides his own."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody may not do something, and what to do next."""

    reason: str
    next_step: str
    enver: str = ""
    """Which of those it was about."""


def may(actor: Actor, action: Action, subject: Subject, graph: Graph | None) -> Refusal | None:
    """Whether somebody may do something, under these contracts: None, or the reason why not."""
    if action not in NEEDS:
        return None
    if not actor.scope.includes(NEEDS[action]) or (subject.run is not None and actor.run not in (None, subject.run)):
        good_for = actor.scope.value if actor.run is None else f"{actor.scope.value} {actor.run}"
        needed = Scope.RUN if subject.run is not None else NEEDS[action]
        return Refusal(
            f"the token of {actor.name} is good for {good_for}, and this needs {needed.value}",
            f"use a token for it: `odmd token create NAME --scope {needed.value}`",
        )
    refusal = None
    if action is Action.ANSWER and subject.question is not None and subject.offer is not None:
        actor = replace(actor, teams=(*actor.teams, *subject.delegated))
        refusal = _may_answer(actor, subject, graph, subject.question, subject.offer)
    if action is Action.DELEGATE:
        refusal = _may_delegate(actor, subject)
    if action in (Action.READ_CONFIG, Action.EDIT_CONFIG):
        refusal = _may_configure(actor, action, subject)
    return refusal or _by_policies(actor, action, subject, graph)


def _is_governed(actor: Actor, graph: Graph | None) -> bool:
    """Whether policies decide. Who breaks the glass stands above them, and the log says so with all that he does."""
    broke = bool(actor.glass) and actor.scope is Scope.ADMIN
    return graph is not None and bool(graph.governed.policies) and actor.kind is not ActorKind.ODMD and not broke


def _by_policies(actor: Actor, action: Action, subject: Subject, graph: Graph | None) -> Refusal | None:
    if graph is None or action not in ABOUT or not _is_governed(actor, graph):
        return None
    from odmd.policy.judge import judge_of  # it takes a tenth of a second, and who has no policies has no use for it

    judge, who, asked = judge_of(graph), principal(actor), _asked(actor, subject, graph)
    envers = subject.envers or ((subject.enver,) if subject.enver else ())
    about = (None,) if ABOUT[action].resource is ActedOn.ORGANISATION else envers
    for enver in about:
        verdict = judge.decide(who, action, enver, asked)
        if not verdict.allowed:
            where = f" {naming.enver_label(enver)}" if enver else ""
            why = verdict.failed or tuple(f"{one} forbids it" for one in verdict.by) or ("no policy permits it",)
            return Refusal(
                f"{actor.name} may not {action}{':' * bool(where)}{where}: {'; '.join(why)}",
                f"`odmd policy who-can '{action}'{where}` says who may",
                enver or "",
            )
    return None


def seen_by(actor: Actor, graph: Graph) -> Callable[[str], bool] | None:
    """Whether somebody may see an enver, by its address; None: he sees all that there is."""
    if not _is_governed(actor, graph):
        return None
    from odmd.policy.judge import judge_of

    judge, who = judge_of(graph), principal(actor)
    if judge.sees_all(who):
        return None
    return lambda enver: judge.decide(who, Action.READ, enver).allowed


def principal(actor: Actor) -> Who:
    """Who acts, as policies see him."""
    return Who(actor.name, actor.kind.value, actor.scope.value, frozenset(actor.teams))


def _asked(actor: Actor, subject: Subject, graph: Graph) -> AnswerContext:
    if subject.question is None or subject.offer is None:
        return AnswerContext()
    team = approver(graph, subject.enver, subject.question, subject.offer)
    is_input = isinstance(subject.question, AboutInput)
    label, name = naming.enver_label(subject.enver), called(subject.question)
    return AnswerContext(
        own=not subject.authors or actor.name in subject.authors,  # whose it is not known to be may be his
        about="input" if is_input else name,
        gate=team if isinstance(team, str) else "",
        wire=f"{label}.{name}" if is_input else "",
    )


def _may_configure(actor: Actor, action: Action, subject: Subject) -> Refusal | None:
    if actor.scope is Scope.ADMIN or subject.whose is None or subject.whose in actor.teams:
        return None
    if isinstance(subject.whose, Admins):
        return Refusal(f"{subject.what} is for an admin to edit", "ask an admin, or say it in a layer of your own")
    return Refusal(
        f"{actor.name} may not {action}: {subject.what} is team {subject.whose}'s",
        f"ask somebody of {subject.whose}, or an admin; tokens have teams: `odmd token create --team {subject.whose}`",
    )


def approver(graph: Graph | None, enver: str, question: Question, offer: OpenQuestion) -> str | Admins | None:
    """The team that answers an offer, or admins only; None: whoever may write.

    Data is its enver's team's to lose; that of an enver which left the contracts is no team's any more.
    """
    if (said := approval_of(graph, enver, question, offer.gate)) is not None:
        return said.by
    if question not in FIRST or offer.gate:
        return offer.gate
    declared = graph.envers.get(enver) if graph else None
    return declared.team if declared else Admins.ONLY


def _may_answer(
    actor: Actor, subject: Subject, graph: Graph | None, question: Question, offer: OpenQuestion
) -> Refusal | None:
    team = approver(graph, subject.enver, question, offer)
    asked_too = (offer.escalated,) if offer.escalated else ()
    if actor.scope is not Scope.ADMIN and team is not None and not {team, *asked_too}.intersection(actor.teams):
        declared = graph.envers.get(subject.enver) if graph else None
        if subject.approves or declared is None or declared.team not in actor.teams:  # who asks may take it back
            return _not_asked(subject, team)
    said = approval_of(graph, subject.enver, question, offer.gate)
    return _not_so(actor, subject, said) if said and subject.approves and not actor.glass else None


def _not_so(actor: Actor, subject: Subject, said: ApprovalNode) -> Refusal | None:
    """Why somebody of those who are asked may not say yes, or not now."""
    if not said.author and (not subject.authors or actor.name in subject.authors):
        whose = "what it goes back to was begun by him" if subject.authors else "nobody knows who began it"
        return Refusal(
            f"{actor.name} may not approve {subject.what} of {naming.enver_label(subject.enver)}: {whose}",
            f"ask somebody else of {said.by}",
        )
    if said.hours is not None and not said.hours.have(subject.at):
        return Refusal(
            f"{subject.what} of {naming.enver_label(subject.enver)} is approved in {said.hours} only",
            f"come back at {said.hours.next(subject.at):%A %H:%M}",
        )
    return None


def _may_delegate(actor: Actor, subject: Subject) -> Refusal | None:
    if actor.scope is Scope.ADMIN or subject.whose is None or subject.whose in actor.teams:
        return None
    return Refusal(
        f"{actor.name} answers for {', '.join(actor.teams) or 'no team'}, and cannot let others answer for "
        f"{subject.whose}",
        f"ask somebody of {subject.whose}, or an admin",
    )


def _not_asked(subject: Subject, team: str | Admins) -> Refusal:
    if isinstance(team, Admins):
        return Refusal(
            f"{naming.enver_label(subject.enver)} left the contracts, and {subject.what} is for an admin to answer",
            "ask an admin, or declare it again: then its team answers",
        )
    return Refusal(
        f"{subject.what} of {naming.enver_label(subject.enver)} waits for team {team}",
        f"ask somebody of {team}, or an admin; tokens have teams: `odmd token create --team {team}`",
    )
