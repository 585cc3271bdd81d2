"""All that can be asked for: one list, which routes, messages and policies share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Action(StrEnum):
    """All that can be asked for."""

    READ = "read"
    READ_RECIPES = "read recipes"
    """Templates and assets may hold what no other read shows."""
    PLAN = "plan"
    CHANGE = "carry out plans"
    BREAK = "break contracts"
    """To carry out what those who read from it, or run beside it, do not understand: of each that breaks."""
    REPORT_DRIFT = "report drift"
    ACCEPT_DRIFT = "accept drift"
    """To say that what others changed may be so."""
    ANSWER = "answer"
    DELEGATE = "delegate"
    """To let somebody answer for a team."""
    HOLD_ANSWER = "hold answers"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel runs"
    CLONE = "clone"
    """To make clones of an enver, to have them stay, and to delete them."""
    ROLL_BACK = "roll back"
    RELEASE = "release"
    VERIFY = "verify"
    PREPARE = "prepare runs"
    CARRY_OUT = "carry out runs"
    RELOAD = "reload contracts"
    CHANGE_POLICIES = "change policies"
    """To put contracts in force whose policies are others."""
    MANAGE_TOKENS = "manage tokens"
    OWN_SESSIONS = "see and end own sessions"
    RECOVER = "recover a state"
    READ_CONFIG = "read config"
    """Private settings, which contracts do not have."""
    EDIT_CONFIG = "edit config"


class ActedOn(StrEnum):
    """What an action is about, as policies call it."""

    ENVER = "Enver"
    ORGANISATION = "Organisation"


class ActionGroup(StrEnum):
    """Actions that policies speak of together."""

    LOOK = "look"
    ACT = "act"
    GOVERN = "govern"


@dataclass(frozen=True, slots=True)
class About:
    """What an action is about, and with which others policies speak of it."""

    resource: ActedOn
    group: ActionGroup
    scope: str = "write"
    """The least that somebody has to be allowed at all."""


_LOOK: Final = About(ActedOn.ENVER, ActionGroup.LOOK, "read")
_PLAN: Final = About(ActedOn.ENVER, ActionGroup.LOOK)
_ACT: Final = About(ActedOn.ENVER, ActionGroup.ACT)
_GOVERN: Final = About(ActedOn.ORGANISATION, ActionGroup.GOVERN, "admin")
_RECIPES: Final = About(ActedOn.ORGANISATION, ActionGroup.GOVERN)

ABOUT: Final[Mapping[Action, About]] = MappingProxyType(
    {Action.READ: _LOOK, Action.PLAN: _PLAN}
    | dict.fromkeys((Action.CHANGE, Action.BREAK, Action.VERIFY, Action.ANSWER, Action.HOLD_ANSWER), _ACT)
    | dict.fromkeys((Action.REPORT_DRIFT, Action.ACCEPT_DRIFT), _ACT)
    | dict.fromkeys((Action.PAUSE, Action.RESUME, Action.CANCEL, Action.ROLL_BACK, Action.RELEASE), _ACT)
    | {Action.CLONE: _ACT}
    | dict.fromkeys((Action.READ_CONFIG, Action.EDIT_CONFIG), _ACT)
    | dict.fromkeys((Action.RELOAD, Action.CHANGE_POLICIES, Action.MANAGE_TOKENS, Action.RECOVER), _GOVERN)
    | {Action.READ_RECIPES: _RECIPES, Action.DELEGATE: About(ActedOn.ORGANISATION, ActionGroup.GOVERN)}
)
"""Those that policies decide on. The others do not wait for anybody: to prepare or to carry out the one run that a
token is for, and to end one's own session."""

GOVERNED: Final = frozenset(ABOUT)
