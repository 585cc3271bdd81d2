"""One enver of a small organisation, its control plane in memory, and an agent that carries out its run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from odmd.agent import Agent, Tools
from odmd.agent.agent import RunListener
from odmd.agent.mask import Mask
from odmd.control.leading.desk import StoreDesk
from odmd.control.leading.leader import Leader
from odmd.control.leading.state_id import state_id
from odmd.control.ports.journal import DoneStep
from odmd.control.running import steps
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import Answer, ClaimRun, FinishRun, Head, LoseRun, StartChange
from odmd.control.scheduler.questions import LOSS
from odmd.control.scheduler.runs import RunMode
from odmd.control.scheduler.setup import Limits, Setup
from odmd.graph import Compiled
from odmd.model.build_types import CDK
from odmd.providers.aws import CdkProcedure, CdkSynthesiser, recipe
from odmd.providers.aws.cloud_assembly import Assembly, StackTemplate
from odmd.providers.aws.fake import FakeAws
from odmd.providers.aws.ports import Cloud
from odmd.providers.git.fake import FakeRepositories
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.worlds import address, graph_of, node

DONE, UNDER_WAY = 1, 2
BUS = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}}


def _quiet(_run: int, _line: str, *, lasting: bool = False) -> None:
    """What a run says, when nobody listens."""


class Office:
    """Its source counts as synthesised; `deployed`: an earlier run brought it somewhere."""

    def __init__(self, folder: Path, assembly: Assembly | None = None, *, deployed: bool = True) -> None:
        self.store = MemoryStore(lambda _position, _effects: None)
        self.leader = Leader(self.store, Setup(graph_of([node(0, products=())]), Limits(1), 0.0))
        self.leader.start()
        self._folder = folder
        self._artifacts, self._assembly = MemoryArtifacts(), assembly or one_stack()
        self._change("one")
        if deployed:
            self.leader.ask(ClaimRun(DONE, "somebody"))
            self.leader.ask(FinishRun(DONE, 1, "sha256:one", ()))
            self._change("two")
        self._journal(steps.PREPARE, self._synthesised())

    @property
    def state(self) -> str:
        return state_id(self.store)

    @property
    def run(self) -> int:
        """The one under way."""
        return self.enver().run or 0

    def enver(self) -> Enver:
        return self.store.load().envers[address(0)]

    def journal_change_set(self) -> None:
        self.leader.ask(ClaimRun(self.run, "somebody who died"))
        self._journal(steps.propose("e0--main", 1), {})
        self.leader.ask(LoseRun(self.run, 1, "it died"))

    def carry_out(self, cloud: FakeAws) -> Enver:
        """The enver after the attempt."""
        return self.carry_out_with(cloud, cloud)

    def carry_out_with(
        self, cloud: Cloud, handovers: FakeAws, report: RunListener = _quiet, stored: Assembly | None = None
    ) -> Enver:
        """`stored`: what an earlier run deployed, and this one may use with new values."""
        procedure = CdkProcedure(CdkSynthesiser(Mask().stream), cloud)
        tools = Tools(FakeRepositories(), {CDK.name: procedure}, {"aws": handovers}, self._artifacts)
        desk = StoreDesk(self.leader.ask, self.store, Compiled(self.leader.setup.graph, {}, {}))
        agent = Agent("tests", desk, tools, self._folder / "runs", report)
        claim = agent.claim(self.run)
        assert claim is not None
        if stored:
            own = self._artifacts.put(recipe.to_recipe(recipe.tagged(stored, claim.enver)))
            claim = replace(claim, run=replace(claim.run, mode=RunMode.VALUES, recipe=own))
        agent.carry_out(claim)
        return self.enver()

    def approve(self) -> None:
        """Lets happen what is asked about; a run begins again."""
        asked = self.enver().offers[LOSS].content.identity
        self.leader.ask(Answer(address(0), LOSS, asked, approved=True, by=SOMEBODY))
        self._journal(steps.PREPARE, self._synthesised())

    def _synthesised(self) -> dict[str, str]:
        own = recipe.tagged(self._assembly, self.leader.setup.graph.envers[address(0)])
        return {"recipe": self._artifacts.put(recipe.to_recipe(own))}

    def _change(self, commit: str) -> None:
        contracts = self.leader.setup.graph.envers[address(0)].slice()
        self.leader.ask(StartChange("push", SOMEBODY, "", (Head(address(0), commit, contracts),)))

    def _journal(self, step: str, result: dict[str, str]) -> None:
        self.store.record(self.run, 1, DoneStep(step, json.dumps(result), 0.0, 0.0))


def one_stack(*tags: tuple[str, str]) -> Assembly:
    template = {"Resources": {"Bus": BUS}}
    return Assembly((StackTemplate("e0--main", json.dumps(template), (), (), tags),), ())
