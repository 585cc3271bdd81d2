"""What is to be deployed is held against what runs, by the documents that go with the source of each."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

import pytest

from odmd.control.leading.documents import keep_documents
from odmd.control.leading.in_use import DeployAsked, InUse
from odmd.control.leading.leader import Leader
from odmd.control.reading.documents import documents_of, text_of
from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.events import AnswerHeld
from odmd.control.scheduler.messages import Answer, ClaimRun, DropHold, FailRun, FinishRun, Head, StartChange
from odmd.control.scheduler.questions import SOURCE
from odmd.control.scheduler.setup import Limits, Setup
from odmd.control.scheduler.start import because, refuse_breaking
from odmd.errors import AnotherAnswerHeld, CommitAmbiguous, DocumentUnknown, EnverUnknown, SchemasBroken
from odmd.graph import Compiled, Graph
from odmd.graph.difference import Edition
from odmd.model import (
    WRITE,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Stage,
    Team,
    consumed,
    produced,
)
from odmd.model.kinds import EventBus, HttpApi
from odmd.plan import Limited, Plan, build_plan
from odmd.plan.fitting import FitAnswer
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.worlds import ACCOUNT, DEV

PLATFORM, BARISTAS, KITCHEN = Team("platform"), Team("baristas"), Team("kitchen")
PROD: Final = Stage("prod", ACCOUNT, "us-west-1")
OTHER: Final = replace(SOMEBODY, name="other")
Schemas = Mapping[str, Mapping[str, Any]]


class Bus(CdkEnver, build=Build("bus", Repo("acme/bus", PLATFORM))):
    bus: Produces[EventBus[object]] = produced("orders", schema="bus.json")


class Till(CdkEnver, build=Build("till", Repo("acme/till", BARISTAS))):
    bus: Consumes[EventBus[object]] = consumed("puts orders", access=WRITE, schema="till.json")


class Cook(CdkEnver, build=Build("cook", Repo("acme/cook", KITCHEN))):
    bus: Consumes[EventBus[object]] = consumed("takes orders", schema="cook.json")


class Menu(CdkEnver, build=Build("menu", Repo("acme/menu", PLATFORM))):
    api: Produces[HttpApi] = produced("the menu", schema="menu.json")


class Guest(CdkEnver, build=Build("guest", Repo("acme/guest", KITCHEN))):
    menu: Consumes[HttpApi] = consumed("what there is", uses=("GET /drinks",))


class Screen(CdkEnver, build=Build("screen", Repo("acme/screen", KITCHEN))):
    menu: Consumes[HttpApi] = consumed("what there is")


BUS, TILL, COOK = "bus/b..main", "till/b..main", "cook/b..main"


def message(*names: str, type_: str = "string") -> Mapping[str, Any]:
    return {"type": "object", "properties": {one: {"type": type_} for one in names}, "required": list(names)}


def api(*paths: str) -> Mapping[str, Any]:
    answers = {"responses": {"200": {"description": ""}}}
    return {"openapi": "3.1.0", "paths": {path: {"get": answers} for path in paths}}


@cache
def shop() -> Graph:
    """A till puts orders on a bus, from which a cook takes them; guest and screen read a menu."""
    main = Branch("main")
    bus, menu = Bus(on=main, at=DEV), Menu(on=main, at=DEV)
    till = Till(on=main, at=DEV, bus=bus.bus)
    cook = Cook(on=main, at=DEV, bus=bus.bus)
    prod_bus = Bus(on=Promoted(bus, by=PLATFORM), at=PROD)
    prod = (
        prod_bus,
        Till(on=Promoted(till, by=PLATFORM), at=PROD, bus=prod_bus.bus),
        Cook(on=Promoted(cook, by=PLATFORM), at=PROD, bus=prod_bus.bus),
    )
    guests = (Guest(on=main, at=DEV, menu=menu.api), Screen(on=main, at=DEV, menu=menu.api))
    return _unread(Organisation("acme", central=ACCOUNT, envers=[bus, menu, till, cook, *prod, *guests])).graph


def _unread(organisation: Organisation) -> Compiled:
    """The documents are no files here."""
    from odmd.graph.compile import ordered
    from odmd.graph.reading import draft

    drafted = draft(organisation)
    envers, moves_after = ordered(drafted, ("dev", "prod"))
    return Compiled(Graph("acme", ACCOUNT.id, envers, moves_after, "", drafted.builds), drafted.kinds, {})


class Shop:
    """Its control plane: documents come into force, commits are deployed, and it is asked what fits."""

    def __init__(self, **documents: Any) -> None:
        self.store = MemoryStore(lambda _position, _effects: None)
        self.leader = Leader(self.store, Setup(shop(), Limits(9), 0.0))
        self.leader.start()
        self.use(**documents)

    def use(self, **documents: Any) -> None:
        """From here on the contracts say this of messages and APIs."""
        names = {name: name for enver in shop().envers.values() for name in _names(enver)}
        known = {one.rpartition("/")[2].removesuffix(".json"): one for one in names}
        texts = {"build till": {"README.md": f"till of {sorted(documents)}"}, "till@main": {"runbook.md": "restart it"}}
        self.edition = Edition(shop(), {known[name]: one for name, one in documents.items()}, texts=texts)
        keep_documents(self.store, self.edition)

    def deploy(self, enver: str, commit: str = "c1") -> None:
        self.leader.ask(StartChange("push", SOMEBODY, "", (Head(enver, commit, shop().slice(enver)),)))
        self.finish()

    def promote(self, *envers: str) -> None:
        """What their origins run is let in."""
        for enver in envers:
            offer = self.store.load().envers[enver].offers[SOURCE]
            self.leader.ask(Answer(enver, SOURCE, offer.content.identity, approved=True, by=SOMEBODY))
            self.finish()

    def finish(self) -> None:
        while run := next(iter(self.store.load().runs.values()), None):
            self.leader.ask(ClaimRun(run.id, "somebody"))
            self.leader.ask(FinishRun(run.id, run.attempt + 1, "sha256:one", _published(run.enver)))

    def all(self, commit: str = "c1") -> None:
        for enver in shop().envers:
            if enver.endswith("main"):
                self.deploy(enver, commit)

    @property
    def in_use(self) -> InUse:
        state = self.store.load()
        return InUse(self.edition, recorded(state), self.store, None, state.standing.held(time.time()))

    def asked(self, enver: str, commit: str = "", to: str = "") -> FitAnswer:
        return self.in_use.can_deploy(DeployAsked(enver, commit, to))

    def plan(self, **heads: str) -> Plan:
        state = recorded(self.store.load())
        commits = {one: heads.get(one.partition("/")[0], "c1") for one in shop().envers if one.endswith("main")}
        return self.in_use.with_misfits(build_plan(shop(), state, commits, Limited()))

    def hold(self, enver: str, by: Actor, seconds: float = 60.0) -> bool:
        now = time.time()
        wanted = self.in_use.hold(DeployAsked(enver), by, now, now + seconds)
        return any(isinstance(event, AnswerHeld) for event in self.leader.ask(wanted))


def _names(enver: Any) -> Iterator[str]:
    yield from (one.schema for one in (*enver.products, *enver.wires) if one.schema)


def _published(enver: str) -> tuple[Any, ...]:
    from odmd.control.scheduler.messages import Publication

    return tuple(Publication(one.address, one.address, one.address, one.kind) for one in shop().envers[enver].products)


def said(answer: FitAnswer) -> list[str]:
    return [step.says for step in answer.proposal]


def broken(answer: FitAnswer) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.writer, one.reader, one.breaks) for one in answer.links if one.breaks]


@pytest.fixture
def made() -> Iterator[Shop]:
    both = message("id", "cents")
    shop = Shop(bus=both, till=both, cook=both, menu=api("/drinks", "/cakes"))
    shop.all()
    yield shop
    shop.leader.stop()


# who writes what, who reads what


def test_what_changed_nothing_fits(made: Shop) -> None:
    answer = made.asked("till@main")
    assert answer.possible
    assert [(one.now, one.meanwhile, one.after) for one in answer.links] == [("fits", "fits", "fits")]


def test_a_writer_that_leaves_out_what_is_read_breaks_its_reader(made: Shop) -> None:
    made.use(bus=message("id"), till=message("id"), cook=message("id", "cents"))
    answer = made.asked("till@main")
    assert not answer.possible
    assert broken(answer) == [(TILL, COOK, ("cents is not there",))]
    (link,) = answer.links
    assert (link.now, link.meanwhile, link.after) == ("fits", "does not fit", "does not fit")
    assert link.teams == ("baristas", "kitchen")
    assert link.product == f"{BUS}/bus"
    assert link.fitting == ("till@main as it runs",)


def test_a_reader_that_needs_what_is_not_written_yet_breaks_itself(made: Shop) -> None:
    made.use(bus=message("id", "cents", "guest"), till=message("id", "cents", "guest"), cook=message("id", "guest"))
    answer = made.asked("cook@main")
    assert broken(answer) == [(TILL, COOK, ("guest is not there",))]
    (link,) = answer.links
    assert link.fitting == ("till@main as the contracts say now", "cook@main as it runs")
    assert said(made.asked("cook@main")) == ["deploy till@main as the contracts say now", "then deploy cook@main"]


def test_readers_first_is_proposed_where_that_is_enough(made: Shop) -> None:
    made.use(bus=message("id"), till=message("id"), cook=message("id"))
    assert said(made.asked("till@main")) == ["deploy cook@main as the contracts say now", "then deploy till@main"]
    made.deploy(COOK, "c2")
    assert made.asked("till@main").possible


def test_expand_migrate_contract_is_proposed_where_no_order_is_enough(made: Shop) -> None:
    made.use(bus=message("id", "price"), till=message("id", "price"), cook=message("id", "price"))
    steps = made.asked("till@main").proposal
    assert [(step.phase, step.enver) for step in steps] == [("expand", TILL), ("migrate", COOK), ("contract", TILL)]
    assert "`cents`" in steps[0].says


def test_that_order_goes_through_without_a_break(made: Shop) -> None:
    made.use(till=message("id", "cents", "price"), cook=message("id", "price"), bus=message("id", "price"))
    assert made.asked("till@main").possible, "expand"
    made.deploy(TILL, "c2")
    assert made.asked("cook@main").possible, "migrate"
    made.deploy(COOK, "c2")
    made.use(till=message("id", "price"), cook=message("id", "price"), bus=message("id", "price"))
    assert made.asked("till@main").possible, "contract"


def test_what_does_not_fit_already_is_nobodys_new_fault(made: Shop) -> None:
    made.use(till=message("id"), cook=message("id", "cents"), bus=message("id"))
    made.deploy(TILL, "c2")
    answer = made.asked("till@main")
    assert answer.possible
    assert answer.links[0].already == ("cents is not there",)


# documents go with the source


def test_what_runs_is_what_was_said_when_its_source_was_first_deployed(made: Shop) -> None:
    less = message("id")
    made.use(till=less, cook=less, bus=less)
    assert made.in_use.runs(TILL) == replace(made.in_use.runs(TILL), commit="c1")
    made.deploy(TILL, "c1")
    assert made.asked("cook@main", commit="c1").possible
    assert made.asked("cook@main").possible
    found = made.in_use.runs(TILL)
    assert found is not None
    assert made.in_use.document(found.schemas[_name("till")]) == message("id", "cents")


def _name(of: str) -> str:
    return next(name for enver in shop().envers.values() for name in _names(enver) if name.endswith(f"{of}.json"))


def test_a_commit_that_was_deployed_is_asked_for_with_its_own_documents(made: Shop) -> None:
    made.use(till=message("id"), cook=message("id", "cents"), bus=message("id"))
    made.deploy(TILL, "c2")
    assert made.asked("till@main", commit="c1").possible, "back to what fits"
    assert made.asked("till@main", commit="c1").to == "till@main at c1"
    assert not made.asked("till@main", commit="c1").as_declared


def test_a_commit_that_was_never_deployed_is_by_the_contracts_of_now_and_the_answer_says_so(made: Shop) -> None:
    made.use(bus=message("id"), till=message("id"), cook=message("id", "cents"))
    answer = made.in_use.can_deploy(DeployAsked("till@main", "abcdef1"))
    assert answer.as_declared
    assert answer.to == (
        "till@main at abcdef1 (by the contracts as they are now, as no documents of that commit are kept)"
    )
    assert not answer.possible


def test_of_several_commits_that_begin_so_nobody_guesses(made: Shop) -> None:
    made.deploy(TILL, "c12")
    with pytest.raises(CommitAmbiguous, match="c1 may be any of"):
        made.asked("till@main", commit="c1")


def test_a_stage_is_asked_for_with_what_its_origin_runs(made: Shop) -> None:
    assert made.asked("till@main", to="prod").possible, "nobody reads there yet"
    made.promote("bus/s..prod", "till/s..prod", "cook/s..prod")
    made.use(till=message("id"), cook=message("id"), bus=message("id"))
    made.deploy(COOK, "c2")
    made.deploy(TILL, "c2")
    answer = made.asked("till@main", to="prod")
    assert answer.to == "till@s..prod at c2"
    assert broken(answer) == [("till/s..prod", "cook/s..prod", ("cents is not there",))]
    made.promote("cook/s..prod")
    assert made.asked("till@main", to="prod").possible
    assert made.asked("till@main", commit="c1", to="prod").possible
    with pytest.raises(EnverUnknown, match="has no enver at stage test"):
        made.asked("till@main", to="test")


def test_documents_are_told_as_they_were_when_it_was_deployed(made: Shop) -> None:
    enver = made.store.load().envers[TILL]
    assert [(one.name, one.of) for one in documents_of(made.store, enver)] == [
        ("README.md", "build till"),
        ("runbook.md", "till@main"),
        (_name("till"), "schema"),
    ]
    assert text_of(made.store, enver, "runbook.md") == "restart it"
    assert json.loads(text_of(made.store, enver, "till.json")) == message("id", "cents")
    made.use(till=message("id"))
    assert text_of(made.store, enver, "README.md") == "till of ['bus', 'cook', 'menu', 'till']"
    made.deploy(TILL, "c2")
    assert text_of(made.store, made.store.load().envers[TILL], "README.md") == "till of ['till']"
    with pytest.raises(DocumentUnknown, match="till@main has no document nothing"):
        text_of(made.store, enver, "nothing")


# APIs, and what is used of them


def test_what_nobody_uses_of_an_api_may_go(made: Shop) -> None:
    made.use(menu=api("/drinks"))
    answer = made.asked("menu@main")
    assert answer.possible
    assert {one.reader: one.doubts for one in answer.links if one.doubts} == {
        "screen/b..main": (
            "screen@main does not say what it relies on, and of what it was given: GET /cakes is not there",
        )
    }


def test_what_somebody_uses_of_an_api_has_to_stay(made: Shop) -> None:
    made.use(menu=api("/cakes"))
    assert broken(made.asked("menu@main")) == [("menu/b..main", "guest/b..main", ("GET /drinks is not there",))]


# plans


def test_a_plan_says_whom_it_breaks_and_goes_only_with_a_reason(made: Shop) -> None:
    made.use(till=message("id"), cook=message("id", "cents"), bus=message("id"))
    plan = made.plan(till="c2")
    assert [(one.writer, one.reader, one.says) for one in plan.breaking()] == [(TILL, COOK, ("cents is not there",))]
    with pytest.raises(SchemasBroken, match="cook@main"):
        refuse_breaking(plan, "")
    refuse_breaking(plan, "the cook is told")
    assert because(plan, "push", "the cook is told") == "push, accepting that cook@main break: the cook is told"


def test_what_a_plan_breaks_is_part_of_its_digest(made: Shop) -> None:
    before = made.plan(till="c2")
    made.use(till=message("id"), cook=message("id", "cents"), bus=message("id"))
    after = made.plan(till="c2")
    assert replace(after, misfits=()).digest() == before.digest() != after.digest()


def test_readers_move_before_writers_so_both_may_move_in_one_plan(made: Shop) -> None:
    made.use(till=message("id"), cook=message("id"), bus=message("id"))
    assert made.plan(till="c2").breaking()
    assert not made.plan(till="c2", cook="c2").misfits


def test_a_plan_in_which_the_reader_moves_first_breaks_what_needs_the_writer_first(made: Shop) -> None:
    made.use(till=message("id", "cents", "guest"), cook=message("id", "guest"), bus=message("id", "guest"))
    (one,) = made.plan(till="c2", cook="c2").breaking()
    assert (one.writer, one.reader, one.says) == (TILL, COOK, ("guest is not there",))


# holds


def test_while_an_answer_is_held_others_are_answered_beside_it(made: Shop) -> None:
    cook = message("id", "cents")
    made.use(till=message("id", "cents", "price"), cook=cook, bus=cook)
    assert made.hold("till@main", SOMEBODY)
    made.use(till=message("id", "cents"), cook=message("id", "cents", "price"), bus=cook)
    (link,) = made.asked("cook@main").links
    assert link.breaks == ("price is not there",)


def test_two_that_are_right_alone_are_not_both_held(made: Shop) -> None:
    """Each fits what runs; together they do not: the writer drops what the reader begins to need."""
    made.use(till=message("id", "cents"), cook=message("id"), bus=message("id"))
    made.all("c2")
    made.use(till=message("id"), cook=message("id", "cents"), bus=message("id"))
    assert made.asked("till@main").possible
    assert made.asked("cook@main").possible
    assert made.hold("till@main", SOMEBODY)

    (link,) = made.asked("cook@main").links

    assert link.breaks == ("cents is not there",)
    assert link.held_by.startswith("somebody until ")


def test_an_answer_that_was_given_beside_fewer_holds_is_not_held(made: Shop) -> None:
    now = time.time()
    late = made.in_use.hold(DeployAsked("cook@main"), OTHER, now, now + 60)
    assert made.hold("till@main", SOMEBODY)
    assert not made.leader.ask(late)
    assert made.hold("cook@main", OTHER), "asked again"


def test_what_somebody_holds_nobody_else_does(made: Shop) -> None:
    assert made.hold("till@main", SOMEBODY)
    assert made.hold("till@main", SOMEBODY), "anew"
    assert not made.hold("till@main", OTHER)
    with pytest.raises(AnotherAnswerHeld, match="somebody holds the answer for till@main until"):
        made.in_use.refuse_held(DeployAsked("till@main"), OTHER)
    made.leader.ask(DropHold(TILL, SOMEBODY))
    assert made.hold("till@main", OTHER)


def test_the_end_of_the_deployment_lets_go(made: Shop) -> None:
    assert made.hold("till@main", SOMEBODY)
    made.deploy(COOK, "c2")
    assert TILL in made.in_use.held
    made.deploy(TILL, "c2")
    assert not made.in_use.held


def test_a_deployment_that_fails_lets_go_too(made: Shop) -> None:
    assert made.hold("till@main", SOMEBODY)
    made.leader.ask(StartChange("push", SOMEBODY, "", (Head(TILL, "c3", shop().slice(TILL)),)))
    (run,) = made.store.load().runs.values()
    made.leader.ask(ClaimRun(run.id, "somebody"))
    made.leader.ask(FailRun(run.id, run.attempt + 1, "no", clean=True))
    assert not made.in_use.held


def test_a_hold_ends_by_itself(made: Shop) -> None:
    assert made.hold("till@main", SOMEBODY, seconds=0.05)
    held = made.store.load().standing
    assert not held.held(time.time() + 1)
    assert held.held(held.holds[TILL].at)
