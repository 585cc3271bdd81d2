"""What is known of envers that are not as they were deployed, as it is told: here and over HTTP the same."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.scheduler.drift import Deviation, Finding, LastLook, said_of
from odmd.control.scheduler.envers import Enver


@dataclass(frozen=True, slots=True)
class AcceptedView:
    """Somebody says that it may be so."""

    by: str
    why: str
    at: float
    until: float | None
    """Seconds since the epoch; null: until it changes."""


@dataclass(frozen=True, slots=True)
class ChangedView:
    """Who made it so, as far as the provider says."""

    by: str
    """Empty: it does not say."""
    at: float | None
    """Seconds since the epoch."""
    how: str
    unknown: str
    """Why nobody says who it was."""


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something that is not as it was deployed."""

    id: str
    """What it is accepted by; another one as soon as something else is found there."""
    unit: str
    """Stack and the like."""
    sort: str
    what: str
    """Which part of it: the name of a parameter, the path in a template."""
    expected: str
    """Empty: nothing, or nothing that may be told."""
    found: str
    since: float
    """When it was first seen; seconds since the epoch."""
    accepted: AcceptedView | None = None
    changed: ChangedView | None = None
    """null: nobody was asked."""


@dataclass(frozen=True, slots=True)
class EnverDrift:
    """One enver, as it runs beside how it was deployed."""

    enver: str
    findings: tuple[FindingView, ...] = ()
    """What nobody accepted."""
    accepted: tuple[FindingView, ...] = ()
    unknown: str = ""
    """Why nobody can tell; empty where somebody looked."""
    unchecked: tuple[str, ...] = ()
    """Resources that the provider cannot tell of."""
    at: float | None = None
    """When somebody looked last; seconds since the epoch; null: nobody did since its last run."""
    by: str = ""
    resources: bool = False
    """Whether every resource of its own was looked at then."""


@dataclass(frozen=True, slots=True)
class DriftView:
    """What is known of some envers."""

    envers: tuple[EnverDrift, ...]
    at: float
    """When it was told; seconds since the epoch."""

    def drifted(self) -> tuple[EnverDrift, ...]:
        """Those that are not as they were deployed, and that nobody accepted so."""
        return tuple(one for one in self.envers if one.findings)


def in_words(finding: FindingView) -> str:
    """`tag who of writer--main`."""
    return said_of(finding.sort, finding.what, finding.unit)


def enver_drift(enver: Enver, last: LastLook | None, now: float) -> EnverDrift:
    """As known after the last look; one at what an earlier run deployed says nothing any more."""
    views = [(one.is_open(now), _view(one, now)) for one in enver.drift]
    look = last if last and last.run == enver.deployed_by else None
    return EnverDrift(
        enver.address,
        tuple(view for is_open, view in views if is_open),
        tuple(view for is_open, view in views if not is_open),
        unknown=look.unknown if look else "",
        unchecked=look.unchecked if look else (),
        at=look.at if look else None,
        by=look.by if look else "",
        resources=bool(look and look.resources),
    )


def _view(finding: Finding, now: float) -> FindingView:
    one, said = finding.deviation, None if finding.is_open(now) else finding.accepted
    accepted = AcceptedView(said.by.name, said.why, said.at, said.until) if said else None
    return FindingView(one.id, *one.place, one.expected, one.found, finding.since, accepted, _changed(one))


def _changed(one: Deviation) -> ChangedView | None:
    who = one.changed
    return ChangedView(who.by, who.at or None, who.how, who.unknown) if who else None
