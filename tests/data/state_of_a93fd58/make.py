"""Makes the state with the release at a93fd58; see README.md. It runs with that release alone."""

from __future__ import annotations

import json
import lzma
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from odmd.agent.assemblies import store as store_assembly
from odmd.control.deployment import Assembly, StackTemplate
from odmd.control.events import Event, RunClaimed
from odmd.control.leader import Leader
from odmd.control.messages import (
    Answer,
    CancelRun,
    ClaimRun,
    FailRun,
    FinishRemoval,
    FinishRetirement,
    FinishRun,
    LoseRun,
    Message,
    PauseScope,
    PinEnver,
    Publication,
    ReleaseEnver,
    ReportDrift,
    ResumeScope,
    RetireValue,
    StartChange,
    UseContracts,
)
from odmd.control.recorded import recorded
from odmd.control.run_log import Line
from odmd.control.setup import Limits, Setup
from odmd.control.state import Pin, Resource, Run
from odmd.control.tokens import Scope, Token
from odmd.store.graphs import keep_contracts
from odmd.store.plans import keep_plan

from odmd.bootstrap.embedded import start_change
from odmd.control.ports import Step
from odmd.graph import Compiled, compile_contracts, load_organisation
from odmd.graph.difference import edition
from odmd.plan import build_plan
from odmd.store.artifacts import SqlArtifacts
from odmd.store.codec import EFFECTS
from odmd.store.run_log import SqlRunLog
from odmd.store.sql import SqlStore
from odmd.store.tokens import SqlTokens

HERE = Path(__file__).parent
BEGAN = 1_795_374_000.0
ALL_AT_ONCE = Limits(organisation=None)
ACCOUNT = "111122223333"
LEFT = """
old = Writer(on=Branch("old"), at=dev, bus=foundation.bus)
stuck = Writer(on=Branch("stuck"), at=dev, bus=foundation.bus)
"""


@dataclass
class History:
    """One leader's time, a minute from message to message."""

    store: SqlStore
    compiled: Compiled
    now: float = BEGAN
    sent: int = 0

    def __post_init__(self) -> None:
        self.lead(Setup(self.compiled.graph, ALL_AT_ONCE))

    def lead(self, setup: Setup) -> None:
        self.leader = Leader(self.store, setup)
        self.send(UseContracts(setup.contracts, int(self.now * 1e9)))

    def redeclare(self, compiled: Compiled) -> None:
        before, self.compiled = self.compiled, compiled
        self.lead(Setup(compiled.graph, ALL_AT_ONCE, earlier=(before.graph,)))

    def tell(self, message: Message) -> str:
        self.now += 60
        self.sent += 1
        self.store.receive(f"message-{self.sent}", message, self.now)
        return f"message-{self.sent}"

    def send(self, message: Message) -> Sequence[Event]:
        id = self.tell(message)
        self.leader.drain()
        told = self.store.told(id)
        assert told is not None
        assert told.handled
        return [entry.event for entry in told.answer]

    def apply(self, cause: str, commit: str) -> None:
        graph = self.compiled.graph
        heads = {
            one.address: f"{one.build}-{commit}" for one in graph.envers.values() if "promoted" not in one.revision
        }
        plan = build_plan(graph, recorded(self.leader.state), heads)
        keep_plan(self.store, plan)
        keep_contracts(self.store, edition(self.compiled))
        assert self.send(start_change(plan, "ada", cause))

    def runs(self) -> list[Run]:
        return list(self.leader.state.runs.values())

    def run_of(self, enver: str) -> Run:
        return next(run for run in self.runs() if run.enver == enver)

    def claim(self, run: Run) -> int:
        return next(one.attempt for one in self.send(ClaimRun(run.id, "worker-1")) if isinstance(one, RunClaimed))

    def finish(self, enver: str, text: str = "") -> Run:
        """Its run ends well; with a text, it publishes it."""
        run = self.run_of(enver)
        attempt = self.claim(run)
        assembly = self.synthesise(run, attempt)
        published: tuple[Publication, ...] = ()
        if text:
            name, kind = ("queue", "Queue") if "queue" in text else ("bus", "EventBus")
            physical = text.rpartition("/")[2]
            resource = Resource(f"AWS::{kind}", physical, ACCOUNT, self.compiled.graph.envers[enver].region)
            published = (Publication(f"{enver}/{name}", text, text, kind, resource),)
        self.send(FinishRun(run.id, attempt, assembly, published))
        return run

    def synthesise(self, run: Run, attempt: int) -> str:
        build, slot = run.enver.split("/")
        stack = StackTemplate(f"{build}--{slot.rpartition('..')[2]}", "{}", (), (), ())
        assembly = store_assembly(SqlArtifacts(self.store.database), Assembly((stack,), ()))
        for name, result in (
            ("synth", f'{{"assembly": "{assembly}"}}'),
            ("assets", '{"assets": []}'),
            (f"change set {stack.name} {attempt}", "{}"),
        ):
            self.store.record(run.id, attempt, Step(name, result, 1.5, self.now))
        return assembly


