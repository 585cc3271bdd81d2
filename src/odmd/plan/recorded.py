"""What a plan starts from: the part of the recorded state that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from odmd.plan.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """The current value of a product."""

    version: int
    text: str
    identity: str


@dataclass(frozen=True, slots=True)
class RecordedEnver:
    """What an enver runs, and with which versions of its inputs."""

    deployed: Fingerprint | None
    versions: Mapping[str, int]
    """Input name → consumed version."""
    unknown: bool
    """A failed run left behind something that nobody knows."""
    failure: str = ""
    """Why the last run failed, while it is not made good."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything at one position of the log."""

    envers: Mapping[str, RecordedEnver]
    values: Mapping[str, RecordedValue]
