"""The inputs of an enver that stays under what the contracts said earlier: their names are those of then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from odmd.graph import WireEdge
from odmd.plan.recorded import RecordedEnver
from odmd.plan.wiring import Wiring


class Inlet(NamedTuple):
    """An input by its name, and the wire of these contracts that leads to it; without one, it stands still."""

    name: str
    wire: WireEdge | None
    latch: bool


def is_earlier(wiring: Wiring, enver: str, slice: str, consumed_under: str) -> bool:
    """Whether what an enver is to run under is not what the contracts say, and it had its inputs by that."""
    return slice == consumed_under and slice != wiring.graph.slice(enver)


def leading_to(wiring: Wiring, enver: str, name: str, product: str) -> tuple[WireEdge, bool] | None:
    """The wire of these contracts that leads to what was consumed under that name, and whether it is a latch."""
    found = [(wire, latch) for wire, latch in wiring.inputs[enver] if wire.product == product]
    return next((one for one in found if one[0].name == name), found[0] if found else None)


def inlets(wiring: Wiring, enver: str, recorded: RecordedEnver, slice: str) -> Sequence[Inlet]:
    """The inputs of an enver that is to run under that slice of the contracts."""
    if not is_earlier(wiring, enver, slice, recorded.consumed_under):
        return [Inlet(wire.name, wire, latch) for wire, latch in wiring.inputs[enver]]
    found = ((name, leading_to(wiring, enver, name, of)) for name, (of, _) in sorted(recorded.consumed.items()))
    return [Inlet(name, *one) if one else Inlet(name, None, latch=False) for name, one in found]
