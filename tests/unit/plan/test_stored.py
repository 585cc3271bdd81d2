"""Plans and contracts are kept as text and come back as they were, or are refused in words of their own."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from odmd.control.leading.editions import (
    decode_edition,
    decode_graph,
    encode_edition,
    encode_graph,
    keep_contracts,
    newest_contracts,
)
from odmd.control.leading.plans import find_plan, keep_plan
from odmd.control.ports.reads import Documents
from odmd.errors import PlanUnusable
from odmd.graph import compile_contracts
from odmd.graph.difference import difference, edition
from odmd.model import CdkEnver, Consumes, Produces, produced
from odmd.model.kinds import EventBus
from odmd.plan.radius import with_reach
from odmd.plan.wiring import Wiring
from odmd.store.memory import MemoryStore
from support.planned import CHAIN, planned, promoted
from support.worlds import DEV, build, graph_of, node, on, organisation, wire


class TestPlans:
    PLAN = with_reach(planned(CHAIN), Wiring(CHAIN))

    @pytest.fixture
    def store(self) -> MemoryStore:
        store = MemoryStore()
        keep_plan(store, self.PLAN)
        return store

    @pytest.mark.parametrize("quoted", [PLAN.digest(), PLAN.digest()[7:], PLAN.digest()[7:14], PLAN.digest()[:14]])
    def test_one_is_found_by_the_beginning_of_its_digest(self, store: MemoryStore, quoted: str) -> None:
        assert find_plan(store, quoted, "acme") == self.PLAN

    def test_one_with_everything_in_it_comes_back(self) -> None:
        whole = planned(
            graph_of([node(0, [wire(1, 0, held=True)]), node(1, [wire(0, 1)]), promoted(2, 0, approver="baristas")])
        )
        store = MemoryStore()
        keep_plan(store, whole)
        assert find_plan(store, whole.digest(), "acme") == whole

    def test_shown_again_it_is_kept_as_long_anew(self, store: MemoryStore) -> None:
        again = time.time()
        keep_plan(store, self.PLAN)
        assert store.prune(again) == 0
        assert find_plan(store, self.PLAN.digest(), "acme") == self.PLAN
        store.prune(time.time() + 1)
        assert find_plan(store, self.PLAN.digest(), "acme") is None

    def test_an_unknown_one_is_none(self, store: MemoryStore) -> None:
        assert find_plan(store, "0000000", "acme") is None

    def test_of_another_organisation(self, store: MemoryStore) -> None:
        with pytest.raises(PlanUnusable, match="is of organisation acme, and the contracts are of umbrella"):
            find_plan(store, self.PLAN.digest(), "umbrella")

    @pytest.mark.parametrize(
        "edit",
        [
            lambda text: text.replace("its first deployment", "because I say so"),
            lambda text: text.replace('"c1"', '"c2"'),
            lambda text: text[:-40],
            lambda _: "hello",
            lambda _: "",
        ],
    )
    def test_an_edited_one(self, store: MemoryStore, edit: Callable[[str], str]) -> None:
        rewrite(store, edit)
        with pytest.raises(PlanUnusable, match="was edited"):
            find_plan(store, self.PLAN.digest(), "acme")

    def test_of_a_newer_format(self, store: MemoryStore) -> None:
        rewrite(store, lambda text: text.replace('"format": 3', '"format": 4', 1))
        with pytest.raises(PlanUnusable, match="made by a newer release"):
            find_plan(store, self.PLAN.digest(), "acme")

    def test_an_ambiguous_beginning(self, store: MemoryStore) -> None:
        digest = self.PLAN.digest()
        store.put(f"plans/{digest[7:14]}", f"{digest}\n{digest[:20]}{'0' * 51}")
        with pytest.raises(PlanUnusable, match="may be any of the plans"):
            find_plan(store, digest[7:14], "acme")


def rewrite(store: Documents, edit: Callable[[str], str]) -> None:
    name = f"plan/{TestPlans.PLAN.digest()}"
    store.put(name, edit(store.get(name) or ""))


class Bus(CdkEnver, build=build("bus")):
    bus: Produces[EventBus[str]] = produced("what happens")


class Listener(CdkEnver, build=build("listener")):
    bus: Consumes[EventBus[str]]


def test_an_edition_comes_back_with_the_same_digest_and_differs_in_nothing() -> None:
    bus = Bus(on=on(), at=DEV)
    now = edition(compile_contracts(organisation(bus, Listener(on=on(), at=DEV, bus=bus.bus))))
    again = decode_edition(encode_edition(now))
    assert again.graph.digest() == now.graph.digest()
    assert list(again.graph.envers) == list(now.graph.envers)
    assert difference(again, now).changes == ()
    assert encode_edition(again) == encode_edition(now)


def test_a_graph_comes_back_with_the_same_digest() -> None:
    assert decode_graph(encode_graph(CHAIN)).digest() == CHAIN.digest()


def test_the_contracts_carried_out_last_are_known() -> None:
    store = MemoryStore()
    assert newest_contracts(store) is None
    bus = Bus(on=on(), at=DEV)
    first = edition(compile_contracts(organisation(bus)))
    keep_contracts(store, first)
    assert newest_contracts(store) == first
