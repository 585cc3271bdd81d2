"""What a look at running envers found, as it is told: here and over HTTP the same."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.running.observing import Finding


@dataclass(frozen=True, slots=True)
class EnverDrift:
    """One enver, as it runs beside how it was deployed."""

    enver: str
    findings: tuple[Finding, ...] = ()
    unknown: str = ""
    """Why nobody can tell; empty where somebody looked."""
    unchecked: tuple[str, ...] = ()
    """Resources that the provider cannot tell of."""


@dataclass(frozen=True, slots=True)
class DriftView:
    """A look at some envers."""

    envers: tuple[EnverDrift, ...]
    at: float
    """When it began; seconds since the epoch."""

    def drifted(self) -> tuple[EnverDrift, ...]:
        """Those that are not as they were deployed."""
        return tuple(one for one in self.envers if one.findings)
