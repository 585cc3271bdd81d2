"""What one message costs the scheduler before it is committed, by size: `python bench/messages.py ENVERS`.

A leaf's push and its result, and a push of a root above everything: with nothing new from it, and with something.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time

from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.decide import handle
from odmd.control.scheduler.messages import ClaimRun, FinishRun, Head, Message, Publication, StartChange, UseContracts
from odmd.control.scheduler.setup import Limits, Setup
from odmd.control.scheduler.state import Dirty, State
from odmd.errors import Place
from odmd.graph import EnverNode, Graph, ProductNode, WireEdge

HERE = Place("generated.py", 1)

BENCH = Actor("bench", ActorKind.PERSON, "a benchmark", Scope.ADMIN)


def address(n: int) -> str:
    """Enver number n."""
    return f"s{n}/b..main"


def node(n: int, sources: set[int]) -> EnverNode:
    """An enver with one product, which consumes of some before it."""
    return EnverNode(
        address=address(n),
        build=f"s{n}",
        build_type="cdk",
        slot="b..main",
        repo=f"acme/s{n}",
        folder=".",
        team=f"team{n % 100}",
        revision="branch:main",
        stage="dev",
        stage_place=HERE,
        account=f"{n % 7:012d}",
        region="us-west-1",
        ephemeral=False,
        products=(ProductNode(f"{address(n)}/out", "out", "bench:Text"),),
        wires=tuple(wire(source, n) for source in sorted(sources)),
        place=HERE,
        built=None,
    )


def wire(source: int, consumer: int) -> WireEdge:
    """The product of one to another."""
    return WireEdge(
        consumer=address(consumer),
        name=f"in{source}",
        product=f"{address(source)}/out",
        kind="bench:Text",
        access="read",
        mode="automatic",
        gate=None,
        placeholder=None,
        place=HERE,
        producer=address(source),
    )


def layered(envers: int) -> Graph:
    """Enver 0 is above everything; each other one consumes of three before it."""
    sources = ({0, *(n * 7 % n, n * 13 % n, n // 2)} if n else set[int]() for n in range(envers))
    nodes = [node(n, before) for n, before in enumerate(sources)]
    return Graph("acme", "000000000000", {one.address: one for one in nodes}, {})


class Scheduler:
    """The scheduler alone: no store, no effects; what is committed elsewhere is forgotten here."""

    def __init__(self, graph: Graph) -> None:
        self.setup = Setup(graph, Limits(organisation=None))
        self.state, self.now, self.pushes, self.spent = State(), 0.0, 0, list[float]()
        self.tell(UseContracts(self.setup.contracts, 1))

    def tell(self, message: Message) -> float:
        """Seconds for one message."""
        self.now += 1
        began = time.perf_counter()
        handle(self.setup, self.state, message, self.now)
        self.spent.append(took := time.perf_counter() - began)
        self.state.dirty = Dirty()
        return took

    def push(self, *envers: int) -> float:
        self.pushes += 1
        heads = tuple(Head(address(n), f"commit {self.pushes}", self.setup.graph.slice(address(n))) for n in envers)
        return self.tell(StartChange("push", BENCH, "", heads))

    def finish(self, run: int, text: str) -> float:
        """The result of a run, after its claim."""
        self.tell(ClaimRun(run, "worker"))
        published = Publication(f"{self.state.runs[run].enver}/out", text, text, "bench:Text")
        return self.tell(FinishRun(run, 1, "sha256:assembly", (published,)))

    def finish_all(self, text: str) -> None:
        while self.state.runs:
            for run in list(self.state.runs):
                self.finish(run, text)


def main(envers: int) -> None:
    """Prints one line."""
    scheduler = Scheduler(layered(envers))
    scheduler.push(*range(envers))
    scheduler.finish_all("first")
    scheduler.spent.clear()
    gc.collect()
    gc.freeze()
    for _ in range(300):
        scheduler.push(envers - 1)
        scheduler.finish_all("first")
    leaf = scheduler.spent[:]
    push = scheduler.push(0)
    (run,) = scheduler.state.runs
    nothing = scheduler.finish(run, "first")
    scheduler.push(0)
    (run,) = scheduler.state.runs
    everything = scheduler.finish(run, "second")
    print(
        f"{envers:7d} envers  a leaf's message: median {statistics.median(leaf) * 1e3:5.2f} ms, "
        f"p99 {statistics.quantiles(leaf, n=100)[98] * 1e3:5.2f} ms  a root's push: {push:5.2f} s, "
        f"its result with nothing new: {nothing:5.2f} s, with a new value: {everything:5.2f} s"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
