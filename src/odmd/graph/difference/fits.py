"""Whether who consumes something works with what is promised of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from odmd.graph.difference.both import Both
from odmd.graph.nodes import WireEdge
from odmd.graph.schemas import Json, misfits
from odmd.model.access import READ, READ_WRITE, WRITE

READS: Final = (READ, READ_WRITE)
WRITES: Final = (WRITE, READ_WRITE)


def no_longer_fits(both: Both, wire: WireEdge, promises: Json | None) -> Sequence[str]:
    """Why a consumer of the earlier contracts does not work with what is promised now."""
    mine = both.before.documents.get(wire.schema)
    if mine is None:
        return ()
    read = unmet(promises, mine, wire.uses) if wire.access in READS else ()
    written = misfits(mine, promises) if wire.access in WRITES and promises is not None else ()
    return [*read, *(f"from its writers: {wrong}" for wrong in written)]


def unmet(promises: Json | None, relied_on: Json, uses: Sequence[str] = ()) -> Sequence[str]:
    """What is relied on, or used of that, and not promised."""
    return ("no schema is promised any more",) if promises is None else misfits(promises, relied_on, uses)
