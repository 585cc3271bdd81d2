"""Somebody who plans, confirms and applies, in worlds in which much has happened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.messages import PauseScope, ResumeScope, Tick
from odmd.control.scheduler.start import start_change
from odmd.graph import EnverNode, Graph, WireEdge
from odmd.plan import Limited, Plan, Unreadable, build_plan
from odmd.plan.settings import PlannedSettings, Private
from odmd.plan.wiring import Wiring, promoted_from
from support.actors import SOMEBODY
from support.worlds import World, address, graph_of, node, wire

MOST = 6
MODES = ("automatic", "automatic", "automatic", "gated", "manual")


@st.composite
def contracts(draw: st.DrawFn, size: int) -> Graph:
    """Envers on branches, each perhaps promoted from an earlier one, with wires from earlier ones."""
    nodes: list[EnverNode] = []
    for n in range(size):
        origin = draw(st.none() | st.integers(0, n - 1)) if n else None
        wires: list[WireEdge] = [
            wire(source, n, mode=draw(st.sampled_from(MODES)), held=draw(st.integers(0, 4)) == 0)._replace(
                name=f"{draw(st.sampled_from(['in', 'in', 'from']))}{source}"
            )
            for source in range(n)
            if source != origin and draw(st.integers(0, 3)) == 0
        ]
        more = {"folder": draw(st.sampled_from([".", "."]))}
        if origin is not None and draw(st.booleans()):
            more |= {"revision": f"promoted:{address(origin)}"}
            more |= draw(st.sampled_from([{}, {"approver": "baristas"}]))
        nodes.append(node(n, wires, **more, stage=draw(st.sampled_from(["dev", "test"]))))
    return graph_of(nodes)


@dataclass
class Confirmed:
    """Somebody who plans, confirms and applies, again and again, as `odmd apply` does: held until it is confirmed."""

    world: World
    commits: dict[str, int] = field(default_factory=dict)
    edits: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """How often config was edited that synthesis reads, that is handed over, and that is read live."""
    unread: Collection[str] = ()
    """Envers whose source cannot be read."""

    def heads(self, graph: Graph) -> dict[str, str]:
        return {
            one.address: f"{one.build}-{self.commits.get(one.address, 0)}"
            for one in graph.envers.values()
            if not promoted_from(one) and one.address not in self.unread
        }

    def plan(self, graph: Graph, limited: Limited) -> Plan:
        known = recorded(self.world.state, Wiring(graph))
        unread, private = unreadable(self.unread), Private(self.settings(), {})
        return build_plan(graph, known, self.heads(graph), limited, unreadable=unread, private=private)

    def settings(self) -> dict[str, PlannedSettings]:
        """What nobody edited yet is not there."""
        return {enver: made_of(edits) for enver, edits in self.edits.items()}

    def hold(self, held: bool) -> None:
        self.world.setup = replace(self.world.setup, held=held, prepared=None)

    def put_in_force(self, graph: Graph) -> None:
        if graph.digest() != self.world.graph.digest():
            self.world.use(graph, held=True)

    def apply(self, graph: Graph, plan: Plan, failing: Sequence[str] = ()) -> list[str]:
        """What begins; time stands still, so nothing is retired meanwhile."""
        before = len(self.world.log)
        self.hold(True)
        self.put_in_force(graph)
        assert not self.world.started(before), "contracts alone begin nothing"
        self.world.send(start_change(plan, SOMEBODY, "apply", instead=True))
        assert not self.world.started(before), "nothing begins while it is held"
        self.hold(False)
        self.world.send(Tick(self.world.now))
        while runs := self.world.running():
            (self.world.fail if self.world.state.runs[runs[0]].enver in failing else self.world.finish)(runs[0])
        self.hold(True)
        return self.world.started(before)


def made_of(edits: tuple[int, int, int]) -> PlannedSettings:
    synthesis, runtime, live = ((("size", str(edited)),) if edited else () for edited in edits)
    return PlannedSettings(synthesis, runtime, live=live)


def unreadable(envers: Collection[str]) -> list[Unreadable]:
    return [Unreadable(one, 1.0, "ODMD201", "it is away", "") for one in envers]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Confirmed, Graph, Limited, list[str]]:
    """A world in which much has happened, and what is wanted next."""
    size = draw(st.integers(2, MOST))
    now = draw(contracts(size))
    confirmed = Confirmed(World(now, outcomes=draw(st.sampled_from([1, 3, 10**9]))))
    names = st.lists(st.sampled_from([address(n) for n in range(size)]), unique=True, max_size=3)
    for _ in range(draw(st.integers(0, 4))):
        match draw(st.sampled_from(["apply", "apply", "contracts", "pause", "resume", "answer", "drift", "interrupt"])):
            case "apply":
                push(draw, confirmed, now)
                targets = tuple(one for one in draw(names) if one in now.envers)
                confirmed.apply(now, confirmed.plan(now, Limited(targets)), draw(names))
            case "contracts":
                now = draw(contracts(size))
            case "pause":
                confirmed.world.send(PauseScope(draw(st.sampled_from(draw(names) or ["*"])), SOMEBODY))
            case "resume":
                for scope in list(confirmed.world.state.standing.pauses):
                    confirmed.world.send(ResumeScope(scope, SOMEBODY))
            case "answer":
                for n in range(size):
                    confirmed.world.answer(n, approved=draw(st.booleans()))
            case "drift":
                for one in draw(names):
                    confirmed.world.drift(one)
            case _:  # killed in the middle: what it marked is left, and what ran ends
                push(draw, confirmed, now)
                plan = confirmed.plan(now, Limited())
                confirmed.hold(True)
                confirmed.put_in_force(now)
                confirmed.world.send(start_change(plan, SOMEBODY, "apply", instead=True))
    push(draw, confirmed, now)
    for one in draw(names) if draw(st.booleans()) else ():
        confirmed.world.drift(one)
    targets = tuple(one for one in draw(names) if one in now.envers)
    confirmed.unread = draw(names)
    return confirmed, now, Limited(targets, look_up=draw(st.booleans())), draw(names)


def push(draw: st.DrawFn, confirmed: Confirmed, graph: Graph) -> None:
    for one in draw(st.lists(st.sampled_from(list(graph.envers)), unique=True, max_size=3)):
        confirmed.commits[one] = confirmed.commits.get(one, 0) + 1
    for one in draw(st.lists(st.sampled_from(list(graph.envers)), unique=True, max_size=2)):
        confirmed.edits[one] = draw(st.tuples(*[st.integers(0, 2)] * 3))
    for one in draw(st.lists(st.sampled_from(list(graph.envers)), unique=True, max_size=2)):
        confirmed.world.answers[one] = (("zones", str(draw(st.integers(1, 2)))),)
