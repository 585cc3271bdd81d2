"""What 5,000 questions that wait for somebody cost a message about something else: `python bench/offers.py`. Between
messages a leader looks at its inbox and at nothing of the state, so they cost nothing there."""

from __future__ import annotations

import gc
import statistics
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from messages import Scheduler, node

from odmd.graph import Graph, WireEdge

OFFERS, MESSAGES = 5_000, 300


def organisation(*, gated: bool) -> Graph:
    """Enver 0 is above all but the last; with gates, these wait for somebody before they take what it publishes."""
    readers = [node(n, {0}) for n in range(1, OFFERS + 1)]
    if gated:
        readers = [replace(one, wires=tuple(_gated(wire) for wire in one.wires)) for one in readers]
    nodes = [node(0, set()), *readers, node(OFFERS + 1, set())]
    return Graph("acme", "000000000000", {one.address: one for one in nodes}, {})


def _gated(wire: WireEdge) -> WireEdge:
    return wire._replace(mode="gated", gate="baristas")


def main() -> None:
    """Prints two lines."""
    for gated in (False, True):
        scheduler = Scheduler(organisation(gated=gated))
        scheduler.push(*range(OFFERS + 2))
        scheduler.finish_all("first")
        asked = sum(len(one.offers) for one in scheduler.state.envers.values())
        gc.collect()
        scheduler.spent.clear()
        for _ in range(MESSAGES):
            scheduler.push(OFFERS + 1)
            scheduler.finish_all("first")
        took = statistics.median(scheduler.spent) * 1e6
        print(f"{asked:5,} open questions: a message about another enver takes {took:6.0f} µs")


if __name__ == "__main__":
    main()
