"""A run is carried out with what the contracts said when it was made, whatever was edited since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from odmd.control.leading.desk import Claim, StoreDesk
from odmd.control.leading.leader import Leader
from odmd.control.scheduler.envers import Pin
from odmd.control.scheduler.messages import Answer, FailRun, FinishRun, Head, PinEnver, ReportDrift, StartChange
from odmd.control.scheduler.questions import SOURCE
from odmd.control.scheduler.setup import Limits, Setup
from odmd.graph import Compiled, Graph, ProductNode
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.planned import promoted
from support.worlds import address, graph_of, node

MAIN, PROD = address(0), address(1)


def publishing(name: str) -> Graph:
    """Main and its promoted prod, whose product has this name."""
    both = (node(0), promoted(1, 0, approver="baristas"))
    return graph_of([replace(one, products=(ProductNode(f"{one.address}/{name}", name, "test:Text"),)) for one in both])


class Office:
    """An organisation whose prod runs what main did when its product was called `bus`."""

    def __init__(self) -> None:
        self.store = MemoryStore(lambda _position, _effects: None)
        self.leader = Leader(self.store, Setup(publishing("bus"), Limits(1), 0.0))
        self.leader.start()
        self.push("c1")
        self.finish(self.claim())
        self.leader.ask(Answer(PROD, SOURCE, approved=True, by=SOMEBODY, identity=self.offer()))
        self.finish(self.claim())

    def push(self, commit: str) -> None:
        slice = self.leader.setup.graph.slice(MAIN)
        self.leader.ask(StartChange("push", SOMEBODY, "", (Head(MAIN, commit, slice),)))

    def offer(self) -> str:
        return self.store.load().envers[PROD].offers[SOURCE].content.identity

    def rename_on_main(self) -> None:
        self.leader.use(publishing("events"))
        self.push("c2")
        self.finish(self.claim())

    def claim(self) -> Claim:
        desk = StoreDesk(self.leader.ask, self.store, Compiled(self.leader.setup.graph, {}, {}))
        claim = desk.claim("somebody")
        assert claim is not None
        return claim

    def finish(self, claim: Claim) -> None:
        self.leader.ask(FinishRun(claim.run.id, claim.attempt, "sha256:one", ()))


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    yield made
    made.leader.stop()


def names(claim: Claim) -> tuple[str, list[str]]:
    return claim.enver.address, [product.name for product in claim.enver.products]


def test_what_prod_is_rolled_back_to_has_the_old_names(office: Office) -> None:
    office.rename_on_main()
    office.leader.ask(Answer(PROD, SOURCE, approved=True, by=SOMEBODY, identity=office.offer()))
    after = office.claim()
    assert names(after) == (PROD, ["events"]), "promoted: with the contracts that main runs under"
    office.finish(after)

    first = office.store.run(2)
    assert first is not None
    office.leader.ask(PinEnver(PROD, Pin(2, first.fingerprint, first.inputs, None, SOMEBODY, "")))

    assert names(office.claim()) == (PROD, ["bus"])


def test_a_retry_of_prod_uses_the_names_that_its_commit_was_deployed_with(office: Office) -> None:
    office.rename_on_main()
    office.leader.ask(ReportDrift(PROD, "its stack is gone", SOMEBODY))
    first = office.claim()
    office.leader.ask(FailRun(first.run.id, first.attempt, "throttled", clean=False))
    office.leader.ask(StartChange("again", SOMEBODY, "", (), retry=(PROD,)))

    again = office.claim()

    assert again.run.id > first.run.id
    assert names(again) == (PROD, ["bus"])


def test_a_run_that_waits_while_the_contracts_change_is_carried_out_as_it_was_made(office: Office) -> None:
    office.push("c2")
    office.leader.use(publishing("events"))

    assert names(office.claim()) == (MAIN, ["bus"])
