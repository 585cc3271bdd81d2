"""What can be done is the same here and over HTTP: one suite for both planes, on one state.

Carrying a plan out to its end needs a cloud: the acceptance tests of `odmd apply` do that with both.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest

from odmd.bootstrap.contracts import load_contracts
from odmd.bootstrap.local_plane import LocalPlane
from odmd.bootstrap.plane import contracts_here
from odmd.bootstrap.settings import Settings, read_settings
from odmd.bootstrap.state import leadership
from odmd.client.client import Client
from odmd.client.plane import HttpPlane
from odmd.compare.comparison import Because, Section
from odmd.control.leading.comparing import CompareAsked
from odmd.control.leading.config_views import ConfigChange, ConfigValueView
from odmd.control.leading.documents import keep_documents
from odmd.control.leading.drift import DriftAsked
from odmd.control.leading.in_use import DeployAsked
from odmd.control.leading.plane import Plane
from odmd.control.leading.planner import Planner
from odmd.control.leading.preflight import PreflightAsked
from odmd.control.leading.where import WhereAsked
from odmd.control.leading.wishes import Answering, Cancelling, Pausing, Releasing, Resuming, RollingBack, Wish
from odmd.control.ports.journal import DoneStep
from odmd.control.reading.heads import note_heads_read
from odmd.control.reading.objectives import keep_expected
from odmd.control.reading.proven import prove
from odmd.control.reading.provenance import FactSort
from odmd.control.reading.trail import Sought
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.events import Approved, Event, Paused, Pinned, Rejected, Resumed
from odmd.control.scheduler.messages import FinishRun, Head, Publication, StartChange
from odmd.errors import (
    AnotherAnswerHeld,
    CompareRefused,
    ConfigRefused,
    ConfigUnreadable,
    DocumentUnknown,
    EnverUnknown,
    Interrupted,
    LayerMoved,
    LayerUnknown,
    NothingAsked,
    NothingRan,
    OfferMoved,
    PinRefused,
    PlanOutdated,
    ReportsUnknown,
    TeamUnknown,
    TokenUnknown,
    TrailRefused,
    WhereAmbiguous,
    WhereUnknown,
)
from odmd.graph.difference import Edition
from odmd.graph.governed import Governed, Objective
from odmd.plan import Limited
from odmd.plan.commits import Author
from odmd.store.artifacts import SqlArtifacts
from support.actors import somebody
from support.served import Served
from support.until import TOO_LONG
from support.worlds import address, product

CONTRACTS = """
from dataclasses import dataclass

from odmd.model import *
from odmd.model.kinds import EventBus

team, dev = Team("baristas"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

@dataclass
class Size:
    shards: int = 1

class E0(CdkEnver, build=Build("e0", Repo("acme/e0", team))):
    out: Produces[EventBus[str]] = produced("first")
    size: Config[Size] = configured("how large it is")

class E1(CdkEnver, build=Build("e1", Repo("acme/e1", team))):
    in0: Consumes[EventBus[str]]
    out: Produces[EventBus[str]] = produced("second")

class E2(CdkEnver, build=Build("e2", Repo("acme/e2", team))):
    in1: Consumes[EventBus[str]]
    out: Produces[EventBus[str]] = produced("third")

main = Branch("main")
e0 = E0(on=main, at=dev)
e1 = E1(on=main, at=dev, in0=e0.out)
e2 = E2(on=main, at=dev, in1=e1.out.gated(by=team))
acme = Organisation("acme", central=dev.account, envers=[e0, e1, e2])
"""


@dataclass
class Ears:
    """A watcher that remembers."""

    events: list[Event] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def says(self, line: str) -> None:
        self.said.append(line)

    def happened(self, event: Event) -> None:
        self.events.append(event)

    def report(self, run: int, line: str, *, lasting: bool = False) -> None:
        self.said.append(f"{run} {line} {lasting}")

    def ended_without_run(self, enver: str, why: str) -> None:
        self.said.append(f"{enver} {why}")

    def waits(self, line: str) -> None:
        self.said.append(line)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts.py").write_text(CONTRACTS)
    return read_settings("contracts.py:acme", tmp_path)


@pytest.fixture
def served(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server of these contracts, and of repositories that the plane here reads, too."""
    compiled = load_contracts(settings)
    made = Served(compiled.graph, settings.state)
    made.service.control.desk.compiled = compiled
    monkeypatch.setattr("odmd.bootstrap.repositories.repositories", lambda _settings: made.repositories)
    monkeypatch.setattr("odmd.bootstrap.comparing.history", lambda _settings: made.repositories)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111122223333")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-nobody")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with made.serving():
        yield made


