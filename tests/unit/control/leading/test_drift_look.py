"""A look at what runs asks who knows the build type, and says of whom nobody can tell; nothing is told of others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from odmd.control.leading.drift import DriftAsked, DriftLook
from odmd.control.leading.leader import Leader
from odmd.control.reading.records import Records
from odmd.control.running.observing import Deployed, Finding, Observation
from odmd.control.scheduler.messages import ClaimRun, FailRun, FinishRun, Head, Publication, StartChange
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import EnverUnknown, StillMoving
from odmd.model.build_types import CDK, IMAGE
from odmd.plan.wiring import Wiring
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.worlds import address, graph_of, node, product, wire

CHANGED = Finding("stack", "tag", "who", "", "me")


@dataclass
class Eyes:
    """An observer that finds a change at the second enver, while the first one still moves."""

    seen: dict[str, Deployed] = field(default_factory=dict[str, Deployed])

    def observe(self, deployed: Deployed, *, resources: bool) -> Observation:
        self.seen[deployed.node.address] = deployed
        if deployed.node.address == address(0):
            raise StillMoving("it is just being changed")
        return Observation((CHANGED,), ("a queue",) if resources else ())


class Place:
    """Two stacks, of which the second consumes from the first; an image; and an enver whose run failed."""

    def __init__(self) -> None:
        image = replace(node(2), build_type=IMAGE.name)
        self.graph = graph_of([node(0), node(1, [wire(0, 1)]), image, node(3)])
        self.store = MemoryStore(lambda _position, _effects: None)
        self.leader = Leader(self.store, Setup(self.graph, Limits(9), 0.0))
        self.leader.start()
        self.artifacts, self.eyes = MemoryArtifacts(), Eyes()

    def starts(self, enver: int, commit: str) -> int:
        head = Head(address(enver), commit, self.graph.slice(address(enver)))
        self.leader.ask(StartChange("push", SOMEBODY, "", (head,)))
        run = self.leader.state.envers[address(enver)].run
        assert run is not None
        self.leader.ask(ClaimRun(run, "somebody"))
        return run

    def deploys(self, enver: int) -> None:
        run = self.starts(enver, "1" * 40)
        published = Publication(product(enver), f"text {enver}", f"text {enver}", "test:Text")
        self.leader.ask(FinishRun(run, AttemptNumber(1), self.artifacts.put(b"runs"), (published,)))

    def look(self) -> DriftLook:
        records = Records(self.store, lambda: True, lambda: Wiring(self.graph), lambda _: {}, lambda *_: ())  # type: ignore[arg-type]  # no runs
        return DriftLook(records, self.graph, self.artifacts, {CDK.name: self.eyes})


@pytest.fixture
def place() -> Place:
    made = Place()
    for enver in range(3):
        made.deploys(enver)
    made.leader.ask(FailRun(made.starts(3, "2" * 40), AttemptNumber(1), "boom", clean=False))
    return made


def test_one_that_nobody_can_tell_of_leaves_the_others_alone(place: Place) -> None:
    found = {one.enver: one for one in place.look().look(DriftAsked()).envers}
    assert {enver: one.unknown for enver, one in found.items() if one.unknown} == {
        address(0): "it is just being changed",
        address(2): "nobody looks at what runs of type image",
        address(3): "nobody knows what runs: its last run did not end well",
    }
    assert found[address(1)].findings == (CHANGED,)


def test_who_looks_is_told_what_the_last_run_left(place: Place) -> None:
    place.look().look(DriftAsked())
    first, second = place.eyes.seen[address(0)], place.eyes.seen[address(1)]
    assert (first.recipe, list(first.published.values())) == (b"runs", ["text 0"])
    assert list(second.consumed.values()) == ["text 0"]


def test_while_a_run_is_under_way_nobody_looks(place: Place) -> None:
    run = place.starts(1, "3" * 40)
    (one,) = place.look().look(DriftAsked(("e1@main",))).envers
    assert one.unknown == f"run {run} is under way"
    assert not place.eyes.seen


def test_each_that_is_named_is_looked_at_once(place: Place) -> None:
    (one,) = place.look().look(DriftAsked(("e1@main", "e1@main"), resources=True)).envers
    assert one.unchecked == ("a queue",)
    with pytest.raises(EnverUnknown):
        place.look().look(DriftAsked(("e9@main",)))
