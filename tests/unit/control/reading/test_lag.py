"""How far envers are behind, in versions and in time, against what their stage allows; the clock is the test's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.leading.planner import Planner
from odmd.control.ports.log import Touched
from odmd.control.reading.heads import heads_read, note_heads_read
from odmd.control.reading.lag import LagReader, LagView
from odmd.control.reading.objectives import ExpectedLag, expected, expected_of, keep_expected
from odmd.control.scheduler.envers import Enver, OpenQuestion
from odmd.control.scheduler.questions import SOURCE, AboutInput
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.values import RunInput, Value, ValueStatus
from odmd.errors import ContractsUnsound
from odmd.graph import Compiled, Graph, compile_contracts
from odmd.graph.governed import Governed, Objective, WireObjective
from odmd.model import Branch, Lag, Organisation, Stage
from odmd.plan import Plan
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.words import sections
from odmd.providers.git.fake import FakeRepositories
from odmd.store.memory import MemoryStore
from support.worlds import ACCOUNT, address, graph_of, node, product, wire

DAY = 86_400.0
BUS = "bus/b..main/out"
READER, ORIGIN, PROD = "reader/b..main", "shop/b..main", "shop/s..prod"


def source(commit: str) -> Fingerprint:
    return Fingerprint(commit, "k", (), commit)


def reader(version: int, **more: object) -> Enver:
    given = RunInput("bus", BUS, version, f"t{version}", f"t{version}")
    return replace(Enver(READER, deployed=source("c"), consumed=(given,), stage="prod"), **more)  # type: ignore[arg-type]


def published(*times: float) -> list[Value]:
    return [Value(BUS, n, f"t{n}", f"t{n}", "k", n, at) for n, at in enumerate(times, 1)]


def ran(*sources: tuple[str, float], enver: str = ORIGIN) -> list[Run]:
    return [
        Run(
            n, enver, source(commit), (), RunMode.FULL, (), (), at, status=RunStatus.SUCCEEDED, finished_at=at
        )
        for n, (commit, at) in enumerate(sources, 1)
    ]  # fmt: skip


def lags(
    envers: Sequence[Enver],
    now: float,
    wanted: ExpectedLag | None = None,
    values: Sequence[Value] = (),
    runs: Sequence[Run] = (),
) -> list[LagView]:
    store = MemoryStore()
    store.commit(0, [], [], Touched(envers=list(envers), runs=list(runs), values=list(values)), [])
    return list(LagReader(store, store.versions, store.envers_of, wanted or ExpectedLag(), now).of(envers))


def objective(versions: int | None = None, days: float | None = None) -> ExpectedLag:
    seconds = None if days is None else days * DAY
    return ExpectedLag({"prod": Objective("prod", versions, seconds)}, {PROD: ORIGIN})


class TestWires:
    """Behind the newest version of what it consumes."""

    def test_who_runs_the_newest_is_not_behind(self) -> None:
        assert lags([reader(2)], 9 * DAY, values=published(1.0, 2.0)) == []

    def test_it_is_behind_since_the_first_that_it_lacks(self) -> None:
        (found,) = lags([reader(1)], 10 * DAY, values=published(0.0, 1 * DAY, 4 * DAY))
        assert (found.versions, found.since, found.broken) == (2, 1 * DAY, ())
        assert found.says(10 * DAY) == "bus is 2 versions and 9 days behind bus@main/out"

    def test_a_placeholder_is_behind_all_there_are(self) -> None:
        (found,) = lags([reader(0)], 3.0, values=published(1.0, 2.0))
        assert (found.versions, found.since) == (2, 1.0)

    @pytest.mark.parametrize("enver", [reader(1, deployed=None), reader(1, removed=True)])
    def test_who_runs_nothing_is_behind_nothing(self, enver: Enver) -> None:
        assert lags([enver], 3.0, values=published(1.0, 2.0)) == []


class TestObjectives:
    """What a stage allows: so many versions, and so long."""

    @given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 999), st.integers(1, 999))
    def test_it_is_broken_exactly_when_it_is_further_behind(self, lag: int, most: int, age: int, allowed: int) -> None:
        wanted = ExpectedLag({"prod": Objective("prod", most, float(allowed))})
        found = lags([reader(1)], 1.0 + age, wanted, published(0.0, *[1.0] * lag))
        assert len(found) == (lag > 0)
        for one in found:
            said = {"versions": lag > most, "time": age > allowed}
            assert [" version" in line for line in one.broken] == [key == "versions" for key in said if said[key]]

    def test_other_stages_are_as_old_as_they_like(self) -> None:
        (found,) = lags([reader(1, stage="dev")], 99 * DAY, objective(0, 1), published(0.0, 1.0))
        assert found.broken == ()


class TestWireObjectives:
    """What a wire or a promotion says itself holds there, whatever its stage says."""

    @given(st.integers(0, 5), st.none() | st.integers(0, 5), st.none() | st.integers(0, 5))
    def test_it_holds_instead_of_the_stages(self, lag: int, of_wire: int | None, of_stage: int | None) -> None:
        stages = {} if of_stage is None else {"prod": Objective("prod", of_stage, None)}
        subject = f"{READER}:bus"
        wires = {} if of_wire is None else {subject: WireObjective(subject, of_wire, None)}
        found = lags([reader(1)], 9.0, ExpectedLag(stages, {}, wires), published(0.0, *[1.0] * lag))
        most = of_wire if of_wire is not None else of_stage
        assert any(one.broken for one in found) == (most is not None and lag > most)

    def test_it_says_where_it_is_said(self) -> None:
        own = {f"{READER}:bus": WireObjective(f"{READER}:bus", 0, DAY)}
        (found,) = lags([reader(1)], 9 * DAY, ExpectedLag({}, {}, own), published(0.0, 1.0))
        assert found.broken == ("at most 0 versions here", "at most 24 h here")

    def test_a_promotions_own_is_not_an_inputs(self) -> None:
        own = {f"{PROD}:": WireObjective(f"{PROD}:", 0, None)}
        promoted, runs = Enver(PROD, deployed=source("a"), stage="prod"), ran(("a", 1.0), ("b", 2.0))
        envers = [promoted, Enver(ORIGIN, deployed=runs[-1].fingerprint)]
        (found,) = lags(envers, 3.0, ExpectedLag({}, {PROD: ORIGIN}, own), runs=runs)
        assert (found.broken, found.deploys) == (("at most 0 versions here",), True)

    def test_contracts_say_it_and_reads_find_it(self) -> None:
        graph = compile_contracts(tea(versions=2)).graph
        (first, second) = graph.governed.wire_objectives
        assert (first.subject, first.versions, first.seconds) == ("site/b..main:menu", 2, None)
        assert (second.subject, second.seconds) == ("site/s..prod:", 7 * DAY)
        store = MemoryStore()
        keep_expected(store, graph)
        assert expected(store) == expected_of(graph)
        assert expected(store).has_any("site/b..main", "dev")
        assert not expected(store).has_any("kitchen/b..main", "dev")

    def test_only_the_digest_of_all_knows_of_it(self) -> None:
        two, three = (compile_contracts(tea(versions=n)).graph for n in (2, 3))
        assert two.digest() != three.digest()
        assert all(two.slice(enver) == three.slice(enver) for enver in two.envers)

    def test_one_that_says_nothing_is_a_mistake_at_its_line(self) -> None:
        with pytest.raises(ContractsUnsound) as refused:
            compile_contracts(tea(versions=None))
        (found,) = [one for one in refused.value.diagnostics() if one.code == "ODMD197"]
        assert found.fact == "the objective of input menu of site@main says nothing"
        assert found.place is not None
        assert found.place.file == __file__


def tea(versions: int | None) -> Organisation:
    """A site that reads a menu, gated, and is promoted; both say how old they may be."""
    from odmd.model import Build, CommandEnver, Consumes, Produces, Promoted, Repo, Team
    from odmd.model.kinds import EventBus

    team = Team("t")

    class Kitchen(CommandEnver, build=Build("kitchen", Repo("acme/kitchen", team))):
        commands = ("true",)
        menu: Produces[EventBus]

    class Site(CommandEnver, build=Build("site", Repo("acme/site", team))):
        commands = ("true",)
        menu: Consumes[EventBus]

    dev, prod = Stage("dev", ACCOUNT, "us-west-1"), Stage("prod", ACCOUNT, "us-west-1")
    kitchen = Kitchen(on=Branch("main"), at=dev)
    site = Site(on=Branch("main"), at=dev, menu=kitchen.menu.gated(by=team).within(versions=versions))
    ready = Site(on=Promoted(site, within=Lag(age=timedelta(days=7))), at=prod, menu=kitchen.menu)
    return Organisation("acme", central=ACCOUNT, envers=[kitchen, site, ready])


class TestPromotions:
    """Behind what it is promoted from."""

    PROMOTED = Enver(PROD, deployed=source("a"), stage="prod")
    HISTORY = (("a", 1.0), ("b", 2 * DAY), ("b", 3 * DAY), ("c", 5 * DAY))

    def found(self, promoted: Enver, runs: Sequence[Run], now: float = 6 * DAY) -> list[LagView]:
        return lags([promoted, Enver(ORIGIN, deployed=runs[-1].fingerprint)], now, objective(1, 7), runs=runs)

    def test_it_counts_sources_and_not_runs(self) -> None:
        (found,) = self.found(self.PROMOTED, ran(*self.HISTORY))
        assert (found.input, found.of, found.versions, found.since) == ("commit", ORIGIN, 2, 2 * DAY)
        assert found.broken == ("at most 1 version in prod",)
        assert found.says(6 * DAY) == "commit is 2 deployments and 4 days behind shop@main"

    def test_equal_source_is_not_behind_whatever_its_commit(self) -> None:
        same = replace(self.PROMOTED, deployed=Fingerprint("another", "k", (), "c"))
        assert self.found(same, ran(*self.HISTORY)) == []

    def test_what_mends_it_is_what_people_type(self) -> None:
        offered = OpenQuestion(RunInput("", ORIGIN, 0, "c", "c"), "team", 1, 1.0)
        for enver, typed in (
            (self.PROMOTED, "odmd apply --target shop@s..prod"),
            (replace(self.PROMOTED, offers={SOURCE: offered}), "odmd approve shop@s..prod commit"),
            (replace(self.PROMOTED, rejected={SOURCE: "c"}), "odmd why shop@s..prod"),
            (replace(self.PROMOTED, failed=source("c")), "odmd why shop@s..prod"),
        ):
            (found,) = self.found(enver, ran(*self.HISTORY))
            assert found.mend == typed
        offers = {AboutInput("bus"): offered}
        (found,) = lags([reader(1, offers=offers)], 3.0, values=published(1.0, 2.0))
        assert found.mend == "odmd approve reader@main bus"


class TestWhatContractsSay:
    """Objectives of stages, kept where reads find them without loading contracts."""

    def test_they_are_kept_and_read_back(self) -> None:
        promoted = node(1, revision="promoted:e0/b..main")
        graph = replace(graph_of([node(0), promoted]), governed=Governed(objectives=(Objective("dev", 2, None),)))
        store = MemoryStore()
        assert expected(store) == ExpectedLag()
        keep_expected(store, graph)
        assert expected(store) == expected_of(graph)
        assert expected(store).origins == {promoted.address: "e0/b..main"}
        keep_expected(store, graph_of([node(0)]))
        assert expected(store) == ExpectedLag()

    def test_contracts_without_any_have_the_digest_they_had(self) -> None:
        plain = graph_of([node(0)])
        held = replace(plain, governed=Governed(objectives=(Objective("dev", 2, None),)))
        assert plain.digest() != held.digest()
        assert held.governed.said() == {}, "nobody may do more or less for them"

    @pytest.mark.parametrize(
        ("said", "wrong"),
        [
            (Lag(), "says nothing"),
            (Lag(versions=-1), "allows less than no versions"),
            (Lag(age=timedelta()), "allows no time at all"),
        ],
    )
    def test_an_objective_that_nobody_can_meet_is_a_mistake(self, said: Lag, wrong: str) -> None:
        from odmd.model import Build, CommandEnver, Repo, Team

        class Job(CommandEnver, build=Build("job", Repo("acme/job", Team("t")))):
            commands = ("true",)

        stage = Stage("prod", ACCOUNT, "us-west-1", objective=said)
        with pytest.raises(ContractsUnsound) as refused:
            compile_contracts(Organisation("acme", central=ACCOUNT, envers=[Job(on=Branch("main"), at=stage)]))
        found = [one for one in refused.value.diagnostics() if one.code == "ODMD197"]
        assert [one.fact for one in found] == [f"the objective of stage prod {wrong}"]


def test_a_plan_says_which_of_its_steps_mends_what_is_too_far_behind() -> None:
    graph = graph_of([node(0), node(1, [wire(0, 1)])])
    held = replace(graph, governed=Governed(objectives=(Objective("dev", 0, None),)))
    repositories, store, out = FakeRepositories(), MemoryStore(), product(0)
    values = [Value(out, n, f"t{n}", f"t{n}", "test:Text", 1, float(n)) for n in (1, 2)]
    values[0].status = ValueStatus.SUPERSEDED
    given = RunInput("in0", out, 1, "t1", "t1")
    made = [Fingerprint(repositories.commit(f"acme/e{n}", "main", {}), graph.slice(address(n)), ()) for n in (0, 1)]
    envers = [
        Enver(address(0), deployed=made[0], commit=made[0].commit, slice=made[0].slice, stage="dev"),
        Enver(address(1), deployed=replace(made[1], values=(("in0", "t1"),)), consumed=(given,), stage="dev"),
    ]
    store.commit(0, [], [], Touched(envers=envers, values=values), [])

    def plan(of: Graph) -> Plan:
        return Planner(Compiled(of, {}, {}), store.load(), store, repositories, 2).make()

    assert [step.enver for step in plan(held).steps()] == [address(1)]
    (mended,) = plan(held).mends
    assert mended.startswith("e1@main: in0 is 1 version and ")
    assert mended.endswith("behind e0@main/out (at most 0 versions in dev)")
    assert ("Mends what is too far behind", [mended]) in sections(plan(held))
    assert plan(graph).mends == ()


def test_heads_that_were_read_together_stand_together() -> None:
    store = MemoryStore()
    note_heads_read(store, ["a", "b"], ["a", "b", "c"], 1.0)
    note_heads_read(store, ["b"], ["a", "b", "c"], 2.0)
    assert heads_read(store) == {"a": 1.0, "b": 2.0}
    note_heads_read(store, ["c"], ["b", "c"], 3.0)
    assert heads_read(store) == {"b": 2.0, "c": 3.0}, "who left the contracts is forgotten"
    note_heads_read(store, [], [], 4.0)
    assert heads_read(store) == {"b": 2.0, "c": 3.0}