@pytest.fixture(params=["here", "http"])
def there(request: pytest.FixtureRequest, settings: Settings, served: Served) -> Iterator[Plane]:
    """Either plane, beside the process that leads."""
    with ExitStack() as stack:
        if request.param == "here":
            stack.enter_context(leadership(settings).lead())
            yield stack.enter_context(LocalPlane(settings))
        else:
            mine = lambda: contracts_here("contracts.py:acme")  # noqa: E731
            yield stack.enter_context(HttpPlane(served.url, mine, served.own))


@pytest.fixture(params=["here", "http"])
def alone(request: pytest.FixtureRequest, settings: Settings, served: Served) -> Iterator[Plane]:
    """Either plane; the one here may lead."""
    with LocalPlane(settings) if request.param == "here" else HttpPlane(served.url, lambda: None, served.own) as made:
        yield made


def tell(there: Plane, *wishes: Wish) -> list[Event]:
    """What comes of wishes."""
    with there.tell(wishes, Ears()) as told:
        assert told.events is not None
        told.follow()
        return list(told.events)


# what fits


def test_what_fits_is_said_and_held(served: Served, there: Plane) -> None:
    served.deploy()
    answer = there.can_deploy(DeployAsked("e0@main"))
    assert (answer.enver, answer.to, answer.possible) == (address(0), "e0@main as the contracts say now", True)
    assert answer.held_until is None
    until = time.time() + 600
    assert there.can_deploy(DeployAsked("e0@main", "c0ffee1"), until).held_until == until
    assert there.let_go("e0@main")
    assert not there.let_go("e0@main")
    for asked in (DeployAsked("e7@main"), DeployAsked("e0@main", to="moon")):
        with pytest.raises(EnverUnknown):
            there.can_deploy(asked)


def test_an_answer_that_somebody_else_holds_is_his(served: Served, there: Plane) -> None:
    served.deploy()
    planner = Planner(served.service.compiled, served.store.load(), served.store, served.repositories, 2)
    _, message = planner.hold(DeployAsked("e0@main"), somebody("another"), time.time() + 600)
    assert message is not None
    assert served.leader.ask(message)
    answer = there.past.enver("e0@main").answer
    assert answer is not None
    assert (answer.by, answer.commit) == ("another", "")
    assert any("another holds the answer that it can be deployed as" in one.text for one in there.past.why("e0@main"))
    with pytest.raises(AnotherAnswerHeld, match="another holds the answer for e0@main until"):
        there.can_deploy(DeployAsked("e0@main"), time.time() + 600)
    assert there.can_deploy(DeployAsked("e0@main")).possible


def test_documents_are_told(served: Served, there: Plane) -> None:
    kept = Edition(served.graph, texts={"build e0": {"README.md": "what it is"}})
    keep_documents(served.store, kept)
    served.deploy()
    assert [(one.name, one.of) for one in there.past.documents("e0@main")] == [("README.md", "build e0")]
    assert there.past.document("e0@main", "README.md") == "what it is"
    assert not there.past.documents("e1@main")
    with pytest.raises(DocumentUnknown, match=r"e1@main has no document README\.md"):
        there.past.document("e1@main", "README.md")


