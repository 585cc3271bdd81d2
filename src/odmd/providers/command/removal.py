"""Takes away what commands brought about by the command that their enver names for it, once people said that it may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from odmd.control.running.procedures import Job
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval, Loss
from odmd.errors import OdmdError
from odmd.graph import digest
from odmd.providers.command.running import Runner
from odmd.trees import remove_tree


@dataclass(frozen=True, slots=True)
class CommandRemover:
    """Needs what commands are run with, and what an enver was last deployed with."""

    runner: Runner
    last: Callable[[str], Job | None]
    """The last run of an enver as a job; None where nothing of it is known."""
    given: Callable[[Job], Job] = lambda job: job
    """The same with the texts of its secrets."""

    def remove(self, effect: RemoveEnver) -> FinishRemoval:
        if (job := self.last(effect.enver)) is None:
            return FinishRemoval(effect.enver, began=effect.began)
        loss = _loss(job)
        if loss.digest != effect.allowed:
            return FinishRemoval(effect.enver, loss.what, loss, effect.began)
        try:
            if job.enver.remove:
                self.runner.run([job.enver.remove], self.given(job))
                remove_tree(job.place.root)
        except OdmdError as failed:
            hint = f"\n{failed.next_step}" if failed.next_step else ""
            return FinishRemoval(effect.enver, f"{failed.code} {failed.fact}{hint}", began=effect.began)
        return FinishRemoval(effect.enver, began=effect.began)

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Of commands nothing is recorded that could leave them."""
        return FinishClearance(effect.enver, effect.units, (), effect.began)


def _loss(job: Job) -> Loss:
    """Nobody but the command knows what it takes along."""
    command, commit = job.enver.remove, job.commit
    if command:
        where = f"{job.enver.repo} at {commit[:7]}"
        what = f"its removal runs `{command}` of {where}, and what that takes along, it alone knows"
    else:
        what = (
            "its contract names no command that takes away what its commands brought about: that stays, unknown to odmd"
        )
    return Loss(what, digest(("remove", job.enver.address, command, commit)))
