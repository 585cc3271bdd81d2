"""Who may do what: one pure question, asked at the border.

What a token is good for and whom a gate waits for, nothing widens; the policies of the contracts, if they have any,
decide on what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.envers import OpenQuestion
from odmd.control.scheduler.questions import LOSS, LOST, AboutInput, Question, called
from odmd.graph import Graph
from odmd.model import naming
from odmd.policy.actions import ABOUT, ActedOn, Action
from odmd.policy.principals import AnswerContext, Who

__all__ = ["NEEDS", "Action", "Admins", "Refusal", "Subject", "approver", "may", "seen_by"]


class Admins(Enum):
    """In a team's place: nobody but admins."""

    ONLY = "admins only"


NEEDS: Final[Mapping[Action, Scope]] = MappingProxyType(
    {action: Scope(about.scope) for action, about in ABOUT.items()} | {Action.CARRY_OUT: Scope.RUN}
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
        good_for = f"run {actor.run}" if actor.run is not None else actor.scope.value
        needed = Scope.RUN if subject.run is not None else NEEDS[action]
        return Refusal(
            f"the token of {actor.name} is good for {good_for}, and this needs {needed.value}",
            f"use a token for it: `odmd token create NAME --scope {needed.value}`",
        )
    refusal = None
    if action is Action.ANSWER and subject.question is not None and subject.offer is not None:
        refusal = _may_answer(actor, subject, approver(graph, subject.enver, subject.question, subject.offer))
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
    if question not in (LOSS, LOST) or offer.gate:
        return offer.gate
    declared = graph.envers.get(enver) if graph else None
    return declared.team if declared else Admins.ONLY


def _may_answer(actor: Actor, subject: Subject, team: str | Admins | None) -> Refusal | None:
    if actor.scope is Scope.ADMIN or team is None or team in actor.teams:
        return None
    if isinstance(team, Admins):
        return Refusal(
            f"{naming.enver_label(subject.enver)} left the contracts, and {subject.what} is for an admin to answer",
            "ask an admin, or declare it again: then its team answers",
        )
    return Refusal(
        f"{subject.what} of {naming.enver_label(subject.enver)} waits for team {team}",
        f"ask somebody of {team}, or an admin; tokens have teams: `odmd token create --team {team}`",
    )