def test_what_checks_left_is_told(served: Served, there: Plane) -> None:
    served.deploy()
    (run,) = served.store.runs("e0/b..main")
    digest = SqlArtifacts(served.store.database).put_report(b"an archive")
    reports = {"digest": digest, "files": [{"name": "junit.xml", "size": 1}]}
    found = json.dumps({"verdict": "green", "said": "fine", "reports": reports})
    served.store.record(run.id, run.attempt, DoneStep("verify tests/load", found, 1.0, 1.0))
    (check,) = there.past.checks("e0@main", 9)
    assert [one.name for one in check.made[0].reports] == ["junit.xml"]
    assert there.past.reports("e0@main", run.id, "tests/load") == b"an archive"
    for enver, check, said in (("e0", "smoke", "smoke left no reports in run"), ("e1", "tests/load", "had no run")):
        with pytest.raises(ReportsUnknown, match=said):
            there.past.reports(f"{enver}@main", run.id, check)


# what is recorded


def test_it_tells_what_runs_and_what_was_published(served: Served, there: Plane) -> None:
    served.deploy()
    past = there.past
    assert [(one.enver, one.state) for one in past.all_envers()] == [
        (address(0), "deployed"),
        (address(1), "deployed"),
        (address(2), "asks"),
    ]
    assert [given.version for given in past.enver("e1@main").inputs] == [1]
    assert [(one.value.product, one.used_by) for one in past.all_values("e0@main")] == [
        (f"{address(0)}/out", (address(1),))
    ]
    assert len(list(past.all_values(None))) == 2


def test_it_tells_runs_newest_first_and_what_they_said(served: Served, there: Plane) -> None:
    served.deploy()
    served.say(1, "synth")
    served.say(1, "deployed", lasting=True)
    assert [run.id for run in there.past.runs()] == [2, 1]
    assert [run.id for run in there.past.runs("e1@main", 1)] == [2]
    assert there.past.run(2).status == "succeeded"
    assert [(line.text, line.lasting) for line in there.past.lines(1)] == [("synth", False), ("deployed", True)]
    assert [line.text for line in there.past.lines(1, 1)] == ["deployed"]


def test_it_says_why_how_well_and_back_to_what(served: Served, there: Plane) -> None:
    served.deploy("c1")
    served.push("c2", 0)
    served.finish(0, "c2")
    assert "c2"[:7] in there.past.why("e0@main")[0].text
    assert there.past.earlier("e0@main").run.id == 1
    assert sum(one.deployments for one in there.past.dora(1.0) if not one.build) == 3


@pytest.mark.parametrize("name", ["e7@main", "nothing", "orders/b..main"])
def test_a_name_of_nothing_is_refused_everywhere(served: Served, there: Plane, name: str) -> None:
    served.deploy()
    for ask in (there.past.enver, there.past.why, there.past.runs, there.past.earlier):
        with pytest.raises(EnverUnknown):
            ask(name)
    with pytest.raises(EnverUnknown):
        list(there.past.all_values(name))
    with pytest.raises(EnverUnknown):
        there.past.run(99)


def test_what_could_not_be_done_and_is_of_no_enver_is_told(served: Served, there: Plane) -> None:
    troubles = served.service.control.failing
    troubles.say(address(0), "it is to be removed", "AWS is away")
    troubles.say("", "contracts are to be in force", "they break somebody")
    assert [one.placed for one in there.past.troubles()] == ["contracts are to be in force: they break somebody"]


def test_what_happens_from_now_on_is_told(served: Served, there: Plane) -> None:
    happenings = iter(there.past.happenings())
    assert next(happenings) is None
    served.push("c1", 0)
    told = next(one for one in happenings if one is not None)
    assert told.position > 1


# plans


def test_both_plan_the_same(served: Served, there: Plane, settings: Settings) -> None:
    made = there.plan(Limited(), refresh=True, look=False)
    assert {step.enver for step in made.steps() if step.certain} == {address(0), address(1), address(2)}
    assert made.digest() == LocalPlane(settings).plan(Limited(), refresh=True, look=False).digest()
    only = there.plan(Limited(("e0@main",)), refresh=False, look=False)
    assert [step.enver for step in only.steps()] == [address(0)]
    with pytest.raises(EnverUnknown):
        there.plan(Limited(("e7@main",)), refresh=True, look=False)
    assert there.other_contracts() is None


def test_a_plan_that_nobody_made_does_not_begin(served: Served, alone: Plane) -> None:
    with pytest.raises(PlanOutdated), alone.change(Ears()) as change:  # noqa: PT012
        assert not change.interrupted()
        change.finish_interrupted()
        change.approved("sha256:0123456", look=False)
        change.begin("why not", allow_dirty=False)
    assert not served.leader.look(lambda state: state.runs)


