"""What a run consumes is proven to be there before anything of it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from odmd.agent import Agent, Tools
from odmd.control.leading.desk import StoreDesk
from odmd.control.leading.leader import Leader
from odmd.control.ports.provers import NobodyKnows, Prover
from odmd.control.running.needs import (
    ArtifactNeeded,
    Finding,
    Proven,
    Quota,
    QuotaNeeded,
    RunNeed,
    StackNameNeeded,
)
from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal
from odmd.control.scheduler.messages import ClaimRun, FailRun, FinishRun, Head, Publication, StartChange
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import ArtifactMissing, CloudUnreachable, NameOfAnother, OdmdError, QuotaReached
from odmd.graph import Compiled, ProductNode
from odmd.model.build_types import COMMAND
from odmd.model.kinds import Kind, NpmPackage, Text
from odmd.model.targets import Target
from odmd.providers.aws.fake import FakeAws
from odmd.providers.git.fake import FakeRepositories
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.worlds import address, graph_of, node, product, wire


class OwnPackage(NpmPackage):
    """A kind of the organisation's own."""


KINDS: dict[str, type[Kind]] = {"text": Text, "own": OwnPackage}
HERE = Target("111122223333", "us-west-1")
PACKAGE, NEXT = "@acme/orders@1.0.0", 2


@dataclass
class Registry:
    """A prover that knows what is there, and which packages are."""

    there: tuple[str, ...] = ()
    lacking: Mapping[type[RunNeed], OdmdError] = field(default_factory=dict[type[RunNeed], OdmdError])
    """What else is not there, and why."""
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def prove(self, need: RunNeed) -> Finding:
        if wrong := self.lacking.get(type(need)):
            raise wrong
        if not isinstance(need, ArtifactNeeded):
            return Proven("as everything else")
        self.asked.append((need.text, need.wire.registry))
        if need.text not in self.there:
            raise ArtifactMissing.of_package(need.text, need.wire.name, need.wire.registry)
        return Proven("it is there")


@dataclass
class Nothing:
    """A procedure of which nothing comes."""

    prepared: int = 0
    units: Sequence[Unit] = ()
    lookups: tuple[tuple[str, str], ...] = ()

    def preflight(self, job: Job) -> None: ...

    def prepare(self, job: Job) -> bytes:
        self.prepared += 1
        return b"nothing"

    def open(self, kept: bytes, job: Job) -> Nothing:
        return self

    def stale(self) -> str:
        return ""

    def prove(self) -> None: ...

    def deliver(self) -> Mapping[str, object]:
        return {}

    def look(self, unit: Unit) -> Look:
        raise NotImplementedError

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:
        raise NotImplementedError

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        raise NotImplementedError

    def settle(self, unit: Unit) -> None: ...

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:
        raise NotImplementedError


class Shop:
    """One enver makes a package, and the next one consumes it, and a text."""

    def __init__(self, folder: Path, *, placeholder: str | None = None) -> None:
        wires = [
            wire(0, 1)._replace(name="orders", kind="own", registry="https://npm.acme.dev/", placeholder=placeholder),
            wire(0, 1)._replace(name="note", kind="text", product=f"{address(0)}/note", placeholder=placeholder),
        ]
        made = (ProductNode(product(0), "out", "own"), ProductNode(f"{address(0)}/note", "note", "text"))
        graph = graph_of([node(0, products=made), node(1, wires, products=(), build_type=COMMAND.name)])
        self.folder, self.store = folder, MemoryStore(lambda _position, _effects: None)
        self.leader = Leader(self.store, Setup(graph, Limits(1), 0.0))
        self.leader.start()
        self.graph, self.procedure = graph, Nothing()

    def starts(self, *envers: int) -> None:
        heads = tuple(Head(address(one), "c1", self.graph.slice(address(one))) for one in envers)
        self.leader.ask(StartChange("push", SOMEBODY, "", heads))

    def publishes(self) -> None:
        self.starts(0, 1)
        self.leader.ask(ClaimRun(1, "somebody"))
        published = (
            Publication(product(0), PACKAGE, PACKAGE, "own"),
            Publication(f"{address(0)}/note", "a note", "a note", "text"),
        )
        self.leader.ask(FinishRun(1, 1, "sha256:one", published))

    def attempt(self, run: int, prover: Prover, *of_recipe: RunNeed) -> FinishRun | FailRun:
        """With what its recipe needs, besides."""
        tools = Tools(
            FakeRepositories(),
            {COMMAND.name: self.procedure},
            {"aws": FakeAws()},
            MemoryArtifacts(),
            prover,
            {COMMAND.name: lambda _recipe, _enver, _texts, _before: of_recipe},
        )
        desk = StoreDesk(self.leader.ask, self.store, Compiled(self.graph, KINDS, {}))
        agent = Agent("tests", desk, tools, self.folder, lambda *_, **__: None)
        claim = agent.claim(run)
        assert claim is not None
        return agent.carry_out(claim)


