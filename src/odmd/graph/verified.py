"""How an enver is verified once it is deployed, as data."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast, get_args

from odmd.errors import ContractsNotLoaded
from odmd.graph.digests import values_said
from odmd.model import AlarmCheck, Check, CommandCheck, Enver, HttpCheck, SuiteCheck, naming


@dataclass(frozen=True, slots=True)
class Verification:
    """Checks in their order, a list for each kind so that what is kept of them says which is which."""

    suites: tuple[SuiteCheck, ...] = ()
    commands: tuple[CommandCheck, ...] = ()
    answers: tuple[HttpCheck, ...] = ()
    alarms: tuple[AlarmCheck, ...] = ()
    order: tuple[str, ...] = ()
    """Names of all of them, in the order in which they are made."""
    rolls_back: bool = False
    """Whether an enver that does not pass goes back to what passed before."""
    bake_minutes: float = 0
    """How long it runs before promotions take it over."""

    def check(self, name: str) -> Check:
        """The one of a name.

        Raises:
            KeyError
        """
        for one in (*self.suites, *self.commands, *self.answers, *self.alarms):
            if one.label == name:
                return one
        raise KeyError(name)

    def in_slice(self) -> Sequence[object]:
        """For digests; nothing where nothing is said, so that digests stay as older releases made them."""
        if not self.order:
            return ()
        said = [(type(one).__name__, *values_said(one, _LATER)) for one in map(self.check, self.order)]
        return (("verified by", said, self.rolls_back, self.bake_minutes),)

    @property
    def rights(self) -> Sequence[str]:
        """What its checks may do in AWS, each action once."""
        return tuple(dict.fromkeys(action for one in (*self.suites, *self.commands) for action in one.may))


_LATER: Final = ("may",)
UNVERIFIED: Final = Verification()


def only(suite: SuiteCheck) -> Verification:
    """By this suite and by nothing else."""
    return Verification(suites=(suite,), order=(suite.label,))


def _checks(enver: Enver) -> Sequence[Check]:
    """One alone, without the comma that makes a tuple of it, is meant as one."""
    said: object = enver.verified_by
    given = [said] if isinstance(said, get_args(Check)) else cast("Sequence[object]", said)
    if isinstance(given, (tuple, list)) and all(isinstance(one, get_args(Check)) for one in given):
        return cast("Sequence[Check]", given)
    raise ContractsNotLoaded(
        f"{naming.enver_label(enver.address)} takes checks as verified_by, not {reprlib.repr(said)}",
        place=enver.place,
        next_step='write verified_by = (SuiteCheck("tests"),)',
    )


def read_verification(enver: Enver) -> Verification:
    """What an enver says of it.

    Raises:
        ContractsNotLoaded: something else than checks.
    """
    if not (checks := _checks(enver)):
        return UNVERIFIED
    return Verification(
        tuple([one for one in checks if isinstance(one, SuiteCheck)]),
        tuple([one for one in checks if isinstance(one, CommandCheck)]),
        tuple([one for one in checks if isinstance(one, HttpCheck)]),
        tuple([one for one in checks if isinstance(one, AlarmCheck)]),
        tuple([one.label for one in checks]),
        enver.on_red == "roll back",
        enver.bake_minutes,
    )
