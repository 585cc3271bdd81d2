"""What an agent does around a procedure: a run killed anywhere ends as one that was not, and moves nothing twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.agent import Agent, Tools
from odmd.control.leading.desk import Claim, StoreDesk
from odmd.control.leading.leader import Leader
from odmd.control.ports.journal import DoneStep
from odmd.control.reading.steps import steps_of
from odmd.control.running import steps
from odmd.control.running.pricing import CostPart, DailyCost, dearer
from odmd.control.running.procedures import Job, Observed, Unit, Work
from odmd.control.running.proposal import Look, Proposal, ResourceChange
from odmd.control.running.verifying import CheckResult, CheckVerdict
from odmd.control.scheduler.envers import Pin
from odmd.control.scheduler.messages import (
    Answer,
    CancelRun,
    ClaimRun,
    FailRun,
    FinishRun,
    Head,
    LoseRun,
    PinEnver,
    Publication,
    StartChange,
    VerifyEnver,
)
from odmd.control.scheduler.questions import CHANGES
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import CloudUnreachable, RunNotPrepared, UnitFailed
from odmd.graph import Compiled, ProductNode
from odmd.graph.approvals import ApprovalNode
from odmd.graph.governed import UNGOVERNED, Governed
from odmd.graph.verified import Verification
from odmd.model import Check, CommandCheck
from odmd.model.build_types import CDK, COMMAND, CONTRACTS, BuildType, Does
from odmd.model.kinds import Text
from odmd.model.targets import Target
from odmd.plan import Fingerprint
from odmd.plan.run_steps import LiveSteps, run_steps
from odmd.plan.settings import PlannedSettings
from odmd.providers.aws.fake import FakeAws
from odmd.providers.git.fake import FakeRepositories
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from odmd.store.settings import MemorySealed
from support.actors import SOMEBODY
from support.refining import refines
from support.worlds import address, graph_of, node

UNITS = ("one", "two")
CHECKS = ("./smoke", "./more")
EDITED = PlannedSettings(live=(("flags", "a"), ("size", "b")))
TEXT = f"{Text.__module__}:Text"
PRODUCTS = tuple(ProductNode(f"{address(0)}/{name}", name, TEXT) for name in UNITS)


class Killed(BaseException):
    """The process is gone: nobody hears of it."""


@dataclass
class Plot:
    """Kills the process when it comes to a moment: `before` or `after` something it does."""

    at: str = ""
    came_to: list[str] = field(default_factory=list[str])

    def __call__(self, moment: str) -> None:
        self.came_to.append(moment)
        if moment == self.at:
            self.at = ""
            raise Killed


class Interrupted(Plot):
    """Somebody interrupts it at a moment."""

    def __call__(self, moment: str) -> None:
        if moment == self.at:
            raise KeyboardInterrupt


@dataclass
class Workshop:
    """A procedure whose units are entries of a table. Carrying out what is there already changes nothing."""

    plot: Plot
    runs: dict[str, str] = field(default_factory=dict[str, str])
    moved: Counter[str] = field(default_factory=Counter[str])
    prepared: int = 0
    fails: Exception | None = None
    stale: str = ""
    """Why a kept recipe is not enough."""

    def preflight(self, job: Job) -> None:
        self.plot("preflight")

    def prepare(self, job: Job) -> bytes:
        self.plot("before prepare")
        self.prepared += 1
        self.plot("after prepare")
        return json.dumps({"commit": job.commit}).encode()

    def open(self, kept: bytes, job: Job) -> Work:
        return _Bench(self, json.loads(kept)["commit"])


class _Bench:
    def __init__(self, shop: Workshop, commit: str) -> None:
        self._shop, self._commit = shop, commit
        self.lookups: tuple[tuple[str, str], ...] = ()
        self.units: Sequence[Unit] = [Unit(name, commit, {}) for name in UNITS]

    def stale(self) -> str:
        return self._shop.stale

    def prove(self) -> None:
        self._shop.plot("prove")

    def deliver(self) -> Mapping[str, object]:
        self._shop.plot("deliver")
        return {}

    def look(self, unit: Unit) -> Look:
        self._shop.plot(f"look {unit.name}")
        return Look()

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:
        self._shop.plot(f"before propose {unit.name}")
        is_there = self._shop.runs.get(unit.name) == self._commit
        changes = () if is_there else (ResourceChange("Modify", unit.name, "Entry", "False", ""),)
        return Proposal(unit.name, "", changes, empty=is_there)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        self._shop.plot(f"before carry out {proposal.unit}")
        if self._shop.fails:
            raise self._shop.fails
        if not proposal.empty:
            self._shop.runs[proposal.unit] = self._commit
            self._shop.moved[proposal.unit] += 1
        self._shop.plot(f"after carry out {proposal.unit}")
        return {"commit": self._commit}

    def settle(self, unit: Unit) -> None:
        self._shop.plot(f"settle {unit.name}")

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:
        self._shop.plot(f"observe {unit.name}")
        return Observed({unit.name: f"{unit.name} at {carried_out['commit']}"}, {})


@dataclass
class PlottingVerifier:
    """Finds that all is well, and keeps what it was shown."""

    plot: Plot
    verdict: CheckVerdict = CheckVerdict.GREEN
    saw: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])

    def verify(self, check: Check, job: Job, products: Mapping[str, str]) -> CheckResult:
        self.plot(f"before verify {check.label}")
        assert job.enver.address == address(0)
        self.saw.append(products)
        self.plot(f"after verify {check.label}")
        return CheckResult(self.verdict, "it was looked at")


@dataclass
class Parameters(FakeAws):
    """Where services read config."""

    plot: Plot = field(default_factory=Plot)

    def __post_init__(self) -> None:
        super().__init__()

    def put(self, path: str, text: str, target: Target) -> None:
        name = path.rpartition("/")[2]
        self.plot(f"before write config {name}")
        super().put(path, text, target)
        self.plot(f"after write config {name}")


class Desk(StoreDesk):
    """Says when a step is journalled."""

    plot: Plot = Plot()

    def record(self, claim: Claim, step: DoneStep) -> None:
        self.plot(f"before journalling {step.name}")
        super().record(claim, step)
        self.plot(f"after journalling {step.name}")

    def finish(self, outcome: FinishRun | FailRun) -> None:
        self.plot("before the end")
        super().finish(outcome)


class PriceList:
    """What each recipe costs a day; None: nobody knows."""

    def __init__(self, *prices: int | None) -> None:
        self.prices, self.seen = list(prices), dict[bytes, int | None]()

    def price(self, recipe: bytes, target: Target) -> DailyCost:
        if recipe not in self.seen:
            self.seen[recipe] = self.prices.pop(0)
        price = self.seen[recipe]
        if price is None:
            return DailyCost(unknown=("Moon (Custom::Moon): it is new",), currency="USD")
        return DailyCost((CostPart("Nat", "AWS::EC2::NatGateway", Decimal(price)),), currency="USD")


class Yard:
    """One enver, its control plane, and agents that come one after the other."""

    def __init__(
        self,
        folder: Path,
        plot: Plot | None = None,
        of: BuildType = CDK,
        mode: RunMode = RunMode.FULL,
        checks: tuple[str, ...] = (),
        governed: Governed = UNGOVERNED,
    ) -> None:
        self.plot, self.folder, self.of, self.run = plot or Plot(), folder, of, 1
        self.shop = Workshop(self.plot)
        self.store = MemoryStore(lambda _position, _effects: None)
        self.checks, self.verifier = checks, PlottingVerifier(self.plot)
        self.pricer: PriceList | None = None
        verification = Verification(commands=tuple(map(CommandCheck, checks)), order=checks)
        made = graph_of([node(0, products=PRODUCTS, build_type=of.name, verification=verification)])
        graph = replace(made, governed=governed)
        self.leader = Leader(self.store, Setup(graph, Limits(1), 0.0))
        self.leader.start()
        contracts = graph.envers[address(0)].slice()
        self.leader.ask(StartChange("push", SOMEBODY, "", (Head(address(0), "c1", contracts),)))
        self.artifacts, self.sealed, self.parameters = MemoryArtifacts(), MemorySealed(), Parameters(self.plot)
        if mode is RunMode.VALUES:
            self._go_back_to(Fingerprint("c0", contracts, ()))
        if mode is RunMode.LIVE:
            self._edit_what_is_read_live(contracts)
        if mode is RunMode.VERIFY:
            self._finish_first(b"kept")
            self.leader.ask(VerifyEnver(address(0), SOMEBODY))

    def _finish_first(self, recipe: bytes) -> None:
        self.leader.ask(ClaimRun(1, "somebody"))
        units = UNITS if self.of.units_last else ()
        published = tuple(Publication(f"{address(0)}/{name}", f"{name} at c1", f"{name} at c1", TEXT) for name in UNITS)
        self.leader.ask(FinishRun(1, 1, self.artifacts.put(recipe), published, units, verified=self.checks))
        self.run = 2

    def _go_back_to(self, earlier: Fingerprint) -> None:
        """After a run that went well: what an earlier one ran, whose recipe is kept."""
        self._finish_first(b"newer")
        recipe = self.artifacts.put(json.dumps({"commit": earlier.commit, "kept": True}).encode())
        self.leader.ask(PinEnver(address(0), Pin(0, earlier, (), recipe, SOMEBODY, "")))

    def _edit_what_is_read_live(self, contracts: str) -> None:
        self._finish_first(b"kept")
        self.sealed.keep({identity: f'{{"is": "{identity}"}}' for _, identity in EDITED.live})
        head = Head(address(0), "c1", contracts, settings=EDITED)
        self.leader.ask(StartChange("edit", SOMEBODY, "", (head,)))

    def recorded(self) -> Run:
        found = self.store.run(self.run)
        assert found is not None
        return found

    def told(self) -> list[str]:
        return [one.step for one in steps_of(self.recorded(), self.store.steps(self.run))]

    def attempt(self, prepared: str | None = None) -> FinishRun | FailRun | None:
        """The outcome of one agent's attempt; None where it was killed, and another one may have the run."""
        agent, claim = self.claimed()
        try:
            return agent.carry_out(claim, prepared)
        except Killed:
            self.leader.ask(LoseRun(self.run, claim.attempt, "it is not heard of"))
            return None

    def prepare(self) -> str | FailRun:
        """What one agent prepared for another one, which is on another machine."""
        agent, claim = self.claimed(prepares=True)
        return agent.prepare(claim)

    def claimed(self, *, prepares: bool = False) -> tuple[Agent, Claim]:
        procedures, handovers = {self.of.name: self.shop}, {"aws": FakeAws()}
        tools = Tools(
            FakeRepositories(),
            procedures,
            handovers,
            self.artifacts,
            parameters=self.parameters,
            verifier=self.verifier,
            pricers={self.of.name: self.pricer} if self.pricer else {},
        )
        compiled = Compiled(self.leader.setup.graph, {TEXT: Text}, {})
        desk = Desk(self.leader.ask, self.store, compiled, sealed=self.sealed, prepares=prepares)
        desk.plot = self.plot
        agent = Agent("tests", desk, tools, self.folder, lambda *_, **__: None)
        claim = agent.claim(self.run)
        assert claim is not None
        return agent, claim


