"""A state that odmd wrote as of a93fd58 opens, says what was recorded, and goes on."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from odmd.control.leading.editions import decode_edition
from odmd.control.leading.leader import Leader
from odmd.control.leading.plans import find_plan
from odmd.control.running.steps import DELIVER, PREPARE, propose
from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.effects import Effect, MirrorProduct, RemoveEnver
from odmd.control.scheduler.events import (
    Approved,
    ContractsChanged,
    Event,
    Pinned,
    RunSucceeded,
    ValuePublished,
)
from odmd.control.scheduler.evolve import evolve
from odmd.control.scheduler.messages import (
    Answer,
    ClaimRun,
    FinishRun,
    Head,
    Message,
    Publication,
    ReleaseEnver,
    ResumeScope,
    StartChange,
    UseContracts,
)
from odmd.control.scheduler.questions import SOURCE, AboutInput
from odmd.control.scheduler.runs import RunMode, RunStatus
from odmd.control.scheduler.setup import Limits, Setup
from odmd.control.scheduler.state import Pause, State
from odmd.control.scheduler.units import DeployedUnit, Units
from odmd.control.scheduler.values import ValueRef, ValueStatus
from odmd.errors import PlanUnusable
from odmd.graph import Graph, compile_contracts, load_organisation
from odmd.model.targets import Target
from odmd.plan.wiring import Wirings
from odmd.store.artifacts import SqlArtifacts
from odmd.store.codec import EFFECTS
from odmd.store.sql import SqlStore
from odmd.store.tokens import SqlTokens
from support.actors import somebody
from support.recording import Desk

KEPT = Path(__file__).parents[2] / "data" / "state_of_a93fd58"
FOUNDATION, READER, WRITER, AUDIT = (f"{build}/b..main" for build in ("foundation", "reader", "writer", "audit"))
PROD, OLD, STUCK = "foundation/s..prod", "writer/b..old", "writer/b..stuck"
BUS, QUEUE = f"{FOUNDATION}/bus", f"{READER}/queue"
EARLIER, NOW = (f"sha256:{begin}" for begin in ("6134bb1a", "3560e12c"))

SOON = 1_795_378_000.0
"""Some minutes after what is recorded."""


def person(name: str) -> Actor:
    """As an older release knew him: by name."""
    return Actor(name, ActorKind.PERSON, "", Scope.ADMIN)


@dataclass
class Office:
    """The state as it is opened now; who leads decides at once."""

    file: Path
    asked: list[Effect] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = SqlStore(self.file, lambda _, __, asked: self.asked.extend(asked))
        organisation = load_organisation("contracts.py:acme", KEPT).organisation
        self.graph = compile_contracts(organisation).graph

    def lead(self) -> Leader:
        return Leader(self.store, Setup(self.graph, Limits(organisation=None)))

    def send(self, leader: Leader, message: Message) -> list[Event]:
        id = f"now-{len(self.sent)}"
        self.sent.append(message)
        assert self.store.receive(id, message, SOON + len(self.sent))
        while leader.drain():
            pass
        told = self.store.told(id)
        assert told is not None
        assert told.handled
        return [entry.event for entry in told.answer]

    def finish_all(self, leader: Leader) -> None:
        """Whatever run begins ends well."""
        while runs := leader.state.runs:
            run = next(iter(runs.values()))
            self.send(leader, ClaimRun(run.id, "worker-2"))
            self.send(leader, FinishRun(run.id, run.attempt, "sha256:fourth", ()))

    def editions(self) -> list[Graph]:
        with self.store.database.reading() as connection:
            kept = "SELECT body FROM documents WHERE name LIKE 'contracts/sha256:%%' ORDER BY length(body) DESC"
            return [decode_edition(body).graph for body in connection.exec_driver_sql(kept).scalars()]


def unpack(file: Path) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(lzma.decompress((KEPT / "state.db.xz").read_bytes()))
    return file


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office(unpack(tmp_path / "state.db"))
    yield opened
    opened.store.close()


def test_envers_are_as_they_were_recorded(office: Office):
    envers = office.store.load().envers
    assert list(envers) == sorted((FOUNDATION, PROD, READER, WRITER, AUDIT, OLD, STUCK))
    unit = DeployedUnit("audit--main", Target("111122223333", "us-west-1"))
    assert envers[AUDIT].units == Units((unit,))
    assert envers[AUDIT].picked["bus"].version == 1
    offer = envers[AUDIT].offers[AboutInput("bus")]
    assert (offer.content.version, offer.gate) == (2, "platform")
    assert envers[AUDIT].recipe is not None
    assert (envers[WRITER].failure, envers[WRITER].failed is not None) == ("ODMD204 no beans\nlook into run.log", True)
    assert envers[PROD].rejected == {SOURCE: "foundation-2"}
    assert envers[OLD].removed
    assert envers[OLD].units == Units()
    departure = envers[STUCK].departure
    assert departure is not None
    assert (departure.by, departure.under_way) == (person("ada"), True)


def test_a_pin_knows_who_holds_what(office: Office):
    envers = office.store.load().envers
    pin = envers[READER].pin
    assert pin is not None
    assert (pin.run, pin.by, pin.why) == (2, person("ada"), "the new one reads nothing")
    assert pin.fingerprint == envers[READER].deployed
    assert pin.recipe is not None
    assert SqlArtifacts(office.store.database).get(pin.recipe)
    assert envers[READER].recipe == pin.recipe


def test_envers_know_the_run_and_the_contracts_of_their_inputs_and_their_stage(office: Office):
    envers = office.store.load().envers
    assert {address: (one.deployed_by, one.stage) for address, one in envers.items()} == {
        FOUNDATION: (8, "dev"),
        PROD: (14, "prod"),
        READER: (16, "dev"),
        WRITER: (4, "dev"),
        AUDIT: (10, "dev"),
        OLD: (0, ""),
        STUCK: (13, "dev"),
    }
    deployed = {address: one.deployed for address, one in envers.items() if one.deployed}
    assert {address: envers[address].consumed_under for address in deployed} == {
        address: runs.slice for address, runs in deployed.items()
    }
    assert envers[AUDIT].slice != envers[AUDIT].consumed_under, "a run under the contracts of now is owed"


def test_waves_and_pauses_say_who_acted(office: Office):
    state = office.store.load()
    assert state.standing.pauses == {WRITER: Pause(person("ada"), "until somebody found the beans", None)}
    assert state.standing.contracts.startswith(NOW)
    said = {wave.id: (wave.cause, wave.by) for wave in office.store.waves()}
    assert said[2] == ("bus #1 approved", person("grace"))
    assert said[5] == ("drift: its bus has another policy", person("drift"))
    assert said[9] == ("third deployment", person("ada"))
    assert list(state.waves) == [4, 9]


def test_values_live_as_long_as_they_did(office: Office):
    assert {value.ref: value.status for value in office.store.values()} == {
        ValueRef(BUS, 1): ValueStatus.SUPERSEDED,
        ValueRef(BUS, 2): ValueStatus.CURRENT,
        ValueRef(f"{PROD}/bus", 1): ValueStatus.CURRENT,
        ValueRef(QUEUE, 1): ValueStatus.RETIRED,
        ValueRef(QUEUE, 2): ValueStatus.CURRENT,
    }
    assert office.store.load().leased[ValueRef(BUS, 1)] == {READER, WRITER, AUDIT}


def test_runs_and_their_steps_are_those_of_any_build(office: Office):
    runs = {run.id: run for run in office.store.runs()}
    assert len(runs) == 17
    assert (runs[11].status, runs[15].status) == (RunStatus.FAILED, RunStatus.FAILED)
    assert (runs[15].cancelled, runs[16].mode) == ("ada", RunMode.VALUES)
    assert all(run.recipe for run in runs.values() if run.status is RunStatus.SUCCEEDED)
    assert (runs[17].status, runs[17].worker) == (RunStatus.CLAIMED, "worker-1")
    steps = office.store.steps(17)
    assert [step.name for step in steps] == [PREPARE, DELIVER, propose("foundation--main", 1)]
    assert json.loads(steps[0].result).keys() == {"recipe"}


def test_the_whole_log_is_read_and_leads_to_the_same_state(office: Office):
    log, earlier_and_now = office.store.read(), office.editions()
    assert [graph.digest()[:15] for graph in earlier_and_now] == [EARLIER, NOW]
    assert len(log) == office.store.position() == 89
    replayed, wirings = State(), Wirings(*earlier_and_now)
    for entry in log:
        evolve(wirings, replayed, entry.event)
    state = office.store.load()
    for address, enver in state.envers.items():  # that log did not say which units an app has
        assert replayed.envers[address].units == Units()
        replayed.envers[address].units = enver.units
    for run in replayed.runs.values():  # nor was it noted what a run begins with
        assert run.steps
        run.steps = state.runs[run.id].steps
    assert replayed == state


def test_the_log_says_who_acted_and_which_recipe_it_was(office: Office):
    events = [entry.event for entry in office.store.read()]
    assert [event.by for event in events if isinstance(event, Approved)] == [person("grace")] * 2
    assert {event.pin.by for event in events if isinstance(event, Pinned)} == {person("ada")}
    assert all(event.recipe for event in events if isinstance(event, RunSucceeded))


def test_what_was_sent_and_not_decided_is_still_there(office: Office):
    waiting = [(received.id, received.message) for received in office.store.pending(9)]
    bus = office.store.load().envers[AUDIT].offers[AboutInput("bus")].content.identity
    assert waiting == [
        ("message-55", Answer(AUDIT, AboutInput("bus"), bus, approved=True, by=person("grace"), why="it was looked at"))
    ]


def test_effects_that_were_asked_for_can_be_carried_out(office: Office):
    said = json.loads((KEPT / "effects.json").read_text())
    effects = [EFFECTS.decode(name, body) for name, body in said.items()]
    recipe = office.store.load().envers[STUCK].recipe
    departure = office.store.load().envers[STUCK].departure
    assert departure is not None
    assert RemoveEnver(STUCK, Target("111122223333", "us-west-1"), recipe, "", began=departure.began) in effects
    assert MirrorProduct(QUEUE) in effects


def test_tokens_are_good_for_what_they_were(office: Office):
    tokens = SqlTokens(office.file)
    assert [(one.name, one.scope, one.teams, one.run) for one in tokens.all()] == [("ci", Scope.WRITE, (), None)]
    tokens.close()


def test_plans_that_were_kept_are_to_be_made_anew(office: Office):
    plan = next(wave.plan for wave in office.store.waves() if wave.id == 9)
    with pytest.raises(PlanUnusable, match="older release"):
        find_plan(office.store, plan, "acme")


def test_it_goes_on_with_the_run_that_was_under_way_and_with_new_changes(office: Office):
    leader = office.lead()
    contracts = UseContracts(office.graph.digest(), int(SOON * 1e9))
    assert [type(event) for event in office.send(leader, contracts)] == [ContractsChanged]
    assert leader.state.standing.stages == ("dev", "prod"), "their order was not noted, and counts from here on"
    assert leader.state.envers[AUDIT].offers == {}, "the answer that waited was heard"
    three = Publication(BUS, "three", "three", "EventBus")
    finished = office.send(leader, FinishRun(17, 1, "sha256:third", (three,), ("foundation--main",)))
    assert {type(event) for event in finished} >= {ValuePublished, RunSucceeded}
    assert office.asked == [MirrorProduct(BUS)]
    head = Head(WRITER, "writer-4", office.graph.slice(WRITER), content="tree-4")
    office.send(leader, StartChange("fourth deployment", somebody("ada"), "sha256:4", (head,), retry=(WRITER,)))
    office.send(leader, ResumeScope(WRITER, somebody("ada")))
    office.send(leader, ReleaseEnver(READER, somebody("ada")))
    office.finish_all(leader)
    envers = leader.state.envers
    assert {address: one.deployed and one.deployed.commit for address, one in envers.items()} == {
        FOUNDATION: "foundation-3",
        PROD: "foundation-1",
        READER: "reader-2",
        WRITER: "writer-4",
        AUDIT: "audit-3",
        OLD: None,
        STUCK: "writer-2",
    }
    assert [given.version for given in (*envers[WRITER].consumed, *envers[READER].consumed)] == [3, 3]
    assert envers[PROD].offers[SOURCE].content.text == "foundation-3"
    assert office.store.load() == leader.state


def test_opened_again_it_is_the_same(office: Office):
    before = office.store.load()
    office.store.close()
    again = SqlStore(office.file)
    assert again.load() == before
    again.close()


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    opened = Desk(tmp_path, capsys, monkeypatch)
    opened.declare((KEPT / "contracts.py").read_text())
    unpack(opened.state / "state.db")
    return opened


def test_status_tells_it(desk: Desk):
    told = desk.odmd("status", "--json")
    assert told.code == 0, told.err
    assert {one["enver"]: one["state"] for one in told.data} == {
        FOUNDATION: "interrupted",
        PROD: "deployed",
        READER: "waiting",
        WRITER: "failed",
        AUDIT: "asks",
        STUCK: "leaving",
    }


def test_why_tells_it(desk: Desk):
    assert "held at run 2 by ada: the new one reads nothing" in desk.texts("reader@main")
    assert "bus #2 waits for team platform to approve it" in desk.texts("audit@main")
    assert "wave 4: second deployment, by ada, plan 8256de5" in desk.texts("writer@main")
    assert desk.texts("writer@stuck")[0] == "writer@stuck left the contracts: ada removes it"


def test_values_and_runs_and_logs_tell_it(desk: Desk):
    values = desk.odmd("values", "--json").data
    assert [one["value"]["version"] for one in values if one["value"]["product"] == BUS] == [1, 2]
    assert [one["id"] for one in desk.odmd("runs", "--json").data] == list(range(17, 0, -1))
    assert "no beans" in desk.odmd("logs", "11").out