def bus(name: str, region: str = "us-west-1") -> str:
    return f"arn:aws:events:{region}:{ACCOUNT}:event-bus/{name}"


def queue(name: str) -> str:
    return f"https://sqs.us-west-1.amazonaws.com/{ACCOUNT}/queue-{name}"


def first_deployment(h: History) -> Run:
    h.apply("first deployment", "1")
    h.finish("foundation/b..main", bus("one"))
    read = h.finish("reader/b..main", queue("one"))
    h.send(Answer("audit/b..main", "bus", bus("one"), True, "grace", "the first one"))
    h.finish("audit/b..main")
    for enver in ("writer/b..main", "writer/b..old", "writer/b..stuck"):
        h.finish(enver)
    h.send(Answer("foundation/s..prod", "", "foundation-1", True, "grace"))
    h.finish("foundation/s..prod", bus("one", "eu-west-1"))
    return read


def second_deployment(h: History) -> None:
    """The writer fails, the audit and production are asked; the reader has another queue, and the one before goes."""
    h.apply("second deployment", "2")
    h.finish("foundation/b..main", bus("two"))
    h.finish("reader/b..main", queue("two"))
    h.finish("audit/b..main")
    for enver in ("writer/b..old", "writer/b..stuck"):
        h.finish(enver)
    fails = h.run_of("writer/b..main")
    h.send(LoseRun(fails.id, h.claim(fails), "worker-1 is not heard of any more"))
    SqlRunLog(h.store.database).say([Line(0, fails.id, h.now, "Target CREATE_FAILED: no beans", lasting=True)])
    h.send(FailRun(fails.id, h.claim(fails), "ODMD204 no beans\nlook into run.log", clean=True))
    h.send(RetireValue("reader/b..main/queue", 1))
    h.send(FinishRetirement("reader/b..main/queue", 1))
    h.send(Answer("foundation/s..prod", "", "foundation-2", False, "grace", "not on a Friday"))


def removals(h: History, compiled: Compiled) -> None:
    h.redeclare(compiled)
    keep_contracts(h.store, edition(compiled))
    h.send(StartChange("they left the contracts", "ada", "", (), remove=("writer/b..old", "writer/b..stuck")))
    for enver, error in (("writer/b..old", ""), ("writer/b..stuck", "ODMD219 DELETE_FAILED")):
        departure = h.leader.state.envers[enver].departure
        assert departure is not None
        h.send(FinishRemoval(enver, error, began=departure.began))


def holds(h: History, read: Run) -> None:
    h.send(ReportDrift("foundation/s..prod", "its bus has another policy", "drift"))
    h.finish("foundation/s..prod", bus("one", "eu-west-1"))
    assembly = h.leader.state.envers["reader/b..main"].assembly
    pin = Pin(read.id, read.fingerprint, read.inputs, assembly, "ada", "the new one reads nothing")
    h.send(PinEnver("reader/b..main", pin))
    cancelled = h.run_of("reader/b..main")
    h.send(CancelRun(cancelled.id, "ada"))
    h.send(ReleaseEnver("reader/b..main", "ada"))
    h.send(PinEnver("reader/b..main", pin))
    h.finish("reader/b..main", queue("two"))
    h.send(PauseScope("team:readers", "grace", "they are away"))
    h.send(ResumeScope("team:readers", "grace"))
    h.send(PauseScope("writer/b..main", "ada", "until somebody found the beans"))


def under_way(h: History) -> None:
    """A third deployment's first run is claimed, and a message waits that nobody decided."""
    h.apply("third deployment", "3")
    run = h.run_of("foundation/b..main")
    h.synthesise(run, h.claim(run))
    h.tell(Answer("audit/b..main", "bus", bus("two"), True, "grace", "it was looked at"))


def compiled(folder: Path, name: str) -> Compiled:
    loaded = load_organisation(f"{name}.py:acme", folder)
    return compile_contracts(loaded.organisation, loaded.declared, loaded.noticed, version=loaded.version)


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder, text = Path(made), (HERE / "contracts.py").read_text()
        head, list_, rest = text.partition("acme = ")
        more = head + LEFT + list_ + rest.replace("audit]", "audit, old, stuck]")
        (folder / "earlier.py").write_text(more)
        effects: dict[str, str] = {}
        store = SqlStore(folder / "state.db", lambda _, __, asked: effects.update(map(EFFECTS.encode, asked)))
        history = History(store, compiled(folder, "earlier"))
        read = first_deployment(history)
        second_deployment(history)
        removals(history, compiled(HERE, "contracts"))
        holds(history, read)
        under_way(history)
        store.close()
        tokens = SqlTokens(folder / "state.db")
        tokens.add(Token("0123456789ab", "ci", Scope.WRITE, "ada", history.now, history.now + 86_400), "sha256:0")
        tokens.close()
        with sqlite3.connect(folder / "state.db") as connection:
            connection.execute("VACUUM INTO ?", (str(folder / "whole.db"),))
        (HERE / "state.db.xz").write_bytes(lzma.compress((folder / "whole.db").read_bytes(), preset=9))
        (HERE / "effects.json").write_text(json.dumps(effects, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
