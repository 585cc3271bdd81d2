"""What an enver says of its products and inputs, as it runs or as it is to be, and when it moves from one to the other.

A document speaks of source: what a version promises and relies on is what the contracts said when that source was first
deployed, whatever they say since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from odmd.graph import EnverNode
from odmd.model.access import READ, WRITE


@dataclass(frozen=True)
class Version:
    """One enver under one slice of the contracts, with the documents that go with its source."""

    node: EnverNode
    schemas: Mapping[str, str]
    """Lasting name of a schema → digest of its document."""
    commit: str = ""

    def ends(self, product: str) -> Sequence[End]:
        """Its wires to a product; its own promise of it, where it makes it."""
        return self._ends.get(product, ())

    @cached_property
    def _ends(self) -> Mapping[str, list[End]]:
        found: dict[str, list[End]] = {}
        for wire in self.node.wires:
            end = self._end(wire.name, wire.schema, wire.uses, wire.access != READ, wire.access != WRITE)
            found.setdefault(wire.product, []).append(end)
        for one in self.node.products:
            found.setdefault(one.address, []).append(self._end("", one.schema, (), True, True))
        return found

    def _end(self, input: str, schema: str, uses: tuple[str, ...], writes: bool, reads: bool) -> End:
        node, document = self.node, self.schemas.get(schema, "")
        return End(node.address, input, node.team, schema, document, uses, writes, reads, self.commit)


class End(NamedTuple):
    """Who is at one end of a product, by one of its versions."""

    enver: str
    input: str
    """Empty: it makes the product."""
    team: str
    schema: str
    """Lasting name; empty: it says nothing."""
    document: str
    """Digest; empty: nobody knows it."""
    uses: tuple[str, ...]
    writes: bool
    reads: bool
    commit: str


@dataclass(frozen=True, slots=True)
class Move:
    """An enver is to be brought to another version."""

    to: Version
    at: int | None
    """Those of one number move beside each other, those of a smaller one before; None: whenever it likes."""
    held_by: str = ""
    """Who may do that still, as the answer that he got is held for him."""


@dataclass(frozen=True, slots=True)
class KnownVersions:
    """What is known of versions, to say which would fit."""

    declared: Callable[[str], Version | None]
    """What an enver would be by the contracts of today."""
    earlier: Callable[[str], Iterable[Version]]
    """Versions of an enver's build that were deployed, the newest first."""
