"""Simulation = reality: given what really came of each run, and when, it decides the same in the same order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from odmd.control.scheduler import events as e
from odmd.control.scheduler import messages as m
from odmd.control.scheduler.decide import handle
from odmd.control.scheduler.questions import Question
from odmd.control.scheduler.setup import Limits, Setup
from odmd.control.scheduler.start import following
from odmd.control.scheduler.state import Dirty
from odmd.graph import Graph
from odmd.simulate import Push, from_deployed
from odmd.simulate.clock import Clock, Ending, Starting
from support.actors import SOMEBODY, somebody
from support.worlds import graph_of, node, wire

GRACE = 5.0
Decision = tuple[object, ...]


def decisions(events: Sequence[e.Event]) -> list[Decision]:
    """What was decided, without its moment."""
    found: list[Decision] = []
    for event in events:
        match event:
            case e.RunStarted():
                found.append(("run", event.enver, event.fingerprint, event.waves, event.reasons, event.mode))
            case e.Settled():
                found.append(("settled", frozenset(event.envers)))
            case e.ValuePublished():
                found.append(("value", event.product, event.publication.identity))
            case e.Offered() | e.Approved():
                found.append((type(event).__name__, event.enver, event.input))
            case e.RunSucceeded() | e.RunFailed():
                found.append((type(event).__name__, event.enver))
            case _:
                pass
    return found


@dataclass
class Reality:
    """The scheduler, moved by hand: runs end in any order and any way, pushes and approvals come at any time."""

    graph: Graph
    limits: Limits
    log: list[e.Event] = field(default_factory=list[e.Event])
    pushes: list[Push] = field(default_factory=list[Push])
    endings: dict[tuple[str, int], Ending] = field(default_factory=dict[tuple[str, int], Ending])
    """By enver and the number of its run."""
    approvals: dict[tuple[str, Question, int], float] = field(default_factory=dict[tuple[str, Question, int], float])
    asked: Counter[tuple[str, Question]] = field(default_factory=Counter[tuple[str, Question]])
    open: list[tuple[e.Offered, int, float]] = field(default_factory=list[tuple[e.Offered, int, float]])
    ran: Counter[str] = field(default_factory=Counter[str])
    numbers: dict[int, int] = field(default_factory=dict[int, int])
    timers: list[m.Message] = field(default_factory=list[m.Message])

    def __post_init__(self) -> None:
        self.setup, self.state = Setup(self.graph, self.limits, GRACE), from_deployed(self.graph)()
        self.begin = max(self.state.now, 0.0)
        self.now = self.begin
        self.tell(m.UseContracts(self.setup.contracts, self.state.standing.observed + 1))

    def tell(self, message: m.Message) -> None:
        for event in handle(self.setup, self.state, message, self.now):
            self.log.append(event)
            if isinstance(event, e.RunStarted):
                self.ran[event.enver] += 1
                self.numbers[event.run] = self.ran[event.enver]
            if isinstance(event, e.Offered):
                which = event.enver, event.input
                self.asked[which] += 1
                self.open.append((event, self.asked[which], self.now))
        self.state.dirty = Dirty()

    def push(self, envers: tuple[str, ...]) -> None:
        self.pushes.append(Push(self.now - self.begin, f"push {len(self.pushes)}", envers))
        commit = f"push {len(self.pushes)}"
        heads = tuple(m.Head(enver, commit, self.graph.slice(enver)) for enver in envers)
        self.tell(m.StartChange(self.pushes[-1].cause, SOMEBODY, "", heads, follow=following(self.graph, heads)))

    def end(self, run: int, *, published: str, failed: bool) -> None:
        one = self.state.runs[run]
        products = [product.address for product in self.graph.envers[one.enver].products]
        values = [] if failed else [(product, published) for product in products]
        took = self.now - one.started_at
        self.endings[one.enver, self.numbers[run]] = Ending(took, values, "boom" if failed else "")
        self.tell(m.ClaimRun(run, "worker"))
        if failed:
            self.tell(m.FailRun(run, 1, "boom", clean=True))
            return
        kind = self.graph.envers[one.enver].products[0].kind
        publications = tuple(m.Publication(product, text, text, kind) for product, text in values)
        self.tell(m.FinishRun(run, 1, "sha256:simulated", publications))

    def approve(self) -> None:
        event, number, since = self.open.pop(0)
        self.approvals[event.enver, event.input, number] = self.now - since
        content = event.offer.content
        by = event.offer.gate or "somebody"
        self.tell(m.Answer(event.enver, event.input, content.identity, approved=True, by=somebody(by)))


@dataclass
class Recorded:
    """The world as it was."""

    reality: Reality
    ran: Counter[str] = field(default_factory=Counter[str])
    asked: Counter[tuple[str, Question]] = field(default_factory=Counter[tuple[str, Question]])

    def run_ends(self, starting: Starting) -> Ending:
        self.ran[starting.enver] += 1
        return self.reality.endings[starting.enver, self.ran[starting.enver]]

    def approval_takes(self, enver: str, question: Question) -> float | None:
        self.asked[enver, question] += 1
        return self.reality.approvals.get((enver, question, self.asked[enver, question]))


@st.composite
def realities(draw: st.DrawFn) -> Reality:
    n = draw(st.integers(1, 7))
    pairs = [(i, j) for j in range(n) for i in range(j)]
    wires = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10)) if pairs else []
    gated = draw(st.sets(st.sampled_from(wires), max_size=2)) if wires else set()
    made = [
        [wire(i, j, mode="gated" if (i, j) in gated else "automatic") for i, j in wires if j == k] for k in range(n)
    ]
    reality = Reality(graph_of([node(k, made[k]) for k in range(n)]), Limits(draw(st.sampled_from([None, 1, 2]))))
    envers = list(reality.graph.envers)
    for _ in range(draw(st.integers(1, 25))):
        # No two things at one moment: nobody could tell which came first. Below the grace, so that nothing is retired.
        reality.now += 1.0 + draw(st.integers(1, 1000)) / 7919
        running = list(reality.state.runs)
        what = draw(st.sampled_from(["push", "end", "end", "fail", "approve"]))
        if what == "push" and len(reality.pushes) < 5:
            reality.push(tuple(draw(st.lists(st.sampled_from(envers), min_size=1, max_size=3, unique=True))))
        elif what in ("end", "fail") and running:
            published = draw(st.sampled_from(["one", "two", "three"]))
            reality.end(draw(st.sampled_from(running)), published=published, failed=what == "fail")
        elif what == "approve" and reality.open:
            reality.approve()
    while reality.state.runs:
        reality.now += 1.0 + draw(st.integers(1, 1000)) / 7919
        reality.end(next(iter(reality.state.runs)), published="last", failed=False)
    return reality


@given(realities())
def test_given_what_came_of_each_run_it_decides_the_same_in_the_same_order(reality: Reality) -> None:
    log: list[e.Event] = []
    clock = Clock(
        Setup(reality.graph, reality.limits, 10.0**6),
        from_deployed(reality.graph)(),
        Recorded(reality),
        lambda _fact: None,
        log.append,
    )
    clock.run(reality.pushes)
    assert decisions(log) == decisions(reality.log)