def test_nothing_is_left_where_nothing_was_to_do(served: Served, alone: Plane) -> None:
    with alone.change(Ears()) as change:
        for repo in ("acme/e0", "acme/e1", "acme/e2"):
            served.repositories.lose(repo)
        plan = change.plan(Limited(), refresh=True, look=False)
        assert not plan.begins()
        if change.begin("why not", allow_dirty=False):
            change.follow()
        left = change.left().beside(plan)
    assert (left.failed, left.held, left.unmirrored, left.retired) == ({}, {}, 0, True)
    assert len(left.unreadable) == 3


def test_both_look_before_and_say_the_same(served: Served, there: Plane, settings: Settings) -> None:
    served.deploy()
    found = there.preflight(PreflightAsked(("e2@main",)), refresh=True)
    assert found == LocalPlane(settings).preflight(PreflightAsked(("e2@main",)), refresh=False)
    assert found.envers == (address(2),)
    by_sort = {one.sort: one for one in found.proofs}
    assert (by_sort["input"].verdict, by_sort["input"].next_step) == (
        "missing",
        "`odmd approve e2@main in1` lets it in",
    )
    assert by_sort["account"].verdict == "unknown", "nobody is at that address"
    assert {one.verdict for one in found.proofs if one.where.startswith("111122223333")} == {"unknown"}
    assert there.preflight(PreflightAsked(limited=Limited(("e0@main",))), refresh=True).envers == (address(0),)
    with pytest.raises(EnverUnknown):
        there.preflight(PreflightAsked(("e7@main",)), refresh=True)


def test_both_say_the_same_of_what_nobody_can_compare(served: Served, there: Plane, settings: Settings) -> None:
    served.deploy()
    found = there.drift(DriftAsked(("e0@main",)))
    (one,), (other,) = found.envers, LocalPlane(settings).drift(DriftAsked(("e0@main",))).envers
    assert one == replace(other, at=one.at, by=one.by)
    assert (one.enver, one.findings) == (address(0), ())
    assert one.unknown == "what was deployed is not kept any more"
    with pytest.raises(EnverUnknown):
        there.drift(DriftAsked(("e7@main",)))


# wishes


def test_a_pause_is_told_once(served: Served, there: Plane) -> None:
    served.deploy()
    (paused,) = tell(there, Pausing("e0@main", "a fair"))
    assert isinstance(paused, Paused)
    assert paused.scope == address(0)
    assert [(one.scope, one.why) for one in there.past.pauses()] == [(address(0), "a fair")]
    assert isinstance(tell(there, Resuming("e0@main"))[0], Resumed)
    assert tell(there, Resuming("e0@main")) == []


def test_wishes_are_told_one_after_the_other(served: Served, there: Plane) -> None:
    served.deploy()
    told = tell(there, Pausing("e0@main"), Pausing("team:baristas"), Resuming("e0@main"))
    assert [type(one) for one in told] == [Paused, Paused, Resumed]


def test_an_answer_binds_what_was_shown(served: Served, there: Plane) -> None:
    served.deploy("c1")
    (asked,) = there.past.enver("e2@main").asks
    with pytest.raises(OfferMoved):
        tell(there, Answering("e2@main", None, approved=True, identity="another"))
    with pytest.raises(NothingAsked):
        tell(there, Answering("e1@main", None, approved=True, identity=asked.identity))
    rejecting = Answering("e2@main", asked.input, approved=False, identity=asked.identity)
    assert isinstance(tell(there, rejecting)[0], Rejected)
    served.push("c2", 1)
    served.finish(1, "c2")
    (asked,) = there.past.enver("e2@main").asks
    assert isinstance(tell(there, Answering("e2@main", None, approved=True, identity=asked.identity))[0], Approved)


