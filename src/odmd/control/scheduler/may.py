"""Who may do what: one list of actions, which routes and messages share, and one pure question, asked at the border."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final

from odmd.control.scheduler.actor import Actor, Scope
from odmd.control.scheduler.envers import OpenQuestion
from odmd.control.scheduler.questions import LOSS, LOST, Question
from odmd.graph import Graph
from odmd.model import naming


class Admins(Enum):
    """In a team's place: nobody but admins."""

    ONLY = "admins only"


class Action(StrEnum):
    """All that can be asked for."""

    READ = "read"
    READ_RECIPES = "read recipes"
    """Templates and assets may hold what no other read shows."""
    PLAN = "plan"
    CHANGE = "carry out plans"
    REPORT_DRIFT = "report drift"
    ANSWER = "answer"
    HOLD_ANSWER = "hold answers"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel runs"
    ROLL_BACK = "roll back"
    RELEASE = "release"
    CARRY_OUT = "carry out runs"
    RELOAD = "reload contracts"
    MANAGE_TOKENS = "manage tokens"
    OWN_SESSIONS = "see and end own sessions"
    RECOVER = "recover a state"
    READ_CONFIG = "read config"
    """Private settings, which contracts do not have."""
    EDIT_CONFIG = "edit config"


NEEDS: Final[Mapping[Action, Scope]] = MappingProxyType(
    dict.fromkeys((one for one in Action if one is not Action.OWN_SESSIONS), Scope.WRITE)
    | {Action.READ: Scope.READ, Action.CARRY_OUT: Scope.RUN}
    | dict.fromkeys((Action.RELOAD, Action.MANAGE_TOKENS, Action.RECOVER), Scope.ADMIN)
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody may not do something, and what to do next."""

    reason: str
    next_step: str


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
    if action is Action.ANSWER and subject.question is not None and subject.offer is not None:
        return _may_answer(actor, subject, approver(graph, subject.enver, subject.question, subject.offer))
    if action in (Action.READ_CONFIG, Action.EDIT_CONFIG):
        return _may_configure(actor, action, subject)
    return None


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
