"""How long a plan takes by size, with graph, state and heads in memory: `python bench/plan.py SERVICES`."""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable, Mapping

from generated import organisation

from odmd.graph import Graph, compile_contracts
from odmd.plan import Fingerprint, Plan, Recorded, RecordedEnver, RecordedValue, build_plan
from odmd.plan.markdown import markdown
from odmd.plan.wiring import Wiring


def main(services: int) -> None:
    """Prints one line."""
    graph = compile_contracts(organisation(services)).graph
    gc.freeze()
    prepared = seconds(lambda: Wiring(graph))
    sliced = seconds(lambda: [graph.slice(enver) for enver in graph.envers])
    wiring, recorded = Wiring(graph), deployed(graph)
    heads = dict.fromkeys(graph.envers, "c0ffee")
    pushed = {**heads, "s1/b..dev": "badcafe"}
    everything = seconds(lambda: build_plan(graph, recorded, dict.fromkeys(graph.envers, "badcafe"), wiring=wiring))
    one = seconds(lambda: build_plan(graph, recorded, pushed, wiring=wiring))
    plan: Plan = build_plan(graph, recorded, dict.fromkeys(graph.envers, "badcafe"), wiring=wiring)
    digested, said = seconds(plan.digest), seconds(lambda: markdown(plan))
    print(
        f"{services:6d} services {len(graph.envers):6d} envers  wiring {prepared:5.3f} s  slices {sliced:5.3f} s  "
        f"plan of everything {everything:5.3f} s  of one push {one:5.3f} s  "
        f"digest {digested:5.3f} s  markdown {said:5.3f} s  "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:4.0f} MB"
    )


def deployed(graph: Graph) -> Recorded:
    """Everything runs at one commit with version 1 of all that it consumes."""
    envers: Mapping[str, RecordedEnver] = {
        address: RecordedEnver(
            deployed=Fingerprint(
                "c0ffee", graph.slice(address), tuple(sorted((wire.name, wire.product) for wire in enver.wires))
            ),
            versions={wire.name: 1 for wire in enver.wires},
            unknown=False,
            runs_with=tuple((wire.product, 1) for wire in enver.wires),
        )
        for address, enver in graph.envers.items()
    }
    products = (product.address for enver in graph.envers.values() for product in enver.products)
    return Recorded(envers, {product: RecordedValue(1, product, product) for product in products})


def seconds(work: Callable[[], object]) -> float:
    """Of one call; the first, as nobody plans twice."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]))