def test_an_enver_is_held_and_let_go(served: Served, there: Plane) -> None:
    served.deploy("c1")
    served.push("c2", 0)
    served.finish(0, "c2")
    assert isinstance(tell(there, RollingBack("e0@main", 1, "it is bad"))[0], Pinned)
    assert there.past.enver("e0@main").held_at == 1
    tell(there, Releasing("e0@main"))
    assert there.past.enver("e0@main").held_at is None
    with pytest.raises(PinRefused):
        tell(there, Releasing("e0@main"))


@pytest.mark.parametrize(
    ("wish", "refused"),
    [
        (Pausing("e7@main"), EnverUnknown),
        (Pausing("team:nobody"), TeamUnknown),
        (Cancelling(99), EnverUnknown),
        (RollingBack("e0@main", 99), PinRefused),
    ],
)
def test_a_wish_about_nothing_is_refused(served: Served, there: Plane, wish: Wish, refused: type[Exception]) -> None:
    served.deploy()
    with pytest.raises(refused):
        tell(there, wish)


# tokens


def test_tokens_are_made_listed_and_ended(there: Plane) -> None:
    made = there.tokens.create_token("ada", Scope.WRITE, time.time() + 60, None, ("baristas",))
    assert made.text.startswith(f"odmd_{made.token.id}_")
    (listed,) = there.tokens.tokens()
    assert (listed.id, listed.name, listed.scope, listed.teams) == (made.token.id, "ada", Scope.WRITE, ("baristas",))
    there.tokens.revoke_token(listed.id)
    assert there.tokens.tokens()[0].revoked is not None
    with pytest.raises(TokenUnknown):
        there.tokens.revoke_token("0" * 12)


def test_who_stops_watching_is_told_what_goes_on(there: Plane) -> None:
    assert isinstance(there.stopped(), Interrupted)


# private config


def test_config_is_edited_and_read_with_where_it_comes_from(there: Plane) -> None:
    layer = "enver:e0@main"
    assert there.config.layer_history(layer) == []
    done = there.config.change_layer(layer, [ConfigChange("size.shards", "3")], why="more orders")
    assert (done.layer.version, done.paths, done.concerns) == (1, ("config.size.shards",), ("e0@main",))
    there.config.write_layer("stage:dev", "config: {size: {shards: 2}}", 0)
    (config,) = there.config.config_of("e0@main")
    assert config.values == (ConfigValueView("shards", 3, "e0@main"),)
    assert [one.layer for one in there.config.layers()] == ["enver:e0/b..main", "stage:dev"]
    assert there.config.config_problems() == []
    assert there.config.config_moved("e0@main") == []
    with pytest.raises(LayerMoved):
        there.config.write_layer(layer, "config: {}", 0)
    with pytest.raises(ConfigRefused, match=r"size\.shards is no integer"):
        there.config.change_layer(layer, [ConfigChange("size.shards", "many")])
    with pytest.raises(ConfigUnreadable, match="line 1: aliases"):
        there.config.write_layer(layer, "config: &a {size: *a}", 1)
    with pytest.raises(EnverUnknown):
        there.config.config_of("e9@main")
    for read in (lambda: there.config.layer_history("stage:no"), lambda: there.config.write_layer("build:no", "", 0)):
        with pytest.raises(LayerUnknown):
            read()


# what was done


def test_it_says_who_did_what_when_and_from_where(served: Served, there: Plane) -> None:
    served.deploy("c1")
    with there.tell([Pausing("*", "a look", None)], Ears()) as told:
        told.follow()
    (paused,) = there.trail.entries(Sought(action="paused"))
    assert (paused.action, paused.why) == ("Paused", "a look")
    assert all((paused.actor, paused.proof, paused.origin))
    assert [one.action for one in there.trail.entries(Sought(actor="ada"), limit=1)] == ["ChangeAccepted"]
    every = list(there.trail.entries(Sought()))
    assert [one.position for one in there.trail.entries(Sought(), after=2, limit=2)] == [3, 4]
    newest = list(there.trail.entries(Sought(), limit=2, before=every[-1].position))
    assert [one.position for one in newest] == [every[-2].position, every[-3].position]
    about = {one.action for one in there.trail.entries(Sought(enver="e0@main"))}
    assert {"ChangeAccepted", "RunStarted", "ValuePublished", "RunSucceeded"} <= about
    assert not list(there.trail.entries(Sought(text="nobody said this")))
    with pytest.raises(TrailRefused, match="no event is called pausd"):
        list(there.trail.entries(Sought(action="pausd")))


