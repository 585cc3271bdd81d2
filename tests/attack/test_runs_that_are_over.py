"""A run that is over, with an app that goes on: the attacker wants the worker's place, or one worker after another."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from odmd.agent import Agent, Tools
from odmd.control.leading.desk import StoreDesk
from odmd.control.leading.leader import Leader
from odmd.control.running.place import Workplace
from odmd.control.running.saying import Progress
from odmd.control.scheduler.messages import CancelRun, ClaimRun, FailRun, Head, LoseRun, Message, StartChange
from odmd.control.scheduler.runs import RunStatus
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import AppFailed
from odmd.graph import Compiled
from odmd.model.build_types import CDK
from odmd.model.targets import Target
from odmd.providers.aws import CdkProcedure
from odmd.providers.aws.fake import FakeAws
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.leash import leashed
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY, somebody
from support.worlds import address, graph_of, node

RUN = 1


class Empty(FakeRepositories):
    """Every commit of theirs is an empty folder."""

    def checkout(self, repo: str, commit: str, into: Path) -> None:
        into.mkdir(parents=True)


class Endless:
    """Synthesises until it is ended; once it has begun, somebody says something."""

    def __init__(self, leader: Leader, said: Sequence[Message]) -> None:
        self._leader, self._said = leader, said

    def synthesise(self, source: Path, workplace: Workplace, target: Target, progress: Progress) -> None:
        del workplace, target, progress
        environment: Mapping[str, str] = {}
        app = leashed(["sleep", "600"], env=environment, cwd=source, output=subprocess.DEVNULL)
        for message in self._said:
            self._leader.ask(message)
        raise AppFailed(f"the app ended with {app.wait(60)}")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(lambda _position, _effects: None)


@pytest.fixture
def leader(store: MemoryStore) -> Leader:
    setup = Setup(graph_of([node(0, products=())]), Limits(1), 0.0, attempts=2)
    made = Leader(store, setup)
    made.start()
    head = Head(address(0), "one", setup.graph.envers[address(0)].slice())
    made.ask(StartChange("push", SOMEBODY, "", (head,)))
    return made


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([CancelRun(RUN, somebody("ada"))], "cancelled by ada"),
        ([LoseRun(RUN, 1, "gone"), ClaimRun(RUN, "another")], "another worker took it over"),
    ],
    ids=["cancelled", "claim lost"],
)
def test_its_app_ends_within_seconds(
    leader: Leader, store: MemoryStore, tmp_path: Path, said: Sequence[Message], why: str
) -> None:
    """Somebody cancelled it, or another worker has it."""
    desk = StoreDesk(leader.ask, store, Compiled(leader.setup.graph, {}, {}))
    aws = FakeAws()
    tools = Tools(Empty(), {CDK.name: CdkProcedure(Endless(leader, said), aws)}, {"aws": aws}, MemoryArtifacts())
    agent = Agent("tests", desk, tools, tmp_path, lambda *_, **__: None)
    claim = agent.claim(RUN)
    assert claim is not None
    outcome = agent.carry_out(claim)
    assert isinstance(outcome, FailRun)
    assert outcome.error.startswith("ODMD212")
    assert why in outcome.error


def test_a_run_that_ends_its_workers_fails(leader: Leader, store: MemoryStore) -> None:
    """Each worker that carries it out dies; the setting allows two."""
    for attempt in (1, 2):
        leader.ask(ClaimRun(RUN, f"worker {attempt}"))
        leader.ask(LoseRun(RUN, attempt, f"worker {attempt} is gone"))
    run = store.run(RUN)
    assert run is not None
    assert run.status is RunStatus.FAILED
    assert "worker 2 is gone, as were 1 before" in (run.error or "")
