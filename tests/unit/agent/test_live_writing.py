"""What a service reads live is written before what reads it moves, put back where nothing moves, and no one's by hand
is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from odmd.agent import Agent, Tools
from odmd.agent.removal import Removers
from odmd.control.leading.desk import Claim, StoreDesk
from odmd.control.leading.leader import Leader
from odmd.control.running.live_config import LiveConfig, LiveText
from odmd.control.running.procedures import Job, Observed, Remains, Unit, Work
from odmd.control.running.proposal import Look, Proposal
from odmd.control.scheduler.codec import Body
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FailRun, FinishClearance, FinishRun, Head, StartChange
from odmd.control.scheduler.runs import RunMode
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import UnitFailed
from odmd.graph import Compiled
from odmd.model.build_types import CDK, COMMAND
from odmd.model.targets import Target
from odmd.plan.inventory import Inventory
from odmd.plan.settings import PlannedSettings
from odmd.providers.aws.fake import FakeAws
from odmd.providers.git.fake import FakeRepositories
from odmd.server.models import ClaimTold
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from odmd.store.settings import MemorySealed
from support.actors import SOMEBODY
from support.worlds import address, graph_of, node

WHERE = Target("111122223333", "us-west-1")
PATH = f"/odmd-{address(0)}/config"


@dataclass
class Bench:
    """A procedure and its work: one unit, which says what stood in the parameters when it was carried out."""

    parameters: FakeAws
    prepared: int = 0
    read: list[Mapping[str, str]] = field(default_factory=list)
    fails: Exception | None = None
    asks: Exception | None = None
    lookups: tuple[tuple[str, str], ...] = ()
    units: Sequence[Unit] = (Unit("all", "", {}),)

    def preflight(self, job: Job) -> None:
        pass

    def prepare(self, job: Job) -> bytes:
        self.prepared += 1
        return json.dumps(job.commit).encode()

    def open(self, kept: bytes, job: Job) -> Work:
        return self

    def stale(self) -> str:
        return ""

    def prove(self) -> None:
        pass

    def deliver(self) -> Mapping[str, object]:
        return {}

    def look(self, unit: Unit) -> Look:
        return Look()

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:
        if self.asks:
            raise self.asks
        return Proposal(unit.name, "", (), empty=False)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        self.read.append(stands(self.parameters))
        if self.fails:
            raise self.fails
        return {}

    def settle(self, unit: Unit) -> None:
        pass

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:
        return Observed({}, {})


def stands(parameters: FakeAws) -> Mapping[str, str]:
    """By the config's name."""
    assert {target for target, _ in parameters.mirrored} <= {WHERE}
    return {path.removeprefix(f"{PATH}/"): text for (_, path), text in parameters.mirrored.items()}