def test_its_log_is_proven_by_who_asks(served: Served, there: Plane) -> None:
    served.deploy("c1")
    chain = there.trail.chain()
    found = prove(chain.begins, there.trail.log(), chain.state)
    assert (found.broken, found.entries, found.ends) == (None, served.store.position(), served.store.position())


def test_a_value_is_followed_back_and_a_commit_forward(served: Served, there: Plane) -> None:
    served.deploy("c1")
    served.push("c2c2c2", 0)
    served.finish(0, "new")
    served.finish(1, "newer")
    back = there.trail.ancestors("e1@main/out")
    assert back.of == f"value {address(1)}/out 2"
    ids = {fact.id for fact in back.facts}
    assert {f"value {address(0)}/out 2", "commit c2c2c2", "commit c1", "change 2"} <= ids
    assert f"value {address(0)}/out 1" not in ids
    assert {one.by for one in back.facts if one.sort is FactSort.CHANGE} == {"ada"}
    first = there.trail.ancestors("e1@main/out", 1)
    assert "commit c2c2c2" not in {fact.id for fact in first.facts}
    forward = there.trail.reached("c2c2")
    assert {fact.enver for fact in forward.facts if fact.sort is FactSort.RUN} == {address(0), address(1)}
    assert f"value {address(1)}/out 2" in {fact.id for fact in forward.facts}
    for ask in (lambda: there.trail.ancestors("e1@main/out", 9), lambda: there.trail.reached("deadbeef")):
        with pytest.raises(TrailRefused):
            ask()
    with pytest.raises(EnverUnknown):
        there.trail.ancestors("e1@main/nothing")


def test_what_became_of_an_enver_is_told_newest_first(served: Served, there: Plane) -> None:
    served.deploy("c1")
    served.push("c2", 0)
    served.finish(0, "new")
    tell(there, RollingBack("e0@main", 1, "it was better"))
    found = there.trail.history("e0@main")
    assert found.enver == address(0)
    whats = [one.what for one in found.happenings if not one.what.startswith("Run")]
    assert whats.index("Pinned") < whats.index("run 3") < whats.index("run 1")
    pinned, second = (next(one for one in found.happenings if one.what == what) for what in ("Pinned", "run 3"))
    assert (pinned.why, bool(pinned.by and pinned.origin)) == ("it was better", True)
    assert (second.before, second.after, second.wanted_by[0].by) == ("c1", "c2", "ada")
    older = there.trail.history("e0@main", before=second.at)
    assert [one.what for one in older.happenings if one.run] == ["run 1"]
    assert next(one.what for one in there.trail.history("e0@main", limit=1).happenings) == found.happenings[0].what
    with pytest.raises(EnverUnknown):
        there.trail.history("e7@main")


# what differs, where things are, how far who is behind


def pushed(served: Served, subject: str) -> str:
    """A new commit of e0, which runs it then, with a template of its own."""
    commit = served.repositories.commit("acme/e0", "main", {"app": subject}, subject)
    served.push(commit, 0, author=served.repositories.said("acme/e0", commit).author)
    served.finish(0, subject, template={"Resources": {"F": {"Type": "X", "Properties": {"MemorySize": len(subject)}}}})
    return commit


def test_what_runs_is_compared_with_what_ran(served: Served, there: Plane) -> None:
    first, second = pushed(served, "one"), pushed(served, "another")
    found = there.compare(CompareAsked("e0@main", run=1))
    assert (found.before.commit, found.before.run, found.before.runs_now) == (first, 1, False)
    assert (found.after.commit, found.after.run, found.after.runs_now) == (second, 2, True)
    assert [(one.section, one.because, one.before, one.after) for one in found.differences] == [
        (Section.COMMITS, Because.AGE, first[:7], second[:7]),
        (Section.RUNNING, Because.AGE, "3", "7"),
    ]
    assert [(one.commit, one.subject, one.only_in) for one in found.commits] == [(second, "another", "after")]
    assert found.notes == ()
    assert there.compare(CompareAsked("e0@main", at=time.time())).differences == ()


