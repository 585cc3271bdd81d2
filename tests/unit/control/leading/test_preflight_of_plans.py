"""What the next runs of a plan need: read from contracts, values and recipes, proven once for all."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from odmd.control.leading.leader import Leader
from odmd.control.leading.next_needs import NextRun, needs_of
from odmd.control.leading.planner import Planner
from odmd.control.leading.preflight import Preflight, PreflightAsked
from odmd.control.ports.journal import DoneStep
from odmd.control.reading.preflight import PreflightView, ProofView, view_of
from odmd.control.running.needs import (
    BoundSecretNeeded,
    ExportsNeeded,
    Finding,
    KnownNeed,
    Proven,
    ProvenNeed,
    Quota,
    QuotaNeeded,
    RunNeed,
    SettingsNeeded,
    SourceNeeded,
)
from odmd.control.running.steps import PREPARE
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import ClaimRun, FailRun, FinishRun, Head, Publication, StartChange
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import EnverUnknown, NotThere, RepositoryUnreachable
from odmd.graph import Compiled, EnverNode, Graph
from odmd.model.build_types import CDK
from odmd.model.kinds import Text
from odmd.model.secret_references import SecureString
from odmd.model.targets import Target
from odmd.plan import Limited, Unreadable
from odmd.plan.settings import PlannedSettings
from odmd.plan.wiring import Wiring
from odmd.providers.git.fake import FakeRepositories
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.planned import planned
from support.worlds import ACCOUNT, DEV, address, graph_of, node, product, wire

HERE = Target(ACCOUNT.id, DEV.region)
EXPORT = ExportsNeeded(HERE, ("vpc",))


@dataclass
class World:
    """Proves all but what it is told is gone."""

    gone: tuple[type[RunNeed], ...] = ()
    asked: list[RunNeed] = field(default_factory=list[RunNeed])

    def prove(self, need: RunNeed) -> Finding:
        assert not isinstance(need, KnownNeed) or need.found is None, "it is known"
        self.asked.append(need)
        if isinstance(need, self.gone):
            raise NotThere(f"{need} is gone", next_step="bring it back")
        return Proven("it is there")


class Shop:
    """Two envers, of which the second consumes from the first, and the third over a gate; nothing is deployed."""

    def __init__(self) -> None:
        wires = wire(0, 1), wire(0, 2, mode="gated")
        self.graph = graph_of([node(0), node(1, wires[:1]), node(2, wires[1:])])
        self.store = MemoryStore(lambda _position, _effects: None)
        self.leader = Leader(self.store, Setup(self.graph, Limits(9), 0.0))
        self.leader.start()
        self.repositories, self.artifacts, self.world = FakeRepositories(), MemoryArtifacts(), World()
        self.commits = {
            one.address: self.repositories.commit(one.repo, "main", {"cdk.json": one.address})
            for one in self.graph.envers.values()
        }
        self.of_recipe: Sequence[RunNeed] = ()

    def starts(self, enver: int, commit: str = "") -> None:
        of = address(enver)
        head = Head(of, commit or self.commits[of], self.graph.slice(of))
        self.leader.ask(StartChange("push", SOMEBODY, "", (head,)))

    def deploys(self, enver: int, run: int) -> None:
        self.starts(enver)
        self.leader.ask(ClaimRun(run, "somebody"))
        published = Publication(product(enver), f"text {enver}", f"text {enver}", "test:Text")
        self.leader.ask(FinishRun(run, 1, self.artifacts.put(b"runs"), (published,)))

    def fails(self, enver: int, run: int, commit: str = "") -> None:
        """After it had prepared."""
        self.starts(enver, commit)
        self.leader.ask(ClaimRun(run, "somebody"))
        recipe = self.artifacts.put(b"tried")
        self.store.record(run, 1, DoneStep(PREPARE, json.dumps({"recipe": recipe}), 0.0, 0.0))
        self.leader.ask(FailRun(run, 1, "boom", clean=True))

    def needs_of(
        self, recipe: bytes, _enver: EnverNode, _texts: Mapping[str, str], _before: bytes | None
    ) -> Sequence[RunNeed]:
        self.read = recipe
        return self.of_recipe

    def look(self, asked: PreflightAsked | None = None) -> PreflightView:
        compiled = Compiled(self.graph, {"test:Text": Text}, {})
        planner = Planner(compiled, self.store.load(), self.store, self.repositories, 9)
        preflight = Preflight(planner, self.world, {CDK.name: self.needs_of}, self.artifacts)
        return preflight.look(asked or PreflightAsked(), refresh=True)


def of(view: PreflightView, sort: str, enver: int) -> list[ProofView]:
    return [one for one in view.proofs if one.sort == sort and address(enver) in one.envers]


def test_without_a_name_it_is_about_what_the_plan_begins() -> None:
    shop = Shop()
    assert shop.look().envers == (address(0), address(2), address(1)), "in the order of the plan"
    shop.deploys(0, 1)
    assert set(shop.look().envers) == {address(1), address(2)}
    assert shop.look(PreflightAsked(("e0@main",))).envers == (address(0),)
    assert shop.look(PreflightAsked(every=True)).envers == tuple(shop.graph.envers)
    assert shop.look(PreflightAsked(limited=Limited(("e0@main",)))).envers == ()
    with pytest.raises(EnverUnknown):
        shop.look(PreflightAsked(("e7@main",)))


def test_what_many_need_is_asked_for_once_and_said_with_all_of_them() -> None:
    shop = Shop()
    shown = shop.look()
    (account,) = (one for one in shown.proofs if one.sort == "account")
    assert account.envers == (address(0), address(2), address(1))
    assert len(shop.world.asked) == len(set(shop.world.asked))
    (room,) = (one for one in shown.proofs if one.sort == "quota")
    assert (room.what, room.envers) == ("room for 3 more stacks", account.envers)


def test_an_input_is_there_comes_waits_or_was_never_published() -> None:
    shop = Shop()
    (comes,) = of(shop.look(), "input", 1)
    assert (comes.verdict, comes.says) == ("proven", "step 1 (e0@main) brings it")
    shop.deploys(0, 1)
    (there,) = of(shop.look(), "input", 1)
    assert (there.verdict, there.says) == ("proven", "#1")
    (waits,) = of(shop.look(), "input", 2)
    assert (waits.verdict, waits.code) == ("missing", "ODMD051")
    assert waits.next_step == "`odmd approve e2@main in0` lets it in"
    shop = Shop()
    shop.fails(0, 1)
    shop.repositories.lose("acme/e0")
    (never,) = of(shop.look(), "input", 1)
    assert (never.verdict, never.says) == ("missing", "`in0` was never published by e0@main")
    assert "odmd apply --target e0@main" in never.next_step


def test_a_repository_that_cannot_be_read_is_missing_and_is_not_read_twice() -> None:
    shop = Shop()
    shop.repositories.lose("acme/e0")
    shown = shop.look()
    (lost,) = of(shown, "source", 0)
    assert (lost.verdict, lost.code) == ("missing", RepositoryUnreachable.code)
    assert [one.verdict for one in of(shown, "source", 1)] == ["proven"]


def test_what_keeps_an_enver_from_its_settings_is_no_matter_of_its_source() -> None:
    shop = Shop()
    own = dataclasses.replace(shop.graph.envers[address(0)], secrets=("key",))
    lacks = Unreadable(address(0), 0.0, "ODMD288", "e0@main needs secret key", "odmd secret bind e0@main key …")
    plan = dataclasses.replace(planned(shop.graph), unreadable=(lacks,))
    wiring, next = Wiring(shop.graph), NextRun(own, None, Enver(address(0)), plan)
    found = [
        one for one in needs_of(next, shop.store.load(), wiring, {}) if isinstance(one, SettingsNeeded | SourceNeeded)
    ]
    source, settings = (view_of((address(0),), ProvenNeed(one, one.found or Proven(""))) for one in found)
    assert source.verdict == "proven"
    assert (settings.verdict, settings.code, settings.next_step) == ("missing", "ODMD288", lacks.next_step)


def test_each_secret_is_asked_for_where_the_plan_has_it_bound() -> None:
    shop = Shop()
    own = dataclasses.replace(shop.graph.envers[address(0)], secrets=("bank-key",))
    recorded = Enver(address(0), settings=PlannedSettings(secrets=(("bank-key", "ssm:/acme/bank 3"),)))
    next = NextRun(own, None, recorded, planned(shop.graph))
    found = list(needs_of(next, shop.store.load(), Wiring(shop.graph), {}))
    (secret,) = (one for one in found if isinstance(one, BoundSecretNeeded))
    assert secret == BoundSecretNeeded("bank-key", SecureString("/acme/bank"), HERE)
    assert str(secret) == "bank-key: ssm:/acme/bank"


def test_a_recipe_of_the_same_source_says_for_certain_what_is_missing() -> None:
    shop = Shop()
    shop.fails(0, 1)
    shop.of_recipe, shop.world.gone = (EXPORT,), (ExportsNeeded,)
    (found,) = of(shop.look(), "reference", 0)
    assert shop.read == b"tried"
    assert (found.verdict, found.code, found.next_step) == ("missing", "ODMD051", "bring it back")


def test_a_recipe_of_other_source_says_what_may_be_missing() -> None:
    shop = Shop()
    shop.fails(0, 1, "c0")
    shop.of_recipe, shop.world.gone = (EXPORT,), (ExportsNeeded,)
    (found,) = of(shop.look(), "reference", 0)
    assert (found.verdict, found.code) == ("unknown", "")
    assert found.says.startswith("by what the last run prepared of other source: ")


def test_what_runs_is_looked_at_where_nothing_newer_was_prepared() -> None:
    shop = Shop()
    shop.deploys(0, 1)
    shop.of_recipe = (EXPORT, QuotaNeeded(HERE, Quota.ROLES, 1))
    shown = shop.look(PreflightAsked(("e0@main",)))
    assert shop.read == b"runs"
    assert [one.verdict for one in of(shown, "reference", 0)] == ["proven"]
    shop.world.gone = (ExportsNeeded,)
    assert [one.verdict for one in of(shop.look(PreflightAsked(("e0@main",))), "reference", 0)] == ["missing"], (
        "of this source"
    )
    assert not [one for one in of(shown, "quota", 0) if "stacks" in one.what]


def test_what_this_release_does_not_deploy_is_missing() -> None:
    shop = Shop()
    own = dataclasses.replace(shop.graph.envers[address(0)], build_type="")
    shop.graph = Graph(shop.graph.organisation, shop.graph.central_account, {**shop.graph.envers, address(0): own}, {})
    (found,) = of(shop.look(), "release", 0)
    assert found.verdict == "missing"
    assert "it is built as nothing known" in found.says
