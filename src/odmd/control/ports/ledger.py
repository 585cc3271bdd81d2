"""The log as it can be proven: every entry is chained to the one before, so that what changed afterwards is found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

GENESIS: Final = "0" * 64
"""The link before the first entry of a chain."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it stands in the log, byte for byte."""

    position: int
    at: float
    type: str
    message: str
    """Id of the message that it answers."""
    body: str
    link: str | None
    """None: an older release wrote it, before there was a chain."""

    @property
    def payload(self) -> str:
        """The digest of its body, which is all that the link needs of it."""
        return sha256(self.body.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainBeginning:
    """Where the chain begins: with the entry after this position."""

    position: int
    link: str
    """That of the last entry that was forgotten, or `GENESIS`."""
    at: float
    """When it was put there; seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What an entry has that is looked for; without any of them, every one is."""

    types: tuple[str, ...] = ()
    """Names of classes: it is of one of them."""
    texts: tuple[str, ...] = ()
    """It holds all of them in its body, small and capital letters being the same where the database knows both."""
    since: float | None = None
    until: float | None = None
    """Seconds since the epoch: not before, and before."""


ANY: Final = Marks()


class Ledger(Protocol):
    """The log with its chain, to be read."""

    def beginning(self) -> ChainBeginning: ...

    def entries(
        self, after: int = 0, limit: int = 1000, marks: Marks = ANY, before: int | None = None
    ) -> Sequence[Entry]:
        """Those with a position greater than `after`, in order; with `before`, those below it, newest first."""
        ...


def link(before: str, position: int, at: float, type_: str, message: str, payload: str) -> str:
    """What chains an entry to the one before: a digest over that one's link and all that the entry says."""
    said = json.dumps([before, position, at, type_, message, payload], ensure_ascii=True, separators=(",", ":"))
    return sha256(said.encode()).hexdigest()


def link_of(before: str, entry: Entry) -> str:
    """The link that an entry should have."""
    return link(before, entry.position, entry.at, entry.type, entry.message, entry.payload)
