"""Where the end of the chain is written down outside of the database, so that who owns that cannot rewrite it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the log was up to one entry."""

    state: str
    """Which state it is of."""
    position: int
    link: str
    at: float
    """When it was written down; seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class KeptAnchor:
    """An anchor as it was found."""

    name: str
    """Where it stands, for people."""
    anchor: Anchor | None
    fault: str = ""
    """Why it proves nothing, if it does not."""


class Sheets(Protocol):
    """Small texts that are added, and never changed."""

    def add(self, name: str, text: str) -> None:
        """May come twice with the same text."""
        ...

    def all(self) -> Iterable[tuple[str, str]]:
        """(where it stands, its text), oldest first."""
        ...


class Anchors(Protocol):
    """Signed anchors."""

    def put(self, anchor: Anchor) -> None: ...

    def all(self) -> Sequence[KeptAnchor]:
        """Oldest first; those whose signature is wrong say so."""
        ...
