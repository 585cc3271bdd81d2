"""What agents in other places may do with the one run that they have the right to; all that they say is checked."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Final

from odmd.agent.mask import Mask
from odmd.agent.outputs import refusal_of_length
from odmd.bootstrap.private import vault
from odmd.control.access.identities import IdentityProof, NotProven, ProvenIdentity
from odmd.control.access.jobs import refuse_other_job
from odmd.control.access.sessions import SessionDesk
from odmd.control.access.tokens import NewToken
from odmd.control.leading.desk import Claim, StoreDesk
from odmd.control.leading.workers import WorkerView
from odmd.control.ports.journal import DoneStep
from odmd.control.ports.run_log import Line
from odmd.control.running.steps import DELIVER, FULL, LISTED, PREPARE, checked, may_move
from odmd.control.running.verifying import from_json
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.messages import FailRun, FinishRun, Loss, Publication
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.values import Resource
from odmd.errors import ClaimNotYours, ClaimRefused, ContractsDiffer, QuotaExceeded, RequestInvalid
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.plan.run_steps import RunMode
from odmd.server.auth import Caller
from odmd.server.models import ClaimWanted, EndSaid, LineSaid, PublicationSaid, RightWanted
from odmd.server.service import Service
from odmd.store.claims import SqlClaims
from odmd.store.run_log import SqlRunLog
from odmd.store.workers import SqlWorkers

_MASK: Final = Mask({})
_NO_WORD: Final = "its agent did not say why"


def right(service: Service, sessions: SessionDesk, run: int, wanted: RightWanted, origin: str) -> NewToken:
    """The right to a run for the job that it is for. Whatever is wrong, who asks is told the same.

    Raises:
        ProofRefused, ServerBusy
    """

    def refuse_other(proven: ProvenIdentity) -> None:
        actions, found = service.settings.actions, service.control.store.run(run)
        build = service.compiled.graph.build_of(found.enver) if found else None
        if actions is None or actions.identity != wanted.identity or found is None or build is None:
            raise NotProven(f"run {run} is for no job that {wanted.identity} knows")
        refuse_other_job(proven, build, found)

    scope = Scope.PREPARE if wanted.prepares else Scope.RUN
    proof = IdentityProof(wanted.proof)
    return sessions.right_to(run, scope, wanted.identity, proof, time.time(), refuse_other, origin)


def claim(service: Service, run: int, wanted: ClaimWanted, who: Caller) -> Claim:
    """The right to a run, once a token; the same again for the agent that asks again, as its answer was lost.

    Who is refused has changed nothing: neither a run, nor a worker that has the name he gave.

    Raises:
        ContractsDiffer, ClaimRefused, ClaimNotYours, NotAnswered, LeadershipLost
    """
    store, workers = service.control.store, SqlWorkers(service.control.store.database)
    sealed = vault(service.settings, store).sealed
    desk = StoreDesk(service.ask, store, service.compiled, sealed=sealed, token=who.token, prepares=_prepares(who))
    graph = service.compiled.graph
    if wanted.contracts not in (graph.digest(), graph.text.digest()) or not desk.is_current():
        raise ContractsDiffer(
            "the agent's contracts are not those in force", next_step="give it the version that the server has"
        )
    worker = WorkerView(wanted.worker, wanted.release, wanted.contracts, 1, 0.0)
    if (is_new := workers.enrol(worker, who.token)) is None:
        raise ClaimNotYours(f"the name {wanted.worker} is another agent's", next_step="one name a process, once")
    made = desk.claim(wanted.worker, run, f"claim {run} by {_claimer(wanted, who)};")
    if made is None or made.run.finished_at is not None or not _is_theirs(service, made, wanted, who):
        if is_new:
            workers.leave(wanted.worker)
        raise ClaimRefused(
            f"run {run} is not to be had: it ended, another agent has it, or this token was used for it before",
            next_step="`odmd runs` shows who has it",
        )
    return made


def _prepares(who: Caller) -> bool:
    """Whether he makes a recipe for somebody else, and no more."""
    return who.actor.scope is Scope.PREPARE


def _claimer(wanted: ClaimWanted, who: Caller) -> str:
    return who.token if who.actor.run else f"{who.token} as {wanted.worker}"


def _is_theirs(service: Service, made: Claim, wanted: ClaimWanted, who: Caller) -> bool:
    claims = SqlClaims(service.control.store.database)
    return claims.own(made.run.id, made.attempt, who.token, wanted.secret)


class HeldAttempt:
    """An attempt, for one request of who claimed it.

    Raises:
        ClaimNotYours: he who asks did not claim it.
    """

    def __init__(self, service: Service, run: int, attempt: AttemptNumber, who: Caller, secret: str) -> None:
        self._service, self._store = service, service.control.store
        sealed = vault(service.settings, self._store).sealed
        self._desk = StoreDesk(service.ask, self._store, service.compiled, sealed=sealed)
        self._workers, self._claims = SqlWorkers(self._store.database), SqlClaims(self._store.database)
        self.run, self.attempt, self._prepares = run, attempt, _prepares(who)
        if not self._claims.is_of(run, attempt, who.token, secret):
            raise ClaimNotYours(
                f"attempt {attempt} at run {run} is not this agent's",
                next_step="who claims a run speaks for it, with the token and the secret of the claim",
            )

    def still(self) -> Run:
        """The run, while this attempt at it is the newest; the agent lives.

        Raises:
            ClaimRefused: it is not, or is over.
        """
        found = self.held()
        self._workers.alive(found.worker)
        return found

    def record(self, step: DoneStep) -> None:
        """Raises:
        ClaimRefused, QuotaExceeded
        RequestInvalid: it names a recipe that is not of this run.
        """
        found, most = self.held(), self._service.settings.quotas
        others = (LISTED, FULL, DELIVER)
        if self._prepares and (may_move(step.name) or step.name in others or checked(step.name)):
            raise RequestInvalid(f"who prepares run {self.run} does no {step.name!r}")
        if step.name == PREPARE:
            self._refuse_foreign(found, _recipe_of(step))
        self._refuse_reports_of_others(step)
        if used := self._claims.journal(self.run, self.attempt, step, most.of_steps):
            raise QuotaExceeded(
                f"run {self.run} has journalled {used.number} steps, {used.size // 1000} kB",
                next_step="[tool.odmd.quotas] steps, steps-mb say how many a run may",
            )

    def say(self, lines: Sequence[LineSaid]) -> None:
        """What is more than a run may say is dropped, and the last line says so: for its log no run shall fail.

        Raises:
            ClaimRefused
        """
        self.held()
        log = SqlRunLog(self._store.database, self._service.settings.quotas.room)
        log.say([Line(0, self.run, one.at, _MASK(one.text), one.lasting) for one in lines])

    def end(self, said: EndSaid) -> None:
        """Ends the attempt; said again, it is so already.

        Raises:
            ClaimRefused, RequestInvalid, NotAnswered, LeadershipLost
        """
        found = self._store.run(self.run)
        if found is None or found.attempt != self.attempt or (self._prepares and self._is_handed_on(found)):
            raise self._over()
        if found.finished_at is None:
            if said.recipe is not None:
                self._refuse_foreign(found, said.recipe)
            self._desk.finish(self._not_prepared(found, said) if self._prepares else self._outcome(found, said))
            self._workers.leave(found.worker)

    def hand_on(self, prepared: str) -> None:
        """The run waits for who carries it out; said again, it does so already.

        Raises:
            ClaimRefused, RequestInvalid, NotAnswered, LeadershipLost
        """
        found = self._store.run(self.run)
        if found is None or found.attempt != self.attempt or found.finished_at is not None:
            raise self._over()
        if found.status is RunStatus.CLAIMED:
            if prepared:
                self._refuse_foreign(found, prepared)
            self._desk.hand_on_attempt(self.run, self.attempt, prepared)
            self._workers.leave(found.worker)

    def give_back(self, why: str) -> None:
        """The run waits for somebody else.

        Raises:
            ClaimRefused, NotAnswered, LeadershipLost
        """
        found = self.held()
        self._desk.give_back_attempt(self.run, self.attempt, _MASK(why))
        self._workers.leave(found.worker)

    def hand_in(self, digest: str, size: int, compressed: bytes, *, is_report: bool) -> None:
        """Keeps an artifact that is what it is called.

        Raises:
            QuotaExceeded
        """
        most = self._service.settings.quotas.of_artifacts
        if used := self._claims.hand_in(self.run, digest, size, compressed, most, is_report=is_report):
            raise QuotaExceeded(
                f"run {self.run} has handed in {used.number} artifacts, {used.size // 1_000_000} MB",
                next_step="[tool.odmd.quotas] artifacts, artifacts-mb say how many a run may",
            )

    def needs(self, digest: str) -> bool:
        """Whether an artifact is this run's: it began with it, or an agent of it made it.

        Raises:
            ClaimRefused
        """
        return self._is_own(self.held(), digest)

    def held(self) -> Run:
        """The run, while this attempt at it is the newest.

        Raises:
            ClaimRefused
        """
        found = self._store.run(self.run)
        if found is None or found.attempt != self.attempt or found.finished_at is not None:
            raise self._over()
        if self._prepares and self._is_handed_on(found):
            raise self._over()
        return found

    def _is_handed_on(self, run: Run) -> bool:
        """Whether it waits for somebody else: what who prepared it says from then on is late."""
        return run.finished_at is None and run.status is not RunStatus.CLAIMED

    def _over(self) -> ClaimRefused:
        return ClaimRefused(f"the right to run {self.run} is over: it ended, or another agent took it over")

    def _is_own(self, run: Run, digest: str) -> bool:
        if digest == run.recipe or digest in self._claims.handed_in(run.id):
            return True
        return any(step.name == PREPARE and _recipe_of(step) == digest for step in self._store.steps(run.id))

    def _refuse_reports_of_others(self, step: DoneStep) -> None:
        said = from_json(step.result) if checked(step.name) else None
        if said and said.reports and said.reports.digest not in self._claims.handed_in(self.run):
            raise RequestInvalid(f"{said.reports.digest} was not handed in for run {self.run}")

    def _refuse_foreign(self, run: Run, digest: str) -> None:
        if not self._is_own(run, digest):
            raise RequestInvalid(f"{digest} is no recipe of run {run.id}", next_step="hand it in first")

    def _not_prepared(self, run: Run, said: EndSaid) -> FailRun:
        """Who prepares a run has moved nothing, whatever he says; others may have, before."""
        if said.recipe is not None:
            raise RequestInvalid(f"who prepares run {run.id} does not carry it out", next_step="hand on what is made")
        error, clean = _MASK(said.error) or _NO_WORD, not run.begun
        return FailRun(run.id, run.attempt, error, clean=clean, may_pass=said.may_pass, waits=said.waits and clean)

    def _outcome(self, run: Run, said: EndSaid) -> FinishRun | FailRun:
        made_for = self._desk.slice_of(run)
        published = tuple(self._checked(made_for.enver, one) for one in said.publications) if made_for else ()
        unit = made_for.enver.type.unit if made_for and run.mode not in (RunMode.LIVE, RunMode.VERIFY) else ""
        if said.recipe is not None:
            return FinishRun(
                run.id,
                run.attempt,
                said.recipe,
                published,
                units=said.units,
                lookups=tuple(sorted(said.lookups)),
                unit=unit,
                verified=said.verified,
            )
        return FailRun(
            run.id,
            run.attempt,
            _MASK(said.error) or _NO_WORD,
            clean=said.clean,
            publications=published,
            may_pass=said.may_pass,
            loss=Loss(said.loss.what, said.loss.digest, said.loss.is_change) if said.loss else None,
            units=said.units,
            waits=said.waits and said.clean,
            unit=unit,
            red=said.red,
        )

    def _checked(self, enver: EnverNode, said: PublicationSaid) -> Publication:
        """A publication as its kind reads it; what agents say of its identity counts for nothing."""
        product = next((one for one in enver.products if one.address == said.product), None)
        if product is None or product.kind != said.kind:
            raise RequestInvalid(f"{enver.label} publishes no {said.product} of kind {said.kind}")
        where = None if said.resource is None else (said.resource.account, said.resource.region)
        if where not in (None, (enver.account, enver.region)):
            raise RequestInvalid(
                f"{naming.product_label(said.product)}: its resource is not in {enver.account}, {enver.region}"
            )
        try:
            value = self._service.compiled.kinds[product.kind].parse(said.text)
            too_long = refusal_of_length(enver, product, value)
        except Exception as wrong:  # a kind is the user's code
            raise RequestInvalid(
                f"{naming.product_label(said.product)}: its kind cannot read it: {type(wrong).__name__}"
            ) from wrong
        if too_long is not None:
            raise RequestInvalid(too_long.fact, next_step=too_long.next_step)
        resource = None if said.resource is None else Resource(**said.resource.model_dump())
        return Publication(said.product, value.text(), value.identity(), product.kind, resource, said.bridge)


def _recipe_of(step: DoneStep) -> str:
    """Raises:
    RequestInvalid: the step says none.
    """
    try:
        return str(json.loads(step.result)["recipe"])
    except (ValueError, TypeError, KeyError, RecursionError) as wrong:
        raise RequestInvalid("the step does not say which recipe was made") from wrong