def test_a_repository_that_is_away_hides_the_commits_and_nothing_else(served: Served, there: Plane) -> None:
    pushed(served, "one")
    pushed(served, "another")
    served.repositories.lose("acme/e0")
    found = there.compare(CompareAsked("e0@main", run=1))
    assert [one.section for one in found.differences] == [Section.COMMITS, Section.RUNNING]
    assert found.commits == ()
    assert any("the commits between are not known" in note for note in found.notes)


def test_who_may_not_read_recipes_sees_nothing_that_stands_in_them(served: Served) -> None:
    pushed(served, "one")
    pushed(served, "another")
    with Client(served.url, served.token(Scope.READ).text) as reader:
        found = reader.compare(CompareAsked("e0@main", run=1))
    assert [one.section for one in found.differences] == [Section.COMMITS]
    (note,) = found.notes
    assert note.startswith("templates and packages are not compared: the token of grace is good for read")


def test_what_cannot_be_compared_is_refused(served: Served, there: Plane) -> None:
    served.deploy()
    with pytest.raises(CompareRefused, match="e0@main is what it is"):
        there.compare(CompareAsked("e0@main", "e0/b..main"))
    with pytest.raises(CompareRefused, match="is not yet"):
        there.compare(CompareAsked("e0@main", at=time.time() + 600))
    with pytest.raises(CompareRefused, match="a run is one enver's"):
        there.compare(CompareAsked("e0@main", "e1@main", run=1))
    for asked in (CompareAsked("e0@main", run=2), CompareAsked("e0@main", run=99), CompareAsked("e0@main", at=9.0)):
        with pytest.raises(NothingRan):
            there.compare(asked)
    with pytest.raises(EnverUnknown, match="e7@main was never deployed"):
        there.compare(CompareAsked("e0@main", "e7@main"))


def test_where_a_commit_is_now(served: Served, there: Plane) -> None:
    first, second = pushed(served, "one"), pushed(served, "another")
    third = served.repositories.commit("acme/e0", "main", {"app": "x"}, "not deployed")
    aside = served.repositories.commit("acme/e0", "side", {"app": "y"}, "beside")

    def is_there(text: str) -> tuple[str, str, int]:
        (found,) = there.where(WhereAsked(text, "acme/e0")).envers
        assert (found.enver, found.runs, found.run, found.by) == (address(0), second, 2, "ada")
        return there.where(WhereAsked(text)).what, found.whether.value, found.count

    assert is_there(second[:8]) == (second, "runs it", 0)
    assert is_there(first) == (first, "ahead", 1)
    assert is_there("main") == (third, "behind", 1)
    assert is_there("side") == (aside, "behind", 1)
    for asked in (WhereAsked("nothing"), WhereAsked("main", "acme/other"), WhereAsked("e0@main/out#7")):
        with pytest.raises(WhereUnknown):
            there.where(asked)


def test_a_name_that_several_repositories_have_is_asked_about(served: Served, there: Plane) -> None:
    commits = [served.repositories.commit(f"acme/e{n}", "main", {"n": str(n)}) for n in (0, 1)]
    served.deploy()
    with pytest.raises(WhereAmbiguous, match=r"main is in several repositories: acme/e0 \(\w{7}\), acme/e1"):
        there.where(WhereAsked("main"))
    assert there.where(WhereAsked("main", "acme/e1")).what == commits[1]


def test_where_a_commit_was_is_told_of_the_records_when_its_repository_is_away(served: Served, there: Plane) -> None:
    first, second = pushed(served, "one"), pushed(served, "another")
    served.repositories.lose("acme/e0")
    found = there.where(WhereAsked(second))
    assert [one.whether.value for one in found.envers] == ["runs it"]
    assert any("told by what is recorded alone" in note for note in found.notes)
    assert found.author == Author("somebody", 1.7e9)
    assert there.where(WhereAsked("e0@main/out")).author == found.author
    with pytest.raises(WhereUnknown) as refused:
        there.where(WhereAsked(first))
    assert "there is no repository acme/e0" in refused.value.next_step


