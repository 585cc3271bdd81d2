"""A run that fails before it touches a stack leaves what ran before as it surely is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from odmd.agent import Agent, Tools, assemblies
from odmd.agent.mask import Mask
from odmd.control.deployment import Assembly, ChangeSet, StackTemplate, Target
from odmd.control.desk import StoreDesk
from odmd.control.leader import Leader
from odmd.control.messages import ClaimRun, FinishRun, Head, LoseRun, StartChange
from odmd.control.ports import Progress, Step
from odmd.control.setup import Limits, Setup
from odmd.control.state import Enver
from odmd.graph import Compiled
from odmd.providers.aws import CdkSynthesiser
from odmd.providers.aws.fake import FakeAws
from odmd.providers.git.fake import FakeRepositories
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.worlds import address, graph

DONE, UNDER_WAY = 1, 2


class BrokenAws(FakeAws):
    """Meets a mistake of our own at one place."""

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self._place = place

    def preflight(self, target: Target) -> None:
        self._break("preflight")
        super().preflight(target)

    def execute(self, change_set: ChangeSet, target: Target, progress: Progress) -> None:
        self._break("execute")
        super().execute(change_set, target, progress)

    def _break(self, place: str) -> None:
        if place == self._place:
            raise RuntimeError(f"broken at {place}")


class Office:
    """One enver that was deployed by run 1, and whose run 2 is under way, its source synthesised."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryStore(lambda _position, _effects: None)
        self.leader = Leader(self.store, Setup(graph(1, []), Limits(1), 0.0))
        self.leader.start()
        self._folder = folder
        self._artifacts = MemoryArtifacts()
        self._change("one")
        self.leader.ask(ClaimRun(DONE, "somebody"))
        self.leader.ask(FinishRun(DONE, 1, "sha256:one", ()))
        self._change("two")
        self._journal("synth", {"assembly": assemblies.store(self._artifacts, _assembly()), "folder": str(folder)})

    def journal_change_set(self) -> None:
        self.leader.ask(ClaimRun(UNDER_WAY, "somebody who died"))
        self._journal("change set e0--main 1", {})
        self.leader.ask(LoseRun(UNDER_WAY, 1, "it died"))

    def carry_out(self, cloud: FakeAws) -> Enver:
        """The enver after the attempt."""
        tools = Tools(FakeRepositories(), CdkSynthesiser(Mask().stream), cloud, cloud, self._artifacts)
        desk = StoreDesk(self.leader.ask, self.store, Compiled(self.leader.setup.graph, {}, {}))
        agent = Agent("tests", desk, tools, self._folder / "runs", lambda *_, **__: None)
        claim = agent.claim(UNDER_WAY)
        assert claim is not None
        agent.carry_out(claim)
        return self.store.load().envers[address(0)]

    def _change(self, commit: str) -> None:
        contracts = self.leader.setup.graph.envers[address(0)].slice()
        self.leader.ask(StartChange("push", "somebody", "", (Head(address(0), commit, contracts),)))

    def _journal(self, step: str, result: dict[str, str]) -> None:
        self.store.record(UNDER_WAY, 1, Step(step, json.dumps(result), 0.0, 0.0))


def _assembly() -> Assembly:
    template = {"Resources": {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}}}}
    return Assembly((StackTemplate("e0--main", json.dumps(template), (), (), ()),), ())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.leader.stop()


def cut_off() -> FakeAws:
    aws = FakeAws()
    aws.cut_off()
    return aws


@pytest.mark.parametrize("aws", [cut_off, lambda: BrokenAws("preflight")], ids=["out of reach", "broken"])
class TestPreflightThatFails:
    def test_what_ran_before_surely_still_runs(self, office: Office, aws: Callable[[], FakeAws]) -> None:
        enver = office.carry_out(aws())

        assert enver.failure
        assert enver.deployed is not None
        assert enver.deployed.commit == "one"

    def test_unless_an_earlier_attempt_may_have_moved_something(
        self, office: Office, aws: Callable[[], FakeAws]
    ) -> None:
        office.journal_change_set()

        assert office.carry_out(aws()).deployed is None


def test_what_breaks_at_a_stack_leaves_it_unknown(office: Office) -> None:
    enver = office.carry_out(BrokenAws("execute"))

    assert "broken at execute" in enver.failure
    assert enver.deployed is None
