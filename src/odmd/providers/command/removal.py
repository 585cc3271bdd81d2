"""Takes away what commands brought about by the command that their enver names for it, once people said that it may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.running.clearing import IsLeft, clear_each, together
from odmd.control.running.procedures import NOTHING_THERE, Job, Remains
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance
from odmd.graph.built import CommandNode
from odmd.model import naming
from odmd.model.targets import Target
from odmd.plan.inventory import Inventory, Staying
from odmd.providers.command.running import Runner
from odmd.trees import remove_tree

_NO_COMMAND: Final = "its contract names no command that takes away what its commands brought about"


@dataclass(frozen=True, slots=True)
class CommandRemover:
    """Needs what commands are run with, and what an enver was last deployed with."""

    runner: Runner
    last: Callable[[str, Target | None], Job | None]
    """The last run of an enver, there, as a job; None where nothing of it is known."""
    is_left: IsLeft
    given: Callable[[Job], Job] = lambda job: job
    """The same with the texts of its secrets."""

    def look(self, effect: RemoveEnver) -> Remains:
        """Nobody but the command that takes things away knows which those are: people allow the command."""
        targets = [unit.target for unit in effect.units] or [effect.target]
        return together([self._look(effect.enver, target) for target in targets])

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        return [f"what the commands of {naming.enver_label(effect.enver)} brought about"]

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """What they brought about where their enver was before, by the command that took it away then."""
        return clear_each(effect, lambda unit: self._look(effect.enver, unit.target), self.is_left)

    def _look(self, enver: str, target: Target | None) -> Remains:
        if (job := self.last(enver, target)) is None:
            return NOTHING_THERE
        command, where = _command(job), f"{job.enver.repo} at {job.commit}"
        if not command:
            stays = Staying("work", "of its commands", "its contract names no command that takes it away")
            return Remains(Inventory(stays=(stays,), asks=(f"{_NO_COMMAND}: that stays, unknown to odmd",)), lambda: "")
        asked = f"its removal runs `{command}` of {where}, and what that takes along, it alone knows"
        asks = () if job.enver.ephemeral else (asked,)
        return Remains(Inventory(asks=asks), lambda: self._take(command, job))

    def _take(self, command: str, job: Job) -> str:
        self.runner.run([command], job)
        remove_tree(job.place.root)
        return ""


def _command(job: Job) -> str:
    """What takes away what its commands brought about, or nothing."""
    return job.enver.built.remove if isinstance(job.enver.built, CommandNode) else ""
