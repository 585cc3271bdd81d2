"""A plan is what happens: what a confirmed plan lists begins, and nothing else does.

For any contracts before and after, state, targets, gates, promotions, pauses and failures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given, note, settings
from hypothesis import strategies as st

from odmd.control.messages import PauseScope, ResumeScope, StartChange, Tick
from odmd.control.recorded import recorded
from odmd.control.start import start_change
from odmd.graph import EnverNode, Graph, WireEdge
from odmd.plan import Limited, Plan, build_plan
from odmd.plan.wiring import Wiring, promoted_from
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
            wire(source, n, mode=draw(st.sampled_from(MODES)), held=draw(st.integers(0, 4)) == 0)
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

    def heads(self, graph: Graph) -> dict[str, str]:
        return {
            one.address: f"{one.build}-{self.commits.get(one.address, 0)}"
            for one in graph.envers.values()
            if not promoted_from(one)
        }

    def plan(self, graph: Graph, limited: Limited) -> Plan:
        return build_plan(graph, recorded(self.world.state, Wiring(graph)), self.heads(graph), limited)

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
        self.world.send(start_change(plan, "somebody", "apply", instead=True))
        assert not self.world.started(before), "nothing begins while it is held"
        self.hold(False)
        self.world.send(Tick(self.world.now))
        while runs := self.world.running():
            (self.world.fail if self.world.state.runs[runs[0]].enver in failing else self.world.finish)(runs[0])
        self.hold(True)
        return self.world.started(before)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Confirmed, Graph, Limited, list[str]]:
    """A world in which much has happened, and what is wanted next."""
    size = draw(st.integers(2, MOST))
    now = draw(contracts(size))
    confirmed = Confirmed(World(now, outcomes=draw(st.sampled_from([1, 3, 10**9]))))
    names = st.lists(st.sampled_from([address(n) for n in range(size)]), unique=True, max_size=3)
    for _ in range(draw(st.integers(0, 4))):
        match draw(st.sampled_from(["apply", "apply", "contracts", "pause", "resume", "answer", "interrupt"])):
            case "apply":
                push(draw, confirmed, now)
                targets = tuple(one for one in draw(names) if one in now.envers)
                confirmed.apply(now, confirmed.plan(now, Limited(targets)), draw(names))
            case "contracts":
                now = draw(contracts(size))
            case "pause":
                confirmed.world.send(PauseScope(draw(st.sampled_from(draw(names) or ["*"])), "somebody"))
            case "resume":
                for scope in list(confirmed.world.state.standing.pauses):
                    confirmed.world.send(ResumeScope(scope, "somebody"))
            case "answer":
                for n in range(size):
                    confirmed.world.answer(n, approved=draw(st.booleans()))
            case _:  # killed in the middle: what it marked is left, and what ran ends
                push(draw, confirmed, now)
                plan = confirmed.plan(now, Limited())
                confirmed.hold(True)
                confirmed.put_in_force(now)
                confirmed.world.send(start_change(plan, "somebody", "apply", instead=True))
    push(draw, confirmed, now)
    targets = tuple(one for one in draw(names) if one in now.envers)
    return confirmed, now, Limited(targets), draw(names)


def push(draw: st.DrawFn, confirmed: Confirmed, graph: Graph) -> None:
    for one in draw(st.lists(st.sampled_from(list(graph.envers)), unique=True, max_size=3)):
        confirmed.commits[one] = confirmed.commits.get(one, 0) + 1


@settings(max_examples=400)
@given(histories())
def test_what_a_confirmed_plan_lists_begins_and_nothing_else_does(
    made: tuple[Confirmed, Graph, Limited, list[str]],
) -> None:
    confirmed, graph, limited, failing = made
    plan = confirmed.plan(graph, limited)
    steps = {step.enver: step for step in plan.steps()}
    note(f"{graph_in_words(graph)}\nbefore: {state_in_words(confirmed.world)}\nplan: {plan_in_words(plan)}")
    began = confirmed.apply(graph, plan, failing)
    note(f"began: {began}, failing: {failing}, targets: {limited.targets}\nafter: {state_in_words(confirmed.world)}")
    assert set(began) <= steps.keys(), "nothing begins that the plan does not list"
    for enver in began:
        assert not steps[enver].waits, "what the plan says waits does wait"
        run = confirmed.world.state.envers[enver].last_run
        assert run is not None
    state = confirmed.world.state
    for enver, step in steps.items():
        if step.certain and not step.waits and enver not in began:
            assert fails_before(confirmed.world, plan, enver), f"{enver} is certain and did not begin"
    if not any(one in failing for one in began):
        for enver in began:
            if state.envers[enver].pin is None:
                assert state.envers[enver].commit == steps[enver].commit
                assert state.envers[enver].contracts == steps[enver].contracts
    again = confirmed.plan(graph, limited)
    if not any(one in failing for one in began):
        left = [step for step in again.steps() if step.certain and not step.waits]
        assert not left, "what was carried out is not planned again"


def test_who_was_to_be_deployed_from_source_of_its_own_does_not_wait_for_the_origin_that_it_has_now() -> None:
    confirmed = Confirmed(World(graph_of([node(0, []), node(1, [])])))
    confirmed.hold(True)
    confirmed.world.send(start_change(confirmed.plan(confirmed.world.graph, Limited()), "somebody", "apply"))  # killed
    confirmed.world.send(PauseScope(address(0), "somebody"))
    promoted = graph_of([node(0, []), node(1, [], revision=f"promoted:{address(0)}")])

    plan = confirmed.plan(promoted, Limited())

    assert {step.enver: step.waits for step in plan.steps()}[address(1)] == ()
    assert confirmed.apply(promoted, plan) == [address(1)]


def graph_in_words(graph: Graph) -> str:
    wires = [f"{one.producer} → {one.consumer} {one.mode} {one.placeholder or ''}" for one in graph.wires()]
    return "\n".join(
        (*(f"{one.address}: {one.revision} {one.approver or ''}" for one in graph.envers.values()), *wires)
    )


def state_in_words(world: World) -> str:
    said = []
    for enver in world.state.envers.values():
        runs = enver.deployed and (enver.deployed.commit, enver.deployed.contracts[7:11], enver.deployed.values)
        wants = (enver.commit, enver.contracts[7:11], bool(enver.failed), enver.owes, list(enver.offers), enver.follows)
        said.append(f"{enver.address}: runs {runs}, wants {wants}")
    return "\n  ".join((*said, f"paused: {list(world.state.standing.pauses)}"))


def plan_in_words(plan: Plan) -> str:
    steps = [f"{s.number} {s.enver} {s.certain} {s.commit} from {s.source} {s.reasons} {s.waits}" for s in plan.steps()]
    return "\n  ".join((*steps, f"left out {plan.left_out}", f"gates {plan.gates}"))


def fails_before(world: World, plan: Plan, enver: str) -> bool:
    """Whether somebody whom it waits for, near or far, failed."""
    wiring = world.wiring
    todo, seen = [enver], set[str]()
    while todo:
        one = todo.pop()
        for other in (*wiring.upstream.get(one, ()), promoted_from(wiring.graph.envers[one])):
            if other in world.state.envers and other not in seen:
                seen.add(other)
                todo.append(other)
    return any(world.state.envers[other].failed is not None for other in seen)


@given(histories())
def test_the_plan_that_apply_makes_is_the_one_that_was_shown(made: tuple[Confirmed, Graph, Limited, list[str]]) -> None:
    confirmed, graph, limited, _ = made
    shown = confirmed.plan(graph, limited)
    confirmed.hold(True)
    confirmed.world.send(Tick(confirmed.world.now))
    assert confirmed.plan(graph, limited).digest() == shown.digest()
    assert confirmed.world.send(StartChange("nothing", "somebody", "", (), instead=True)) is not None
