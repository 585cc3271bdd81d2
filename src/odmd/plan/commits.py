"""What commits say of themselves, for people: labels that nobody proves, and that decide nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a commit, by the name that he gave; his address is his own affair, and kept nowhere."""

    name: str
    at: float | None = None
    """When he wrote it, by his clock: seconds since the epoch; None: no time that there is."""


@dataclass(frozen=True, slots=True)
class CommitSaid:
    """What one says."""

    subject: str = ""
    """The first line of its message."""
    author: Author | None = None
    """None: it names nobody, or nobody looked."""


NOTHING_SAID = CommitSaid()