def moments(folder: Path) -> Iterator[str]:
    """All that a run that goes well comes to."""
    yard = Yard(folder)
    assert isinstance(yard.attempt(), FinishRun)
    yield from yard.plot.came_to


def test_a_run_that_is_killed_anywhere_ends_as_one_that_was_not_and_moves_nothing_twice(tmp_path: Path) -> None:
    all_of_it = list(moments(tmp_path / "well"))
    assert len(all_of_it) == len(set(all_of_it)) > 20
    for number, moment in enumerate(all_of_it):
        yard = Yard(tmp_path / str(number), Plot(moment))
        assert yard.attempt() is None, moment
        done = yard.attempt()
        assert isinstance(done, FinishRun), moment
        assert [(one.product.rpartition("/")[2], one.text) for one in done.publications] == [
            ("one", "one at c1"),
            ("two", "two at c1"),
        ], moment
        assert yard.shop.moved == Counter(UNITS), moment
        journalled = all_of_it.index(f"after journalling {steps.PREPARE}")
        assert yard.shop.prepared == (1 if number >= journalled or number < all_of_it.index("after prepare") else 2), (
            moment
        )


def test_what_is_done_stands_in_the_journal_in_its_order(tmp_path: Path) -> None:
    yard = Yard(tmp_path)
    yard.attempt()
    units = [steps.LISTED, *(step for unit in UNITS for step in (steps.propose(unit, 1), steps.carry_out(unit)))]
    assert [one.name for one in yard.store.steps(1)] == [steps.PREPARE, steps.DELIVER, *units]


