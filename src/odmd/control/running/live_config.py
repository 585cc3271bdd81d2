"""Config that a run writes where services read it, live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class LiveText:
    """One config to be written."""

    text: str
    """JSON."""
    known: tuple[str, ...]
    """What this state may have written there: whatever else is found, somebody wrote by hand."""
    stays: bool
    """Whether it is what surely stood there before the run: then there is nothing to bring, unless nothing is there."""


@dataclass(frozen=True, slots=True)
class LiveConfig:
    """All that one run writes and removes."""

    write: Mapping[str, LiveText] = field(default_factory=dict[str, LiveText])
    """By name."""
    clear: tuple[str, ...] = ()
    """Names of those that no service reads any more."""

    def __bool__(self) -> bool:
        return bool(self.write or self.clear)


NOTHING_LIVE: Final = LiveConfig()
