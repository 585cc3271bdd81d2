"""One attempt at a run, step by step. Each step is journalled when it is done and skipped when it was."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from odmd.agent import outputs
from odmd.agent.costing import costs_more
from odmd.agent.document import run_document
from odmd.agent.inputs import handed_over
from odmd.agent.journalled import JournalledSteps
from odmd.agent.live_writer import LiveWriter
from odmd.agent.needed_secrets import GivenSecrets, given_secrets
from odmd.agent.preflight import of_claim, refuse_missing
from odmd.agent.prepared import hand_on
from odmd.agent.questions import Questions, lines
from odmd.agent.recipes import Recipes
from odmd.agent.tools import Tools
from odmd.agent.verification import verify
from odmd.control.leading.desk import Claim, Desk
from odmd.control.running import steps
from odmd.control.running.acting import acting_target
from odmd.control.running.bound_secrets import bound_secrets
from odmd.control.running.needs import AccountNeeded, RunNeed, with_rights
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job, Tell, Unit, Work
from odmd.control.running.proposal import Proposal
from odmd.control.running.saying import WARNS
from odmd.control.scheduler.messages import FinishRun, Publication
from odmd.errors import (
    AppOverLimit,
    DiskFull,
    OdmdError,
    RecipeUnfit,
    UnitFailed,
    VerificationRed,
)
from odmd.model import naming
from odmd.model.build_types import Does
from odmd.model.kinds import Handover
from odmd.plan.run_steps import LiveSteps, RunMode, RunStep, run_steps
from odmd.private import open_private, private_folder
from odmd.trees import remove_tree

T = TypeVar("T")

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class Attempt:
    """Knows what it moved so far, so that a failure can be told clean from unclean."""

    def __init__(
        self,
        claim: Claim,
        desk: Desk,
        tools: Tools,
        folder: Path,
        tell: Tell,
        hide: Callable[[Mapping[str, str]], None],
        prepared: str | None = None,
    ) -> None:
        """Args:
        prepared: the digest of what another process prepared, which is all that is carried out.
        """
        self._claim, self._tools, self._tell, self._hide = claim, tools, tell, hide
        self._run, self._enver = claim.run, claim.enver
        self._mode = RunMode.FULL if steps.FULL in claim.done else claim.run.mode
        self._place = Workplace(folder / str(claim.run.id) / str(claim.attempt))
        self._at_units = self._executing = False
        # What an earlier attempt proposed may be under way, or done, although nobody journalled it.
        self._moved = claim.moved
        self._journal = JournalledSteps(claim, desk, lambda: not (self._moved or self._executing))
        self._recipes = Recipes(claim, tools, self._journal, tell, self._refuse_what_lacks, prepared)
        self._asks = Questions(claim)
        self._target = acting_target(claim.enver, claim.run.id)
        self._live = LiveWriter(claim.enver, self._target, claim.live, tools.parameters, tell)
        self._live_steps = LiveSteps(tuple(claim.live.write), claim.live.clear)
        self._proposals: dict[str, Proposal] = {}
        self._results: dict[str, Mapping[str, object]] = {}
        """Of units that are carried out."""
        self.published: tuple[Publication, ...] = ()
        self.touched: tuple[str, ...] = ()
        """Units that it may have made or changed, of those that last."""

    def carry_out(self) -> FinishRun:
        """From claim to publications.

        Raises:
            OdmdError: whatever step failed.
        """
        return self._making_room(self._with_config_put_back)

    def prepare(self) -> str:
        """Makes the recipe for who carries it out elsewhere; the digest of all that is handed on, empty where the run
        needs nothing of its source. Asks for no credentials, and moves nothing.

        Raises:
            OdmdError: whatever failed.
        """
        return self._making_room(self._handed_on) if self._mode is RunMode.FULL else ""

    def _handed_on(self) -> str:
        private_folder(self._place.root)
        self._journal.refuse_if_over()
        began = time.monotonic()
        made = self._recipes.made(replace(self._job(GivenSecrets()), previous=lambda: None))
        self._journal.record(steps.PREPARE, made, began)
        digest = hand_on(str(made["recipe"]), self._place.built, self._tools.artifacts)
        self._clear_up()
        return digest

    def _making_room(self, do: Callable[[], T]) -> T:
        """Others need it, where what failed is that there was none."""
        try:
            return do()
        except (AppOverLimit, DiskFull):
            self._clear_up()
            raise
        except OSError as wrong:
            if wrong.errno not in _FULL:
                raise
            self._clear_up()
            raise DiskFull(f"the disk of this machine is full: {wrong}", next_step="make room") from wrong

    def _with_config_put_back(self) -> FinishRun:
        """Who goes on as before reads what it read before."""
        try:
            match self._mode:
                case RunMode.LIVE:
                    return self._config_written()
                case RunMode.VERIFY:
                    return self._verified_again()
                case RunMode.FULL | RunMode.VALUES:
                    return self._carried_out()
        except Exception as failed:
            if self._live.wrote and self._is_clean_elsewhere(failed):
                with contextlib.suppress(OdmdError):  # then it is told apart by what it wrote
                    self._live.put_back()
            raise

    def _config_written(self) -> FinishRun:
        """No deployment: what runs goes on as it is."""
        private_folder(self._place.root)
        self._refuse_missing([AccountNeeded(self._target)])
        self._asks.before_writing()
        for step in self._listed():
            if step.does is not Does.VERIFY:
                self._do_live(step)
        return self._verified_again()

    def _verified_again(self) -> FinishRun:
        """What runs, by what it published: it has no new recipe, and gives nothing new."""
        private_folder(self._place.root)
        self._listed()
        run = self._run
        if self._checks:
            self._verify(self._job(self._given()), {one.product: one.text for one in self._claim.published.values()})
        return FinishRun(
            run.id,
            self._claim.attempt,
            run.recipe or "",
            (),
            lookups=run.fingerprint.lookups,
            verified=self._checks,
        )

    def _listed(self) -> tuple[RunStep, ...]:
        """The steps of a run without units."""
        todo = run_steps(self._enver.type, self._mode, live=self._live_steps, checks=self._checks)
        self._journal.note(steps.LISTED, steps.as_json(todo))
        return todo

    def _carried_out(self) -> FinishRun:
        private_folder(self._place.root)
        job = self._job(self._given())
        procedure = self._tools.procedure_of(self._enver)
        self._refuse_missing(of_claim(self._claim))
        procedure.preflight(job)
        work, recipe = self._work(job)
        self._asks = replace(self._asks, costs=costs_more(self._claim, self._tools, recipe))
        self._at_units = True
        units = {unit.name: unit for unit in work.units}
        todo = run_steps(self._enver.type, self._mode, tuple(units), self._live_steps, self._checks)
        self._journal.note(steps.LISTED, steps.as_json(todo))
        for step in todo:
            if step.does in (Does.WRITE, Does.CLEAR):
                self._do_live(step)
            elif step.unit in units and step.does is not Does.VERIFY:
                self._do(step, units[step.unit], work, job)
        missing = {product.address for product in self._enver.products} - {done.product for done in self.published}
        outputs.refuse_missing(self._enver, missing)
        self._verify(job, {one.product: one.text for one in self.published})
        self._clear_up()
        return FinishRun(
            self._run.id,
            self._claim.attempt,
            recipe,
            self.published,
            units=self.touched,
            lookups=work.lookups,
            unit=self.unit,
            verified=self._checks,
        )

    def _given(self) -> GivenSecrets:
        bound = bound_secrets(self._run.fingerprint.settings)
        given = given_secrets(bound, self._enver, self._target, self._tools.secrets, self._tell_of_provider)
        self._hide(given.variables)
        return given

    def _verify(self, job: Job, published: Mapping[str, str]) -> None:
        """Proves that what runs works, by what it gives.

        Raises:
            VerificationRed
        """
        if self._checks:
            verify(
                job,
                self._claim.kinds,
                self._tools.verifier,
                published,
                lambda step, do: self._journal.step(step, lambda: self._journal.halted_when_over(do)),
            )

    @property
    def _checks(self) -> tuple[str, ...]:
        """The names of what verifies it."""
        return self._enver.verification.order

    @property
    def to_publish(self) -> tuple[Publication, ...]:
        """What others may hear of a run that failed: nothing that has to be verified first."""
        return () if self._checks else self.published

    @property
    def unit(self) -> str:
        """What people call one of its units."""
        return self._enver.type.unit

    def is_clean(self, failed: Exception) -> bool:
        """Whether what ran before this run surely still runs; what we broke ourselves is trusted only before units."""
        return not self._live.wrote and self._is_clean_elsewhere(failed)

    def _is_clean_elsewhere(self, failed: Exception) -> bool:
        if self._moved or isinstance(failed, VerificationRed):
            return False
        if isinstance(failed, UnitFailed):
            return failed.clean
        return not (self._executing if isinstance(failed, OdmdError) else self._at_units)

    def log(self, line: str) -> None:
        """Adds to the run's log."""
        with contextlib.suppress(OSError), open_private(self._place.log, "a") as log:
            log.write(line + "\n")

    def _job(self, given: GivenSecrets) -> Job:
        run, enver, claim = self._run, self._enver, self._claim
        texts = handed_over(run, enver, claim.kinds)
        before, artifacts = run.recipe, self._tools.artifacts
        return Job(
            run=run.id,
            attempt=claim.attempt,
            commit=run.fingerprint.commit,
            enver=enver,
            texts=texts,
            document=run_document(run, enver, texts, claim.contracts, claim.config, claim.kinds),
            place=self._place,
            state=claim.state,
            others=claim.others,
            lookups=run.fingerprint.lookups,
            checkout=self._checkout,
            tell=self._tell_of_provider,
            alive=self._tell_if_mine,
            note=self._journal.note,
            previous=cache(lambda: artifacts.get(before) if before else None),
            previous_is_foreign=claim.foreign,
            content=run.fingerprint.content,
            secrets=given.bound,
            secret_texts=given.texts,
            shows=given.mask.shows if given.texts else _no_secrets,
            config=claim.config,
            hidden=claim.hidden,
            drifted=claim.drifted,
        )

    def _refuse_missing(self, needs: Iterable[RunNeed]) -> None:
        self._journal.refuse_if_over()
        at_its_place = (with_rights(one, self._target) for one in needs)
        refuse_missing(at_its_place, self._tools.prover, self._enver.label, self.log)

    def _refuse_what_lacks(self, recipe: bytes, job: Job) -> None:
        """What a recipe needs to be there, unless some of it is under way already."""
        needs_of = self._tools.recipe_needs.get(self._enver.build_type)
        if needs_of is not None and not self._claim.moved:
            self._refuse_missing(needs_of(recipe, self._enver, job.texts, job.previous()))

    def _work(self, job: Job) -> tuple[Work, str]:
        """From the recipe that is there where new values are enough, else from a new one; and the recipe's digest."""
        if self._mode is RunMode.VALUES:
            kept, why_not = self._recipes.again(job)
            if kept and self._run.recipe:
                self._tell(
                    f"takes what was made of {naming.short_commit(self._run.fingerprint.commit)}, with new values"
                )
                return kept, self._run.recipe
            self._mode = RunMode.FULL
            self._recipes.note_full(why_not, self._live_steps, self._checks)
        return self._recipes.of_source(job)

    def _checkout(self) -> None:
        if self._recipes.prepared is not None:
            raise RecipeUnfit("what was prepared lacks files, and the source is not to be had where it is deployed")
        self._tell(f"checkout {naming.short_commit(self._run.fingerprint.commit)} of {self._enver.repo}")
        self._tools.repositories.checkout(self._enver.repo, self._run.fingerprint.commit, self._place.source)

    def _do_live(self, step: RunStep) -> None:
        if step.does is Does.CLEAR:
            self._moved = True
            self._journal.step(str(step), lambda: self._live.clear(step.unit))
        else:
            self._journal.step(str(step), lambda: self._live.write(step.unit))

    def _do(self, step: RunStep, unit: Unit, work: Work, job: Job) -> None:
        match step.does:
            case Does.PROPOSE:
                self._propose(unit, work)
            case Does.CARRY_OUT:
                self._results[unit.name] = self._journal.step(
                    str(step), lambda: self._execute(self._proposals[unit.name], work)
                )
            case Does.OBSERVE:
                self._observe(unit, work, job, self._results[unit.name])
            case Does.PREPARE | Does.DELIVER | Does.BRING_ABOUT | Does.WRITE | Does.CLEAR | Does.VERIFY:
                pass  # of no single unit

    def _observe(self, unit: Unit, work: Work, job: Job, carried_out: Mapping[str, object]) -> None:
        work.settle(unit)
        observed = work.observe(unit, carried_out)
        for name, text in observed.texts.items():
            job.refuse_shown(f"its product {name}", text)
        for publication in outputs.publications(self._enver, self._claim.kinds, observed):
            self.published = (*self.published, self._with_handover(publication))

    def _touch(self, unit: Unit) -> None:
        if self._enver.type.units_last:
            self.touched = (*self.touched, unit.name)

    def _propose(self, unit: Unit, work: Work) -> None:
        """Unless it was carried out already, by an earlier attempt."""
        if steps.carry_out(unit.name) in self._claim.done:
            self._touch(unit)
            return
        look = work.look(unit)
        if adopted := self._asks.before_touching(unit, look):
            self._tell(f"{unit.name}: what is there ({look.status}) was approved", lasting=True)
        self._touch(unit)
        began = time.monotonic()
        proposal = work.propose(unit, continued=self._asks.is_untagged(look))
        self._journal.record(steps.propose(unit.name, self._claim.attempt), _as_json(proposal), began)
        self._show(proposal)
        if lost := self._asks.before_executing(proposal, unit, adopted):
            self._tell(f"{unit.name}: {lost}: its loss was approved", lasting=True)
        self._proposals[unit.name] = proposal

    def _execute(self, proposal: Proposal, work: Work) -> Mapping[str, object]:
        self._executing = True
        found = self._journal.halted_when_over(lambda: work.carry_out(proposal))
        self._executing = False
        self._moved = self._moved or not proposal.empty
        return {"changes": len(proposal.changes), **found}

    def _show(self, proposal: Proposal) -> None:
        if proposal.empty:
            self._tell(f"{proposal.unit}: nothing to change")
        for change in proposal.changes:
            how = " (replaced)" if change.replacement == "True" else ""
            self._tell(f"{proposal.unit}: {change.action} {change.type} {change.logical_id}{how}", lasting=True)

    def _with_handover(self, new: Publication) -> Publication:
        """Keeps what arrives at a replaced resource flowing to its successor before anybody moves."""
        old = self._claim.published.get(new.product)
        kind = self._claim.kinds[new.kind]
        if old is None or old.resource is None or new.resource is None or kind.handover is not Handover.BRIDGE:
            return new
        if old.resource == new.resource or old.identity == new.identity:
            return new
        before, after = old.resource, new.resource
        name = naming.bridge_stack(new.product, old.version)
        self._tell(f"bridge {before.physical_id} → {after.physical_id}", lasting=True)
        ends, whose = (before, after), (name, self._enver.address, self._target)
        made = self._journal.step(
            steps.hand_over(new.product),
            lambda: {"bridge": self._tools.handovers_of(before).bridge(*ends, *whose)},
        )
        return Publication(new.product, new.text, new.identity, new.kind, new.resource, str(made["bridge"]) or None)

    def _tell_of_provider(self, line: str, *, lasting: bool = False) -> None:
        self._tell(line, lasting=lasting or line.startswith(WARNS))

    def _tell_if_mine(self, line: str) -> None:
        """What a provider does goes on without us, so whoever was replaced need not wait for it."""
        self._tell_of_provider(line)
        self._journal.refuse_if_taken()

    def _clear_up(self) -> None:
        for attempt in self._place.root.parent.iterdir():
            place = Workplace(attempt)
            for folder in (place.source, place.built):
                remove_tree(folder)


def _no_secrets(_text: str) -> bool:
    return False


def _as_json(proposal: Proposal) -> Mapping[str, object]:
    return {"unit": proposal.unit, "id": proposal.id, "empty": proposal.empty, "changes": lines(proposal)}