@pytest.mark.parametrize("mode", list(RunMode))
@pytest.mark.parametrize("of", [CDK, COMMAND, CONTRACTS], ids=lambda of: of.name)
def test_what_is_carried_out_refines_what_the_run_began_with_also_where_it_is_resumed(
    tmp_path: Path, of: BuildType, mode: RunMode
) -> None:
    well = Yard(tmp_path / "well", of=of, mode=mode, checks=CHECKS)
    assert isinstance(well.attempt(), FinishRun)
    for number, moment in enumerate(well.plot.came_to):
        yard = Yard(tmp_path / str(number), Plot(moment), of, mode, CHECKS)
        begun = yard.recorded().steps
        assert yard.recorded().mode is mode
        live = LiveSteps(("flags", "size")) if mode is RunMode.LIVE else LiveSteps()
        assert begun == run_steps(of, mode, live=live, checks=CHECKS), moment
        assert yard.attempt() is None, moment
        killed_at = len(yard.plot.came_to)
        assert isinstance(yard.attempt(), FinishRun), moment

        listed = run_steps(of, mode, UNITS, live, CHECKS)
        assert refines(listed, begun)
        assert yard.told() == list(map(str, listed)), moment
        attempts = did(yard.plot.came_to[:killed_at]), did(yard.plot.came_to[killed_at:])
        for done in attempts:
            assert done == [step for step in map(str, listed) if step in done], f"{moment}: in the listed order"
        assert {step for done in attempts for step in done} == set(map(str, listed)), moment


