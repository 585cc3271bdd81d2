"""What was found where an enver runs and is not as it was deployed, until it is over, or reverted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final, Literal, get_args

from odmd.control.scheduler.actor import Actor
from odmd.texts import first_of

DeviationSort = Literal[
    "gone", "template", "parameter", "tag", "output", "resource", "object", "image", "package", "value"
]
ALL_SORTS: Final[tuple[DeviationSort, ...]] = get_args(DeviationSort)
AT_A_GLANCE: Final[tuple[DeviationSort, ...]] = tuple(one for one in ALL_SORTS if one != "resource")
"""What every look finds; single resources take longer, and are looked at when somebody wants that."""
_ID_LENGTH: Final = 8
_NAMED: Final = 3
_DRIFTED: Final = "drifted: "


@dataclass(frozen=True, slots=True)
class WhoChanged:
    """Who made it otherwise, as far as the provider says."""

    by: str = ""
    """As the provider names him; empty: it does not say."""
    at: float = 0.0
    """Seconds since the epoch."""
    how: str = ""
    """What he asked for."""
    unknown: str = ""
    """Why nobody says who it was."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something that is not as it was deployed."""

    unit: str
    """Stack and the like."""
    sort: DeviationSort
    what: str
    """Which part of it: the name of a parameter, the path in a template."""
    expected: str
    """Empty: nothing, or nothing that may be told."""
    found: str
    mark: str = ""
    """Tells what was found apart from what may be found later, where neither may be told."""
    changed: WhoChanged | None = field(default=None, compare=False)
    """None: nobody was asked. Who it was makes it no other deviation."""

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it is."""
        return self.unit, self.sort, self.what

    @property
    def id(self) -> str:
        """What people name it by: another one as soon as something else is found there."""
        said = (*self.place, self.expected, self.found, self.mark)
        return sha256("\0".join(said).encode()).hexdigest()[:_ID_LENGTH]

    def __str__(self) -> str:
        return said_of(self.sort, self.what, self.unit)


def said_of(sort: str, what: str, unit: str) -> str:
    """`tag who of writer--main`; what is gone is no more than that."""
    return f"{what} of {unit}" if sort == "gone" else f"{sort} {what} of {unit}"


def gone_unit(name: str, what: str) -> Deviation:
    """A unit that somebody took away."""
    return Deviation(name, "gone", what, "is there", "is not there any more")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody says that it may be so."""

    by: Actor
    why: str
    at: float
    until: float | None
    """Seconds since the epoch; None: until it changes."""

    def is_over(self, at: float) -> bool:
        """Whether its time is over."""
        return self.until is not None and self.until <= at


@dataclass(frozen=True, slots=True)
class Finding:
    """A deviation since it was first seen."""

    deviation: Deviation
    since: float
    accepted: Acceptance | None = None

    def is_open(self, at: float) -> bool:
        """Whether nobody accepted it, or no longer."""
        return self.accepted is None or self.accepted.is_over(at)


Findings = tuple[Finding, ...]


def news(before: Findings, seen: Sequence[Deviation], sorts: Collection[str], at: float) -> tuple[Deviation, ...]:
    """What a look has found that was not known, or is known otherwise; values, each time, as they are to be written
    again; and what is so still, as far as it was looked at, and whose acceptance is over."""
    known, ended = {one.deviation for one in before}, over(before, seen, sorts)
    found = [one for one in seen if one.sort in sorts and (one not in known or one.sort == "value")]
    late = [one.deviation for one in before if one.accepted and one.is_open(at) and one.deviation not in ended]
    return tuple(dict.fromkeys((*found, *late)))


def over(before: Findings, seen: Sequence[Deviation], sorts: Collection[str]) -> tuple[Deviation, ...]:
    """What a look at some sorts did not find any more. Of a unit that is gone nothing else is so."""
    there, gone = set(seen), {one.unit for one in seen if one.sort == "gone"}
    known = (one.deviation for one in before)
    return tuple(one for one in known if one not in there and (one.sort in sorts or one.unit in gone))


def looked(before: Findings, found: Collection[Deviation], ended: Collection[Deviation], at: float) -> Findings:
    """The findings after a look."""
    stay = [one for one in before if one.deviation not in ended and one.deviation not in found]
    return tuple(sorted((*stay, *(Finding(one, at) for one in found)), key=lambda one: one.deviation.place))


def accepted(before: Findings, what: Collection[Deviation], said: Acceptance) -> Findings:
    """The findings after somebody accepted some."""
    return tuple(replace(one, accepted=said) if one.deviation in what else one for one in before)


def unaccepted(findings: Findings) -> Iterator[Deviation]:
    """Those because of which nobody can rely on what was deployed. One whose acceptance is over counts from the next
    look on, whatever that looks at; what stands in the parameter store is written again by itself, and says nothing of
    what runs."""
    return (one.deviation for one in findings if one.accepted is None and one.deviation.sort != "value")


def drift_said(findings: Findings) -> str:
    """`drifted: tag who of writer--main`; empty where nothing did."""
    named = list(dict.fromkeys(map(str, unaccepted(findings))))
    return because_drifted(first_of(named, _NAMED)) if named else ""


def because_drifted(what: str) -> str:
    """The reason of a run that brings it back; `left_by_run` knows it again."""
    return f"{_DRIFTED}{what}"


def is_about_drift(reason: str) -> bool:
    """Whether that is why a step is planned, or a run began."""
    return reason.startswith(_DRIFTED)


def left_by_run(findings: Findings, reasons: Iterable[str]) -> Findings:
    """Those known after a run that succeeded, given why it began. One that brings back what drifted brings back along
    what is accepted; of another, the next look says what it did not put right."""
    if any(map(is_about_drift, reasons)):
        return ()
    return tuple(one for one in findings if one.accepted)


@dataclass(frozen=True, slots=True)
class LastLook:
    """The last look at an enver: what it found is among the enver's findings."""

    enver: str
    at: float
    by: str
    run: int
    """The run that deployed what was looked at."""
    resources: bool = False
    """Whether every resource of its own was looked at."""
    unknown: str = ""
    """Why nobody could tell; empty where somebody looked."""
    unchecked: tuple[str, ...] = ()
    """What the provider cannot tell of."""