def test_a_package_that_is_there_is_asked_for_once_where_its_producer_says(tmp_path: Path) -> None:
    shop, registry = Shop(tmp_path), Registry((PACKAGE,))
    shop.publishes()
    assert isinstance(shop.attempt(NEXT, registry), FinishRun)
    assert registry.asked == [(PACKAGE, "https://npm.acme.dev/")]


def test_one_that_is_gone_fails_the_run_before_anything_is_prepared(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.publishes()
    failed = shop.attempt(NEXT, Registry())
    assert isinstance(failed, FailRun)
    assert "ODMD280" in failed.error
    assert "consumed as `orders`" in failed.error
    assert (failed.clean, shop.procedure.prepared) == (True, 0)


def test_a_placeholder_names_nothing_that_could_be_there(tmp_path: Path) -> None:
    shop, registry = Shop(tmp_path, placeholder="@acme/none@0.0.0"), Registry()
    shop.starts(1)
    assert isinstance(shop.attempt(1, registry), FinishRun)
    assert registry.asked == []


ROOM, STACK = QuotaNeeded(HERE, Quota.ROLES, 1), StackNameNeeded(HERE, "e1--main", address(1))
FULL, TAKEN = QuotaReached("no room", next_step="make room"), NameOfAnother("e1--main is others'", next_step="rename")


def test_what_a_recipe_lacks_is_all_said_at_once_before_anything_is_delivered(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.publishes()
    lacks = Registry((PACKAGE,), {QuotaNeeded: FULL, StackNameNeeded: TAKEN})
    failed = shop.attempt(NEXT, lacks, ROOM, STACK)
    assert isinstance(failed, FailRun)
    assert failed.error.splitlines() == [
        "ODMD050 2 things that e1@main needs are missing; nothing was changed:",
        "  ODMD052 no room → make room",
        "  ODMD053 e1--main is others' → rename",
        "mend each of them, then `odmd apply`; `odmd preflight` looks again",
    ]
    assert (failed.clean, failed.may_pass, shop.procedure.prepared) == (True, False, 1)


def test_a_single_one_is_said_in_its_own_words(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.publishes()
    failed = shop.attempt(NEXT, Registry((PACKAGE,), {QuotaNeeded: FULL}), ROOM, STACK)
    assert isinstance(failed, FailRun)
    assert failed.error == "ODMD052 no room\nmake room"


def test_who_does_not_answer_is_asked_again_later_unless_something_is_missing_anyhow(tmp_path: Path) -> None:
    shop, away = Shop(tmp_path), CloudUnreachable("AWS is away")
    shop.publishes()
    failed = shop.attempt(NEXT, Registry((PACKAGE,), {QuotaNeeded: away, StackNameNeeded: TAKEN}), ROOM, STACK)
    assert isinstance(failed, FailRun)
    assert (failed.error.split()[0], failed.may_pass) == ("ODMD053", False)
    shop = Shop(tmp_path)
    shop.publishes()
    failed = shop.attempt(NEXT, Registry((PACKAGE,), {QuotaNeeded: away}), ROOM, STACK)
    assert isinstance(failed, FailRun)
    assert (failed.error.split()[0], failed.may_pass, failed.clean) == (CloudUnreachable.code, True, True)


def test_what_nobody_knows_fails_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.publishes()
    assert isinstance(shop.attempt(NEXT, NobodyKnows(), ROOM, STACK), FinishRun)


def test_what_is_a_guess_is_not_asked_for(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.publishes()
    guess = replace(STACK, certain_=False)
    assert isinstance(shop.attempt(NEXT, Registry((PACKAGE,), {StackNameNeeded: TAKEN}), guess), FinishRun)