def test_checks_see_what_is_published_once_they_pass(tmp_path: Path) -> None:
    yard = Yard(tmp_path, checks=CHECKS)
    done = yard.attempt()
    assert isinstance(done, FinishRun)
    assert done.verified == CHECKS
    assert yard.verifier.saw == [{name: f"{name} at c1" for name in UNITS}] * 2


def test_of_what_does_not_pass_nobody_hears(tmp_path: Path) -> None:
    yard = Yard(tmp_path, checks=CHECKS)
    yard.verifier.verdict = CheckVerdict.RED
    done = yard.attempt()
    assert isinstance(done, FailRun)
    assert (done.red, done.clean, done.publications) == (True, False, ())
    assert "./smoke does not pass: it was looked at" in done.error
    assert len(yard.verifier.saw) == 1, "the first one that does not pass is the last one"


def test_of_what_was_to_be_verified_and_failed_before_nobody_hears(tmp_path: Path) -> None:
    yard = Yard(tmp_path, checks=CHECKS)
    yard.shop.fails = CloudUnreachable("away")
    done = yard.attempt()
    assert isinstance(done, FailRun)
    assert (done.red, done.publications, yard.verifier.saw) == (False, (), [])


def did(came_to: Sequence[str]) -> list[str]:
    """The steps that an attempt came to, as the procedure saw them."""
    steps_only = (moment.removeprefix("before ") for moment in came_to)
    return [one for one in steps_only if one in set(Does) or one.startswith(tuple(f"{does} " for does in Does))]


def test_what_went_on_from_source_after_all_goes_on_so_although_its_recipe_is_there_again(tmp_path: Path) -> None:
    yard = Yard(tmp_path, Plot(f"after journalling {steps.carry_out('one')}"), mode=RunMode.VALUES)
    yard.shop.stale = "the kept recipe lacks something"
    assert yard.attempt() is None
    listed = list(map(str, run_steps(CDK, RunMode.FULL, UNITS)))
    assert yard.told() == listed

    yard.shop.stale, kept = "", yard.recorded().recipe
    done = yard.attempt()
    assert isinstance(done, FinishRun)
    assert yard.told() == listed
    assert done.recipe != kept, "that which was prepared"


def test_a_run_that_goes_on_from_source_after_all_says_what_it_does_instead(tmp_path: Path) -> None:
    yard = Yard(tmp_path, Plot("before prepare"), mode=RunMode.VALUES)
    yard.shop.stale = "the kept recipe lacks something"
    assert yard.told() == ["bring about its stacks"]
    assert yard.attempt() is None
    assert yard.told() == ["prepare", "deliver", "bring about its stacks"]


@pytest.mark.parametrize("clean", [True, False])
def test_whether_what_ran_before_runs_still_is_what_the_procedure_says(tmp_path: Path, clean: bool) -> None:
    yard = Yard(tmp_path)
    yard.shop.fails = UnitFailed("no", clean=clean)
    done = yard.attempt()
    assert isinstance(done, FailRun)
    assert done.clean is clean