def test_who_reads_nothing_that_a_commit_touches_runs_it(served: Served, there: Plane) -> None:
    files = {"app": "one"}
    first = served.repositories.commit("acme/e0", "main", files)
    content = served.repositories.content("acme/e0", first, ["."])
    head = Head(address(0), first, served.graph.slice(address(0)), content=content)
    served.leader.ask(StartChange("a push", somebody("ada"), "sha256:0123456789", (head,)))
    served.finish(0)
    same = served.repositories.commit("acme/e0", "main", files, "of another folder")
    assert [one.whether.value for one in there.where(WhereAsked(same)).envers] == ["runs it"]
    other = served.repositories.commit("acme/e0", "main", {"app": "two"}, "of its own")
    assert [(one.whether.value, one.count) for one in there.where(WhereAsked(other)).envers] == [("behind", 2)]


def test_where_a_value_is_now(served: Served, there: Plane) -> None:
    served.deploy("c1")
    served.push("c2", 0)
    served.finish(0, "two")
    served.fail(1)
    found = there.where(WhereAsked("e0@main/out"))
    assert found.what == "e0@main/out#2"
    assert [(one.enver, one.whether.value, one.count, one.runs) for one in found.envers] == [
        (address(1), "behind", 1, "#1")
    ]
    assert [one.whether.value for one in there.where(WhereAsked("e0@main/out#1")).envers] == ["runs it"]


def test_who_is_behind_is_told(served: Served, there: Plane) -> None:
    served.deploy("c1")
    assert list(there.past.all_lags()) == []
    served.push("c2", 0)
    served.finish(0, "two")
    served.fail(1)
    (found,) = there.past.all_lags()
    assert (found.enver, found.input, found.of, found.versions) == (address(1), "in0", f"{address(0)}/out", 1)
    assert found.since is not None
    assert 0 <= time.time() - found.since < TOO_LONG
    assert found.mend == "odmd why e1@main"
    assert list(there.past.all_lags("e0@main")) == []
    with pytest.raises(EnverUnknown):
        list(there.past.all_lags("e7@main"))


def test_what_runs_has_a_price_where_somebody_knows_it(served: Served, there: Plane) -> None:
    served.push("c1", 0)
    run, attempt = served._claim(0)  # pyright: ignore[reportPrivateUsage]
    gate = {"Type": "AWS::EC2::NatGateway", "Properties": {}}
    recipe = served._keep(0, {"Resources": {"Gate": gate}})  # pyright: ignore[reportPrivateUsage]
    made = Publication(product(0), "one", "one", served.graph.envers[address(0)].products[0].kind)
    served.leader.ask(
        FinishRun(run, attempt, recipe, (made,), (served.graph.envers[address(0)].stack_name,), (), "stack")
    )
    (found,) = there.costs("e0@main").envers
    assert (found.currency, [part.name for part in found.parts]) == ("USD", ["Gate"])
    assert Decimal(found.a_day) >= Decimal("1.08")
    assert there.costs().a_day == found.a_day
    with pytest.raises(EnverUnknown):
        there.costs("e7@main")


def test_an_objective_that_is_broken_is_said_of_its_enver(served: Served, there: Plane) -> None:
    held = replace(served.graph, governed=Governed(objectives=(Objective("dev", 0, 3600.0),)))
    keep_expected(served.store, held)
    served.deploy("c1")
    served.push("c2", 0)
    served.finish(0, "two")
    served.fail(1)
    assert [one.broken for one in there.past.all_lags()] == [("at most 0 versions in dev",)]
    assert [(one.enver, len(one.overdue)) for one in there.past.all_envers()] == [
        (address(0), 0),
        (address(1), 1),
        (address(2), 0),
    ]


def test_what_is_said_of_an_enver_has_an_age(served: Served, there: Plane) -> None:
    before = time.time()
    served.deploy("c1")
    seen = there.past.enver("e0@main").seen
    assert seen is not None
    assert before <= seen <= time.time()
    assert there.past.enver("e2@main").seen is None, "it never ran"
    note_heads_read(served.store, [address(1)], served.graph.envers, 41.0)
    assert [one.head_read for one in there.past.all_envers()] == [None, 41.0, None]
