"""Where a run's recipe comes from: it is kept, or made of the source, here or by another process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from odmd.agent.journalled import JournalledSteps
from odmd.agent.prepared import take_over
from odmd.agent.tools import Tools
from odmd.control.leading.desk import Claim
from odmd.control.running import steps
from odmd.control.running.procedures import Job, Tell, Work
from odmd.errors import PublishedWrong, RecipeUnfit, RunNotPrepared
from odmd.model.build_types import Does
from odmd.plan.run_steps import LiveSteps, RunMode, run_steps


@dataclass(frozen=True, slots=True)
class Recipes:
    """Those of one attempt."""

    claim: Claim
    tools: Tools
    journal: JournalledSteps
    tell: Tell
    refuse_what_lacks: Callable[[bytes, Job], None]
    """Proves what a recipe needs."""
    prepared: str | None = None
    """Digest of what another process prepared, empty where that was nothing: no code of the repository runs here.
    None: it is made here."""

    def again(self, job: Job) -> tuple[Work | None, str]:
        """What is kept if new values alone are enough, else why not."""
        if self.claim.foreign:
            return None, "an agent of another place made its template"
        if (recipe := job.previous()) is None:
            return None, f"{self.claim.run.recipe} is not stored"
        try:
            work = self.tools.procedure_of(self.claim.enver).open(recipe, job)
        except (RecipeUnfit, PublishedWrong) as unfit:
            return None, unfit.fact
        if stale := work.stale():
            return None, stale
        self.refuse_what_lacks(recipe, job)
        return work, ""

    def note_full(self, why: str, live: LiveSteps, checks: tuple[str, ...]) -> None:
        """What is kept is not enough: from here on, whoever has the run makes its recipe of the source.

        Raises:
            RunNotPrepared: that is somebody else.
        """
        listed = run_steps(self.claim.enver.type, RunMode.FULL, live=live, checks=checks)
        self.journal.note(steps.FULL, {"reason": why, **steps.as_json(listed)})
        self.tell(f"a full run after all: {why}", lasting=True)
        if self.prepared is not None:
            raise RunNotPrepared(f"it has to be made of its source: {why}")

    def of_source(self, job: Job) -> tuple[Work, str]:
        """Proven and delivered."""
        procedure, artifacts = self.tools.procedure_of(self.claim.enver), self.tools.artifacts
        if self.prepared is None:
            digest = str(self.journal.step(steps.PREPARE, lambda: self.made(job))["recipe"])
        else:
            digest = self._taken_over(job, self.prepared)
        if (recipe := artifacts.get(digest)) is None:
            raise RecipeUnfit(f"{digest} is not stored", next_step="the next run makes another one: `odmd apply`")
        work = procedure.open(recipe, job)
        self.refuse_what_lacks(recipe, job)
        work.prove()
        if Does.DELIVER in self.claim.enver.type.at_first:
            self.journal.step(steps.DELIVER, lambda: self.journal.halted_when_over(work.deliver))
        return work, digest

    def made(self, job: Job) -> Mapping[str, object]:
        """From source to recipe."""
        return self.journal.halted_when_over(lambda: self._made(job))

    def _taken_over(self, job: Job, prepared: str) -> str:
        """Each time: its files may be on another machine."""
        if not prepared:
            raise RunNotPrepared("nobody made its recipe")
        self.journal.refuse_if_over()
        began = time.monotonic()
        self.tell(f"takes over what was prepared: {prepared}")
        recipe = take_over(prepared, job.place.built, self.tools.artifacts)
        self.journal.record(steps.PREPARE, {"recipe": recipe}, began)
        return recipe

    def _made(self, job: Job) -> Mapping[str, object]:
        recipe = self.tools.procedure_of(self.claim.enver).prepare(job)
        job.refuse_shown("its recipe", recipe.decode(errors="replace"))
        return {"recipe": self.tools.artifacts.put(recipe)}
