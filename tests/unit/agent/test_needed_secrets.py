"""A run has its secrets proven before it prepares anything, and nobody hears their texts but its programs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from odmd.agent import Agent, Tools
from odmd.control.leading.desk import StoreDesk
from odmd.control.leading.leader import Leader
from odmd.control.ports.secrets import SecretStanding
from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal
from odmd.control.scheduler.events import RunFailed
from odmd.control.scheduler.messages import FailRun, FinishRun, Head, StartChange
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import AppFailed
from odmd.graph import Compiled, ProductNode
from odmd.model.build_types import CDK, COMMAND
from odmd.model.kinds import Kind, Text
from odmd.model.secret_references import bound, parse_reference
from odmd.plan.settings import PlannedSettings
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.secrets.fake import FakeSecrets
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.worlds import address, graph_of, node

DB, SIGNING = "secretsmanager:acme/db", "vault://kv/acme/signing#key"
TEXT = 'the "first" text/of+the=database'
OTHER = "-----BEGIN SOMETHING-----\nof several lines\nand no known form\n-----END-----"
KINDS: dict[str, type[Kind]] = {"text": Text}


def forms(secret: str) -> list[str]:
    """How a program may print it."""
    encoded = base64.b64encode(secret.encode()).decode()
    return [secret, json.dumps(secret)[1:-1], quote(secret), encoded, secret.encode().hex()]


@dataclass
class Talkative:
    """A procedure whose program says all that it is given, wherever it can."""

    publishes: Callable[[Job], Mapping[str, str]] = lambda job: {"out": "nothing of it"}
    recipe: Callable[[Job], bytes] = lambda job: b"nothing of it"
    fails: bool = False
    jobs: list[Job] = field(default_factory=list)
    units: Sequence[Unit] = (Unit("all", "", {}),)
    lookups: tuple[tuple[str, str], ...] = ()

    @property
    def job(self) -> Job:
        return self.jobs[-1]

    def preflight(self, job: Job) -> None:
        self.jobs.append(job)

    def prepare(self, job: Job) -> bytes:
        for text in job.secret_texts.values():
            for form in forms(text):
                job.tell(f"it is {form}", lasting=True)
        job.note("found", {name: [{"deep": text}] for name, text in job.secret_texts.items()})
        return self.recipe(job)

    def open(self, kept: bytes, job: Job) -> Talkative:
        return self

    def stale(self) -> str:
        return ""

    def prove(self) -> None: ...

    def deliver(self) -> Mapping[str, object]:
        return {}

    def look(self, unit: Unit) -> Look:
        return Look()

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:
        return Proposal(unit.name, "", (), empty=False)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        said = " ".join(self.job.secret_texts.values())
        if self.fails:
            raise AppFailed(f"it gave up with {said}", next_step=f"not {said}")
        return {"said": said}

    def settle(self, unit: Unit) -> None: ...

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:
        return Observed(self.publishes(self.job), {})


class Shop:
    """One enver that needs two secrets."""

    def __init__(self, folder: Path, build_type: str = COMMAND.name) -> None:
        made = (ProductNode(f"{address(0)}/out", "out", "text"),)
        graph = graph_of([node(0, products=made, build_type=build_type, secrets=("db", "signing"))])
        self.folder, self.type = folder, build_type
        self.store, self.artifacts = MemoryStore(lambda _position, _effects: None), MemoryArtifacts()
        self.leader, self.graph = Leader(self.store, Setup(graph, Limits(1), 0.0)), graph
        self.leader.start()
        self.secrets, self.procedure, self.said = FakeSecrets(), Talkative(), list[str]()
        self.secrets.put(DB, TEXT)
        self.secrets.put(SIGNING, json.dumps({"key": OTHER}))

    def starts(self, **versions: str) -> None:
        """With these versions of secrets, where a new one is a new deployment."""
        said = {"db": DB, "signing": SIGNING}
        named = tuple((name, bound(parse_reference(one), versions.get(name, ""))) for name, one in said.items())
        self.pushes(PlannedSettings(secrets=named))

    def pushes(self, settings: PlannedSettings) -> None:
        head = Head(address(0), "c1", self.graph.slice(address(0)), settings=settings)
        self.leader.ask(StartChange("push", SOMEBODY, "", (head,)))

    def attempt(self) -> FinishRun | FailRun:
        def report(run: int, line: str, *, lasting: bool = False) -> None:
            self.said.append(line)

        tools = Tools(FakeRepositories(), {self.type: self.procedure}, {}, self.artifacts, secrets=self.secrets.stores)
        desk = StoreDesk(self.leader.ask, self.store, Compiled(self.graph, KINDS, {}))
        agent = Agent("tests", desk, tools, self.folder, report)
        claim = agent.claim()
        assert claim is not None
        return agent.carry_out(claim)

    def everything(self) -> str:
        """All that is kept, or was said."""
        events = "".join(map(repr, self.store.read(0, 1000)))
        steps = "".join(map(repr, self.store.steps(1)))
        files = "".join(file.read_text() for file in self.folder.rglob("*") if file.is_file())
        kept = "".join(map(repr, vars(self.artifacts).values()))
        return "\n".join([events, steps, files, kept, *self.said])


def hidden(said: str) -> bool:
    lines = [TEXT, *(line for line in OTHER.splitlines() if "--" not in line)]
    return not any(form in said for line in lines for form in forms(line))


def test_programs_get_texts_and_nobody_else_hears_them(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.starts()
    assert isinstance(shop.attempt(), FinishRun)
    assert shop.procedure.job.secret_variables == {"ODMD_SECRET_DB": TEXT, "ODMD_SECRET_SIGNING": OTHER}
    assert "it is ***" in shop.said
    assert hidden(shop.everything())
    assert TEXT not in repr(shop.procedure.job)


def test_a_failure_hides_them_too(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.procedure.fails = True
    shop.starts()
    failed = shop.attempt()
    assert isinstance(failed, FailRun)
    assert "it gave up with *** ***" in failed.error
    assert hidden(shop.everything())


@pytest.mark.parametrize("form", range(5))
def test_what_shows_one_is_not_published_in_whatever_form(tmp_path: Path, form: int) -> None:
    shop = Shop(tmp_path)
    shop.procedure.publishes = lambda job: {"out": f"the key is {forms(job.secret_texts['db'])[form]}, as it is"}
    shop.starts()
    failed = shop.attempt()
    assert isinstance(failed, FailRun)
    assert "ODMD242" in failed.error
    assert "its product out" in failed.error
    assert failed.publications == ()
    assert hidden(shop.everything())


def test_a_recipe_that_shows_one_is_not_kept(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.procedure.recipe = lambda job: b"\xff" + job.secret_texts["db"].encode()
    shop.starts()
    failed = shop.attempt()
    assert isinstance(failed, FailRun)
    assert ("ODMD242" in failed.error, failed.clean) == (True, True)
    assert hidden(shop.everything())


def test_a_type_that_gets_no_texts_is_told_where_they_are(tmp_path: Path) -> None:
    shop = Shop(tmp_path, CDK.name)
    shop.starts(db="1")
    shop.attempt()
    job = shop.procedure.job
    assert (job.secret_texts, shop.secrets.read_of) == ({}, [])
    assert (str(job.secrets["db"].reference), job.secrets["db"].version, job.secrets["signing"].field) == (
        DB,
        "1",
        "key",
    )


def test_all_that_is_missing_is_said_at_once_before_anything_is_prepared(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.secrets.texts.clear()
    shop.secrets.standing[SIGNING] = SecretStanding.LEAVING
    shop.starts()
    failed = shop.attempt()
    assert isinstance(failed, FailRun)
    assert (failed.clean, failed.may_pass, shop.procedure.jobs) == (True, False, [])
    assert all(said in failed.error for said in ("ODMD286", DB, SIGNING, "on its way out"))


def test_what_nobody_bound_is_said_with_the_command_that_binds_it(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.pushes(PlannedSettings(secrets=(("db", DB),)))
    failed = shop.attempt()
    assert isinstance(failed, FailRun)
    assert "ODMD288" in failed.error
    assert "odmd secret bind e0@main signing REFERENCE" in failed.error


@pytest.mark.parametrize("text", ["short", " " * 9, "x" * 20_000, "a zero \0 byte"])
def test_what_cannot_be_hidden_is_not_handed_out(tmp_path: Path, text: str) -> None:
    shop = Shop(tmp_path)
    shop.secrets.put(DB, text)
    shop.starts()
    failed = shop.attempt()
    assert isinstance(failed, FailRun)
    assert "ODMD241" in failed.error
    assert text not in failed.error


def test_a_version_that_was_planned_is_given_though_the_secret_was_rotated_since(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.starts(db="1")
    shop.secrets.put(DB, "the second text, of after the plan")
    assert isinstance(shop.attempt(), FinishRun)
    assert shop.procedure.job.secret_texts["db"] == TEXT


def test_one_that_is_not_kept_any_more_fails_the_run_cleanly_and_for_good(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.secrets.keeps_versions = False
    shop.starts(db="1")
    shop.secrets.put(DB, "the second text, of after the plan")
    failed = shop.attempt()
    assert isinstance(failed, FailRun)
    assert ("ODMD289" in failed.error, failed.clean, failed.may_pass) == (True, True, False)
    assert "rotate-seen" in failed.error


def test_a_rotation_during_a_deployment_by_reference_is_said(tmp_path: Path) -> None:
    shop = Shop(tmp_path, CDK.name)
    shop.starts(db="1")
    shop.secrets.put(DB, "the second text, of after the plan")
    shop.attempt()
    assert any("secret db was rotated since this was planned" in line for line in shop.said)


def test_a_store_that_is_away_is_waited_for_and_then_the_run_goes_on(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.starts()
    shop.secrets.is_away = True
    failed = shop.attempt()
    assert isinstance(failed, FailRun)
    assert (failed.clean, failed.may_pass, failed.waits, shop.procedure.jobs) == (True, True, True, [])
    assert "ODMD287" in failed.error
    ended = [entry.event for entry in shop.store.read(0, 1000) if isinstance(entry.event, RunFailed)]
    assert ended[0].retry_at is not None
