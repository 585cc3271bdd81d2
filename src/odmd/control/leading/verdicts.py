"""What was found of two documents is kept in the state, so that no other command has to compare them again.

There are so many shelves and no more, each of which forgets its oldest verdicts, and all of them when what compares is
another release. Two that write at the same time may lose what one of them found: it is compared again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from odmd.control.ports.reads import Documents
from odmd.control.scheduler.codec import Body
from odmd.graph.schemas import Comparison
from odmd.graph.schemas.comparer import Compared
from odmd.graph.schemas.release import comparer_release

_SHELVES: Final = 64
_LARGEST: Final = 1_000_000
"""Characters of what a shelf holds."""


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """What was found of two documents."""

    written: str
    read: str
    uses: list[str]
    was: str
    misfits: list[str]
    doubts: list[str]

    def size(self) -> int:
        """About as many characters as it takes."""
        return 400 + sum(len(one) + 4 for one in (*self.uses, *self.misfits, *self.doubts))


@dataclass(frozen=True, slots=True)
class VerdictShelf:
    """Verdicts of one release, the oldest first."""

    release: str
    verdicts: list[KeptVerdict] = field(default_factory=list[KeptVerdict])


_SHELF: Final = Body(VerdictShelf)


class KeptVerdicts:
    """Those of a state, read as they are asked for."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._shelves: dict[str, dict[Compared, KeptVerdict]] = {}
        self._changed: set[str] = set()

    def find(self, of: Compared) -> Comparison | None:
        """What was found of it before, if that is known still."""
        found = self._shelf(_name(of)).get(of)
        return Comparison(tuple(found.misfits), tuple(found.doubts)) if found else None

    def add(self, of: Compared, found: Comparison) -> None:
        """Remembers it; `keep` writes it down."""
        written, read, uses, was = of
        self._shelf(_name(of))[of] = KeptVerdict(
            written, read, list(uses), was, list(found.misfits), list(found.doubts)
        )
        self._changed.add(_name(of))

    def keep(self) -> None:
        """Writes down what was added."""
        for name in sorted(self._changed):
            shelf = VerdictShelf(comparer_release(), _newest(list(self._shelves[name].values())))
            self._documents.put(name, _SHELF.encode(shelf))
        self._changed.clear()

    def _shelf(self, name: str) -> dict[Compared, KeptVerdict]:
        if name not in self._shelves:
            shelf = _read(self._documents.get(name))
            there = shelf.verdicts if shelf and shelf.release == comparer_release() else ()
            self._shelves[name] = {Compared(one.written, one.read, tuple(one.uses), one.was): one for one in there}
        return self._shelves[name]


def _read(text: str | None) -> VerdictShelf | None:
    """None of what another release may have written, too."""
    if text is None:
        return None
    try:
        return _SHELF.read(text)
    except ValueError:
        return None


def _newest(verdicts: list[KeptVerdict]) -> list[KeptVerdict]:
    """The newest that there is room for; the very newest in any case."""
    left = _LARGEST
    kept: list[KeptVerdict] = []
    for one in reversed(verdicts):
        left -= one.size()
        if kept and left < 0:
            break
        kept.append(one)
    return kept[::-1]


def _name(of: Compared) -> str:
    """The shelf of a document that is written: whoever reads it is looked for there."""
    return f"verdicts/{int(hashlib.sha256(of.written.encode()).hexdigest(), 16) % _SHELVES}"
