"""Removes the stacks of an enver that left the contracts, the last one first."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.agent import assemblies
from odmd.control.deployment import Assembly, Target
from odmd.control.effects import RemoveStacks
from odmd.control.messages import FinishRemoval, Loss
from odmd.control.ports import Artifacts, Cloud
from odmd.errors import StackFailed
from odmd.graph import digest


@dataclass(frozen=True, slots=True)
class Remover:
    """Needs the cloud, and the stored assemblies that say which stacks there are."""

    cloud: Cloud
    artifacts: Artifacts

    def remove(self, effect: RemoveStacks) -> FinishRemoval:
        """Removes them; done twice it finds nothing the second time.

        Raises:
            CloudUnreachable
        """
        if effect.assembly is None:
            return FinishRemoval(effect.enver)
        if not effect.account:
            return FinishRemoval(effect.enver, "nobody knows where it runs: it was deployed by an older release")
        try:
            assembly = assemblies.load(self.artifacts, effect.assembly)
        except LookupError as missing:
            return FinishRemoval(effect.enver, f"nobody knows which stacks it has: {missing}")
        if (loss := self._loss(assembly)) is not None and loss.digest != effect.allowed:
            return FinishRemoval(effect.enver, loss.what, loss)
        target = Target(effect.account, effect.region)
        try:
            for stack in reversed(assembly.stacks):
                self.cloud.delete(stack, target)
        except StackFailed as failed:
            return FinishRemoval(effect.enver, f"{failed.code} {failed.fact}")
        return FinishRemoval(effect.enver)

    def _loss(self, assembly: Assembly) -> Loss | None:
        lost = [(stack.name, name) for stack in assembly.stacks for name in self.cloud.lost_with(stack)]
        if not lost:
            return None
        what = ", ".join(f"{name} of {stack}" for stack, name in lost)
        return Loss(f"its removal would take {what} along, which holds data", digest(("removal", lost)))