def test_after_one_unit_moved_no_failure_is_clean(tmp_path: Path) -> None:
    class Second(Workshop):
        def open(self, kept: bytes, job: Job) -> Work:
            return _FailsAtTheSecond(self, json.loads(kept)["commit"])

    class _FailsAtTheSecond(_Bench):
        def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
            if proposal.unit == "two":
                raise UnitFailed("no", clean=True)
            return super().carry_out(proposal)

    yard = Yard(tmp_path)
    yard.shop = Second(yard.plot)
    done = yard.attempt()
    assert isinstance(done, FailRun)
    assert (done.clean, done.units, [one.text for one in done.publications]) == (False, UNITS, ["one at c1"])


def test_a_failure_while_it_is_carried_out_of_which_nothing_is_known_is_unclean(tmp_path: Path) -> None:
    yard = Yard(tmp_path)
    yard.shop.fails = CloudUnreachable("away")
    done = yard.attempt()
    assert isinstance(done, FailRun)
    assert not done.clean


def test_what_was_proposed_by_one_who_died_may_have_happened(tmp_path: Path) -> None:
    yard = Yard(tmp_path, Plot(f"after journalling {steps.propose('one', 1)}"))
    assert yard.attempt() is None
    yard.shop.fails = UnitFailed("no", clean=True)
    done = yard.attempt()
    assert isinstance(done, FailRun)
    assert not done.clean


def test_a_run_that_is_cancelled_before_anything_moved_ends_there(tmp_path: Path) -> None:
    yard = Yard(tmp_path, Plot(f"after journalling {steps.PREPARE}"))
    assert yard.attempt() is None
    yard.leader.ask(CancelRun(1, SOMEBODY))
    done = yard.attempt()
    assert isinstance(done, FailRun)
    assert "cancelled by somebody before anything moved" in done.error
    assert (done.clean, yard.shop.moved) == (True, Counter())


def test_a_run_that_is_cancelled_after_something_moved_goes_on(tmp_path: Path) -> None:
    yard = Yard(tmp_path, Plot(f"after journalling {steps.carry_out('one')}"))
    assert yard.attempt() is None
    yard.leader.ask(CancelRun(1, SOMEBODY))
    assert isinstance(yard.attempt(), FinishRun)


def test_who_was_replaced_moves_nothing_more(tmp_path: Path) -> None:
    class Replaced(Workshop):
        def prepare(self, job: Job) -> bytes:
            yard.leader.ask(LoseRun(1, 1, "it is not heard of"))
            yard.leader.ask(ClaimRun(1, "another"))
            return super().prepare(job)

    yard = Yard(tmp_path)
    yard.shop = Replaced(yard.plot)
    done = yard.attempt()
    assert isinstance(done, FailRun)
    assert "another worker took it over" in done.error
    assert yard.shop.moved == Counter()


def test_a_type_without_a_procedure_is_refused_before_anything_begins(tmp_path: Path) -> None:
    yard = Yard(tmp_path)
    tools = Tools(FakeRepositories(), {}, {}, MemoryArtifacts())
    desk = StoreDesk(yard.leader.ask, yard.store, Compiled(yard.leader.setup.graph, {TEXT: Text}, {}))
    agent = Agent("tests", desk, tools, tmp_path, lambda *_, **__: None)
    claim = agent.claim(1)
    assert claim is not None
    done = agent.carry_out(claim)
    assert isinstance(done, FailRun)
    assert done.error.startswith("ODMD102")
    assert done.clean


def test_where_changes_are_approved_config_alone_asks_and_is_written_once_that_is_said(tmp_path: Path) -> None:
    approval = ApprovalNode("stage dev", "baristas", changes=True)
    yard = Yard(tmp_path, mode=RunMode.LIVE, governed=Governed(approvals=(approval,)))
    asked = yard.attempt()
    assert isinstance(asked, FailRun)
    assert asked.loss is not None
    assert (asked.clean, asked.loss.is_change) == (True, True)
    assert asked.loss.what == "e0@main: write config flags, write config size"
    assert not [moment for moment in yard.plot.came_to if "write config" in moment]
    yard.leader.ask(Answer(address(0), CHANGES, asked.loss.digest, True, SOMEBODY))
    yard.run += 1
    assert isinstance(yard.attempt(), FinishRun)
    assert yard.told() == ["write config flags", "write config size"]


