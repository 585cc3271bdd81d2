"""What others changed is brought back by itself, where the contracts say so, and nothing else is moved by that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.control.leading.reverting import MOST_OFTEN, DriftReverting
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.drift import AT_A_GLANCE, Deviation
from odmd.control.scheduler.events import ChangeAccepted
from odmd.control.scheduler.messages import AcceptDrift, NoteDrift
from odmd.graph.governed import Governed
from odmd.plan.build import Limited
from support.actors import SOMEBODY
from support.served import Served
from support.worlds import address, graph_of, node, wire

TAG = Deviation("stack", "tag", "who", "", "me")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """e0 → e1 in dev, which is brought back by itself, → e2 in prod, which is not; all run what their branches have."""
    monkeypatch.chdir(tmp_path)
    nodes = [node(0), node(1, [wire(0, 1)]), node(2, [wire(1, 2, mode="gated")], stage="prod")]
    made = Served(replace(graph_of(nodes), governed=Governed(reverting=("dev",))), tmp_path)
    with made.serving():
        made.deploy()
        for enver in (0, 1, 2):
            made.push(head(made, enver), enver)
            for run in made.leader.look(lambda state: [one.enver for one in state.runs.values()]):
                made.finish(next(n for n in range(3) if address(n) == run), "one")
        yield made


def head(served: Served, n: int) -> str:
    return served.repositories.commit(served.graph.envers[address(n)].repo, "main", {"app.py": "new"}, "a better one")


def drifts(served: Served, *envers: int, found: str = "me") -> None:
    for n in envers:
        run = served.leader.look(lambda state, n=n: state.envers[address(n)].deployed_by)
        seen = (replace(TAG, found=found),)
        served.leader.ask(NoteDrift(address(n), run, seen, AT_A_GLANCE, ODMD))


def brings_back(reverting: DriftReverting) -> list[str]:
    plan = reverting.go_on()
    return sorted(step.enver for step in plan.steps() if step.certain) if plan else []


def troubles(served: Served) -> dict[str, str]:
    return {one.enver: one.why for one in served.service.control.troubles()}


def test_what_drifted_is_planned_alone_and_the_log_says_why(place: Served) -> None:
    reverting = place.service.drift_reverting()
    assert brings_back(reverting) == []
    drifts(place, 0, 2)
    assert brings_back(reverting) == [address(0)], "in production nobody said so"
    change = [one.event for one in place.store.read() if isinstance(one.event, ChangeAccepted)][-1]
    assert (change.by, change.cause) == (ODMD, "drift of e0@main is reverted")
    assert brings_back(reverting) == [], "it is under way"
    place.finish(0)
    assert brings_back(reverting) == []


def test_what_somebody_accepted_is_let_be(place: Served) -> None:
    drifts(place, 0)
    place.leader.ask(AcceptDrift(address(0), (TAG.id,), SOMEBODY, "we move"))
    assert brings_back(place.service.drift_reverting()) == []


def test_nothing_more_moves_than_what_drifted(place: Served) -> None:
    reverting = place.service.drift_reverting()
    head(place, 1)
    with place.service._planner() as planner:  # pyright: ignore[reportPrivateUsage]
        planner.make(Limited(), refresh=True)
    drifts(place, 0, 1)
    assert brings_back(reverting) == [address(0)]
    assert "more would move than what drifted" in troubles(place)[address(1)]


def test_who_changes_it_again_and_again_is_left_to_a_person(place: Served) -> None:
    now = 0.0
    reverting = replace(place.service.drift_reverting(), clock=lambda: now)
    for attempt in range(MOST_OFTEN):
        drifts(place, 0, found=f"me {attempt}")
        assert brings_back(reverting) == [address(0)]
        place.finish(0)
        now += 60.0
    drifts(place, 0, found="me once more")
    assert brings_back(reverting) == []
    assert f"brought back {MOST_OFTEN} times within" in troubles(place)[address(0)]
    now += 86_400.0
    assert brings_back(reverting) == [address(0)]
    assert troubles(place) == {}