class Yard:
    """One enver, its control plane, and an agent."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.said = folder, list[str]()
        self.parameters, self.sealed = FakeAws(), MemorySealed()
        self.bench = Bench(self.parameters)
        self.effects = list[object]()
        self.store = MemoryStore(lambda _position, effects: self.effects.extend(effects))
        self.graph = graph_of([node(0, build_type=COMMAND.name, products=())])
        self.leader = Leader(self.store, Setup(self.graph, Limits(1), 0.0))
        self.leader.start()
        self.tools = Tools(
            FakeRepositories(), {COMMAND.name: self.bench}, {}, MemoryArtifacts(), parameters=self.parameters
        )

    def wants(self, commit: str, **config: str) -> None:
        """Another head; each config by its text."""
        identities = {name: self.sealed.identity(f"{name} {text}") for name, text in config.items()}
        self.sealed.keep({identities[name]: text for name, text in config.items()})
        settings = PlannedSettings(live=tuple(sorted(identities.items())))
        head = Head(address(0), commit, self.graph.slice(address(0)), settings=settings)
        self.leader.ask(StartChange("push", SOMEBODY, "", (head,)))

    def attempt(self) -> FinishRun | FailRun:
        def report(run: int, line: str, *, lasting: bool = False) -> None:
            self.said.append(line)

        desk = StoreDesk(self.leader.ask, self.store, Compiled(self.graph, {}, {}), sealed=self.sealed)
        agent = Agent("tests", desk, self.tools, self.folder, report)
        claim = agent.claim()
        assert claim is not None
        return agent.carry_out(claim)

    def runs(self, commit: str, **config: str) -> FinishRun | FailRun:
        self.wants(commit, **config)
        return self.attempt()

    def by_hand(self, name: str, text: str) -> None:
        self.parameters.mirrored[WHERE, f"{PATH}/{name}"] = text


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def test_it_stands_there_before_the_first_deployment_begins(yard: Yard) -> None:
    assert isinstance(yard.runs("c1", flags="on"), FinishRun)
    assert yard.bench.read == [{"flags": "on"}]


def test_another_one_is_written_and_nothing_is_deployed(yard: Yard) -> None:
    yard.runs("c1", flags="on", size="1")
    done = yard.runs("c1", flags="off", size="1")
    assert isinstance(done, FinishRun)
    assert stands(yard.parameters) == {"flags": "off", "size": "1"}
    assert (yard.bench.prepared, len(yard.bench.read)) == (1, 1)
    run = yard.store.run(2)
    assert run is not None
    assert (run.mode, list(map(str, run.steps)), run.reasons) == (
        RunMode.LIVE,
        ["write config flags"],
        ("config flags changed",),
    )
    assert done.recipe == yard.store.run(1).recipe
    assert [line for line in yard.said if "config" in line] == [
        f"config flags: written to {PATH}/flags",
        f"config size: written to {PATH}/size",
        f"config flags: written to {PATH}/flags",
    ]


def test_its_texts_are_in_no_event_no_step_and_nothing_that_is_said(yard: Yard) -> None:
    yard.runs("c1", flags="a secret word")
    yard.runs("c1", flags="another secret word")
    steps = [*yard.store.steps(1), *yard.store.steps(2)]
    files = [file.read_text() for file in yard.folder.rglob("*") if file.is_file()]
    assert "secret word" not in "".join(map(repr, [*yard.store.read(0, 1000), *steps, *yard.said, *files]))


def test_a_deployment_that_fails_without_a_trace_leaves_it_as_it_was(yard: Yard) -> None:
    yard.runs("c1", flags="on")
    yard.bench.fails = UnitFailed("rolled back", clean=True)
    failed = yard.runs("c2", flags="off", size="1")
    assert isinstance(failed, FailRun)
    assert failed.clean
    assert yard.bench.read[-1] == {"flags": "off", "size": "1"}, "that is what it tried"
    assert stands(yard.parameters) == {"flags": "on"}
    assert yard.leader.state.envers[address(0)].live == yard.leader.state.envers[address(0)].deployed.settings.live

    yard.bench.fails = None
    assert isinstance(yard.runs("c3", flags="off"), FinishRun)
    assert stands(yard.parameters) == {"flags": "off"}


def test_where_it_cannot_be_put_back_nobody_claims_to_know_what_runs(yard: Yard) -> None:
    yard.runs("c1", flags="on")
    yard.bench.fails = UnitFailed("rolled back", clean=True)
    real = yard.parameters.put

    def once(path: str, text: str, target: Target) -> None:
        real(path, text, target)
        yard.parameters.cut_off()

    yard.parameters.put = once
    failed = yard.runs("c2", flags="off")
    assert isinstance(failed, FailRun)
    assert not failed.clean
    assert yard.leader.state.envers[address(0)].unknown

    yard.parameters.put, yard.bench.fails = real, None
    yard.parameters.cut_off(cut=False)
    assert isinstance(yard.runs("c3", flags="other"), FinishRun), "what it may have written is its own"
    assert stands(yard.parameters) == {"flags": "other"}


def test_a_failure_after_something_moved_keeps_it(yard: Yard) -> None:
    yard.runs("c1", flags="on")
    yard.bench.fails = UnitFailed("half", clean=False)
    failed = yard.runs("c2", flags="off")
    assert isinstance(failed, FailRun)
    assert not failed.clean
    assert stands(yard.parameters) == {"flags": "off"}


def test_what_asks_people_first_writes_nothing(yard: Yard) -> None:
    yard.bench.asks = UnitFailed("there are questions", clean=True)
    failed = yard.runs("c1", flags="on")
    assert isinstance(failed, FailRun)
    assert (failed.clean, stands(yard.parameters)) == (True, {})


class TestByHand:
    """What somebody else wrote into the parameter."""

    def test_is_refused_where_it_would_be_lost_and_nothing_moves(self, yard: Yard) -> None:
        yard.runs("c1", flags="on", size="1")
        yard.by_hand("size", "9")
        failed = yard.runs("c1", flags="off", size="2")
        assert isinstance(failed, FailRun)
        assert "ODMD070" in failed.error
        assert f"aws ssm delete-parameter --region us-west-1 --name {PATH}/size" in failed.error
        assert "9" not in failed.error.replace(PATH, "")
        assert (failed.clean, stands(yard.parameters)) == (True, {"flags": "on", "size": "9"})

    def test_stays_when_there_is_nothing_else_to_bring(self, yard: Yard) -> None:
        yard.runs("c1", flags="on")
        yard.by_hand("flags", "maybe")
        assert isinstance(yard.runs("c2", flags="on"), FinishRun)
        assert stands(yard.parameters) == {"flags": "maybe"}
        assert yard.said[-1] == f"config flags: {PATH}/flags holds what somebody wrote by hand, and keeps it"

    def test_is_not_taken_for_ours_before_we_ever_wrote(self, yard: Yard) -> None:
        yard.by_hand("flags", "theirs")
        failed = yard.runs("c1", flags="on")
        assert isinstance(failed, FailRun)
        assert "ODMD070" in failed.error

    def test_is_taken_where_it_says_what_is_wanted(self, yard: Yard) -> None:
        yard.by_hand("flags", "on")
        assert isinstance(yard.runs("c1", flags="on"), FinishRun)

    def test_what_was_deleted_comes_back_with_the_next_deployment(self, yard: Yard) -> None:
        yard.runs("c1", flags="on")
        yard.parameters.mirrored.clear()
        yard.runs("c2", flags="on")
        assert stands(yard.parameters) == {"flags": "on"}


def test_what_nobody_reads_any_more_goes_once_its_enver_is_deployed_without_it(yard: Yard) -> None:
    yard.runs("c1", flags="on", size="1")
    assert isinstance(yard.runs("c2", size="1"), FinishRun)
    assert yard.bench.read[-1] == {"flags": "on", "size": "1"}, "what runs until then reads it"
    assert stands(yard.parameters) == {"size": "1"}


def test_with_its_enver_all_of_it_goes(yard: Yard) -> None:
    yard.runs("c1", flags="on")
    empty = graph_of([node(1)])
    yard.leader.use(empty)
    yard.leader.ask(StartChange("removal", SOMEBODY, "", (), remove=(address(0),)))
    (leaving,) = [one for one in yard.leader.state.envers.values() if one.departure]
    (effect,) = [one for one in yard.effects if isinstance(one, RemoveEnver)]
    removers = Removers({COMMAND.name: Nothing(), CDK.name: Nothing()}, lambda _enver: None, yard.parameters)

    assert removers.look([leaving])[address(0)].keys == ("config flags",)
    assert stands(yard.parameters) == {"flags": "on"}
    yard.leader.ask(removers.remove(effect))
    assert stands(yard.parameters) == {}
    assert yard.leader.state.envers[address(0)].removed


def test_it_stays_while_something_of_its_enver_does() -> None:
    parameters = FakeAws()
    parameters.put(f"{PATH}/flags", "on", WHERE)
    effect = RemoveEnver(address(0), WHERE, None, "", config=("flags",))
    removers = Removers({CDK.name: Nothing("a stack cannot be deleted")}, lambda _enver: None, parameters)
    assert removers.remove(effect).error == "a stack cannot be deleted"
    assert stands(parameters) == {"flags": "on"}


@dataclass
class Nothing:
    """What was brought about is gone, or why it is not."""

    why: str = ""

    def look(self, effect: RemoveEnver) -> Remains:
        return Remains(Inventory(), lambda: self.why)

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        return ()

    def clear(self, effect: ClearUnits) -> FinishClearance:
        return FinishClearance(effect.enver, effect.units, (), effect.began)


def test_an_agent_elsewhere_is_handed_the_same() -> None:
    live = LiveConfig({"flags": LiveText("on", ("off", "on"), stays=False)}, ("size",))
    assert Body(LiveConfig).read(TypeAdapter(LiveConfig).dump_json(live)) == live
    assert ClaimTold.model_fields["live"].annotation is LiveConfig
    assert {one.name: one.default for one in fields(Claim)}["live"] == LiveConfig()