class TestCosts:
    """A stage that wants people to say yes to what makes an enver dearer."""

    def yard(self, folder: Path, *prices: int | None, by: float = 5) -> Yard:
        approval = ApprovalNode("stage dev", "baristas", dearer_by=by)
        yard = Yard(folder, governed=Governed(approvals=(approval,)))
        yard.pricer = PriceList(*prices)
        return yard

    def asked(self, yard: Yard) -> str:
        failed = yard.attempt()
        assert isinstance(failed, FailRun)
        assert failed.loss is not None
        assert failed.loss.is_change
        yard.leader.ask(Answer(address(0), CHANGES, failed.loss.digest, True, SOMEBODY))
        yard.run += 1
        return failed.loss.what

    def test_what_is_dearer_asks_says_how_much_and_goes_on_once_that_is_allowed(self, tmp_path: Path) -> None:
        yard = self.yard(tmp_path, 7)
        assert "e0@main would cost 7.00 USD more a day: 7.00, and now 0.00" in self.asked(yard)
        assert yard.shop.moved == Counter(), "not before"
        assert "7.00 USD more a day" in self.asked(yard), "so does the second stack, when its turn comes"
        assert isinstance(yard.attempt(), FinishRun)
        assert yard.shop.moved == Counter(UNITS)

    @pytest.mark.parametrize("price", [0, 4])
    def test_what_is_hardly_dearer_asks_nobody(self, tmp_path: Path, price: int) -> None:
        assert isinstance(self.yard(tmp_path, price).attempt(), FinishRun)

    def test_what_has_no_price_is_not_taken_for_nothing(self, tmp_path: Path) -> None:
        assert "nobody knows what Moon (Custom::Moon): it is new costs" in self.asked(self.yard(tmp_path, None))


@given(*(st.integers(0, 30) for _ in range(3)))
def test_a_run_asks_exactly_when_it_is_dearer_by_as_much(before: int, after: int, by: int) -> None:
    costs = [DailyCost((CostPart("Nat", "T", Decimal(one)),), currency="USD") for one in (before, after)]
    assert bool(dearer(*costs, Decimal(by))) is (after > before and after - before >= by)


class TestHalves:
    """One agent prepares a run, and another one carries it out: the same steps as in one process."""

    def test_do_what_one_does_and_the_second_runs_no_code_of_the_repository(self, tmp_path: Path) -> None:
        whole, halves = Yard(tmp_path / "whole"), Yard(tmp_path / "halves")
        one = whole.attempt()
        prepared = halves.prepare()
        assert isinstance(prepared, str)
        assert halves.recorded().status is RunStatus.STARTED
        assert not halves.recorded().begun
        first = list(halves.plot.came_to)
        assert "preflight" not in first, "that asks with credentials"
        two = halves.attempt(prepared)
        assert isinstance(one, FinishRun)
        assert isinstance(two, FinishRun)
        assert two == replace(one, attempt=2)
        assert whole.told() == halves.told()
        assert halves.shop.prepared == 1
        assert "before prepare" not in halves.plot.came_to[len(first) :]

    @pytest.mark.parametrize("mode", [RunMode.LIVE, RunMode.VERIFY, RunMode.VALUES])
    def test_have_nothing_to_prepare_where_nothing_is_made_of_the_source(self, tmp_path: Path, mode: RunMode) -> None:
        yard = Yard(tmp_path, mode=mode, checks=CHECKS if mode is RunMode.VERIFY else ())
        assert yard.prepare() == ""
        assert isinstance(yard.attempt(""), FinishRun)
        assert yard.shop.prepared == 0

    def test_give_a_run_back_whose_kept_recipe_is_not_enough(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, mode=RunMode.VALUES)
        yard.shop.stale = "the kept recipe lacks something"
        assert yard.prepare() == ""
        with pytest.raises(RunNotPrepared):
            yard.attempt("")
        assert yard.recorded().status is RunStatus.STARTED
        assert yard.shop.prepared == 0
        prepared = yard.prepare()
        assert isinstance(prepared, str)
        assert prepared
        assert isinstance(yard.attempt(prepared), FinishRun)

    def test_that_are_interrupted_say_so_and_whether_something_moved(self, tmp_path: Path) -> None:
        """As when somebody cancels a job."""
        for number, (moment, clean) in enumerate((("before prepare", True), ("after carry out one", False))):
            yard = Yard(tmp_path / str(number))
            if moment == "before prepare":
                yard.shop.plot = Interrupted(moment)
                failed = yard.prepare()
            else:
                prepared = yard.prepare()
                assert isinstance(prepared, str)
                yard.shop.plot = Interrupted(moment)
                failed = yard.attempt(prepared)
            assert isinstance(failed, FailRun)
            assert failed.clean is clean
            assert "was interrupted" in yard.recorded().error
