"""Removes the stacks of an enver that left the contracts, the last one first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from odmd.agent import assemblies
from odmd.agent.attempt import SYNTH
from odmd.control.deployment import Assembly, Target
from odmd.control.effects import RemoveStacks
from odmd.control.messages import FinishRemoval, Loss
from odmd.control.ports import WAITS, Artifacts, Cloud, Store
from odmd.errors import CloudRefused, StackFailed
from odmd.graph import digest


def _nothing(_effect: RemoveStacks, _line: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Remover:
    """Needs the cloud, and the stored assemblies that say which stacks there are."""

    cloud: Cloud
    artifacts: Artifacts
    tried: Callable[[str], str | None]
    """The assembly that the last run of an enver tried to deploy, well or not, where it came so far."""
    say: Callable[[RemoveStacks, str], None] = _nothing
    """Told what a removal waits for."""

    def remove(self, effect: RemoveStacks) -> FinishRemoval:
        """Removes them; done twice it finds nothing the second time.

        Raises:
            CloudUnreachable
        """
        return replace(self._remove(effect), began=effect.began)

    def _remove(self, effect: RemoveStacks) -> FinishRemoval:
        if (stored := effect.assembly or self.tried(effect.enver)) is None:
            return FinishRemoval(effect.enver)
        if not effect.account:
            return FinishRemoval(effect.enver, "nobody knows where it runs: it was deployed by an older release")
        try:
            assembly = assemblies.load(self.artifacts, stored)
        except LookupError as missing:
            return FinishRemoval(effect.enver, f"nobody knows which stacks it has: {missing}")
        target = Target(effect.account, effect.region)
        if (loss := self._loss(assembly, target, effect.enver)) is not None and loss.digest != effect.allowed:
            return FinishRemoval(effect.enver, loss.what, loss)
        try:
            for stack in reversed(assembly.stacks):
                self.cloud.delete(stack, target, partial(self._say, effect))
        except (StackFailed, CloudRefused) as failed:
            hint = f"\n{failed.next_step}" if failed.next_step else ""
            return FinishRemoval(effect.enver, f"{failed.code} {failed.fact}{hint}")
        return FinishRemoval(effect.enver)

    def _say(self, effect: RemoveStacks, line: str) -> None:
        if line.startswith(WAITS):
            self.say(effect, line)

    def _loss(self, assembly: Assembly, target: Target, enver: str) -> Loss | None:
        """What people have to allow: data that goes with what is deployed, and stacks protected against termination."""
        looks = {stack.name: self.cloud.look(stack, target) for stack in assembly.stacks}
        ours = {name: look for name, look in looks.items() if look.owner == enver}
        lost = [(name, held) for name, look in ours.items() for held in look.holding]
        protected = [name for name, look in ours.items() if look.protected]
        if not (lost or protected):
            return None
        goes = ", ".join(f"{held} of {name}" for name, held in lost)
        said = [f"would take {goes} along, which holds data"] if lost else []
        said += [f"would delete {', '.join(protected)}, protected against termination"] if protected else []
        asked = ("removal", lost, protected) if protected else ("removal", lost)
        return Loss(f"its removal {' and '.join(said)}", digest(asked))


def tried_assembly(store: Store, enver: str) -> str | None:
    """What the last run of an enver synthesised."""
    for run in store.runs(enver, limit=1):
        for step in store.steps(run.id):
            if step.name == SYNTH:
                return str(json.loads(step.result)["assembly"])
    return None
