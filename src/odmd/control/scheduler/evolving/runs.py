"""Runs begin, are claimed, and end; or waves end without one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from odmd.control.scheduler import events as e
from odmd.control.scheduler.agenda import InOrder
from odmd.control.scheduler.drift import left_by_run
from odmd.control.scheduler.envers import Enver, SuiteAsked
from odmd.control.scheduler.evolving.touching import forget_loss, lease, refs_of, touch, touch_run
from odmd.control.scheduler.evolving.waves import settle
from odmd.control.scheduler.ready import lane, settling
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.state import State
from odmd.control.scheduler.units import DeployedUnit
from odmd.control.scheduler.verifying import passed
from odmd.graph import EnverNode
from odmd.model.build_types import CDK
from odmd.plan.reasons import other_answers
from odmd.plan.run_steps import RunStep, begins_with, checks_of, live_steps
from odmd.plan.wiring import Wiring

_BAKED: Final = "its time to bake is over"


def run_went_on(
    wiring: Wiring,
    state: State,
    event: e.RunStarted
    | e.RunClaimed
    | e.RunDispatched
    | e.JobStarted
    | e.RunPrepared
    | e.RunLost
    | e.CancelAsked
    | e.RunSucceeded
    | e.RunFailed
    | e.VerificationAsked
    | e.Retried,
) -> None:
    """A run began, was claimed or lost, or ended."""
    match event:
        case e.RunStarted():
            _run_started(wiring, state, event)
        case e.RunClaimed() | e.RunLost():
            _run_changed_hands(state, event)
        case e.RunDispatched() | e.JobStarted() | e.RunPrepared():
            _run_given_to_a_job(state, event)
        case e.CancelAsked():
            touch_run(state, event.run).cancelled = event.by.name
        case e.RunSucceeded():
            _run_succeeded(wiring, state, event)
        case e.RunFailed():
            _run_failed(wiring, state, event)
        case e.VerificationAsked():
            _verification_asked(state, touch(state, event.enver), event)
        case e.Retried():
            enver = touch(state, event.enver)
            enver.failed, enver.retry_at = None, None


def _run_changed_hands(state: State, event: e.RunClaimed | e.RunLost) -> None:
    run = touch_run(state, event.run)
    if isinstance(event, e.RunLost):
        run.worker, run.status, run.given_under = "", RunStatus.STARTED, None
        run.losses += 1
        run.job, run.lost_jobs = "", (*run.lost_jobs, run.job) if run.job else run.lost_jobs
        state.agenda.unclaimed[run.id] = None
        return
    run.attempt, run.worker, run.status = event.attempt, event.worker, RunStatus.CLAIMED
    run.begun, run.claim_by = run.begun or not event.prepares, None
    state.agenda.given.drop(run.enver)


def _run_given_to_a_job(state: State, event: e.RunDispatched | e.JobStarted | e.RunPrepared) -> None:
    run = touch_run(state, event.run)
    if isinstance(event, e.JobStarted):
        run.job = event.job
        return
    if isinstance(event, e.RunDispatched):
        run.given_under = event.attempt
    run.worker, run.claim_by = "", event.due
    run.status = RunStatus.STARTED if event.due is None else RunStatus.DISPATCHED
    if event.due is not None:
        state.agenda.given.put(run.enver, event.due)


def _run_started(wiring: Wiring, state: State, event: e.RunStarted) -> None:
    state.next_run = event.run + 1
    enver = touch(state, event.enver)
    declared = wiring.graph.envers[event.enver]
    run = Run(
        id=event.run,
        enver=event.enver,
        fingerprint=event.fingerprint,
        inputs=event.inputs,
        mode=event.mode,
        waves=event.waves,
        reasons=event.reasons,
        started_at=event.at,
        recipe=event.recipe,
        root=max((state.waves[id].root for id in event.waves if id in state.waves), default=0),
        allowed=event.allowed,
        steps=_steps(wiring, enver, declared, event),
        begun=False,
        suite=event.suite,
    )
    enver.live = tuple(sorted({*enver.live, *event.fingerprint.settings.live}))
    state.runs[run.id] = state.dirty.runs[run.id] = run
    state.agenda.unclaimed[run.id] = None
    state.agenda.begin(run.id, lane(wiring, state, enver))
    enver.run = run.id
    if run.suite is not None:
        enver.suite = None
        return
    if run.mode is RunMode.VERIFY:
        enver.verify_at = None
        return
    enver.last_run = run.id
    enver.retry_at = None
    forget_loss(state, enver)
    enver.target, enver.stage = declared.target, declared.stage
    enver.removed = False
    enver.replicated = tuple(sorted({region for product in declared.products for region in product.regions}))
    enver.runs_with |= refs_of(event.inputs)
    lease(state, enver)


def _steps(wiring: Wiring, enver: Enver, declared: EnverNode, event: e.RunStarted) -> tuple[RunStep, ...]:
    """One that goes back to earlier contracts is verified as those said, which its agent knows."""
    if event.suite is not None:
        return begins_with(declared.type, event.mode, None, checks=(event.suite.label,))
    deployed = enver.deployed.settings.live if enver.deployed else ()
    live = live_steps(event.mode, event.fingerprint.settings.live, deployed, enver.live)
    checks = declared.verification.order if event.fingerprint.slice == wiring.graph.slice(event.enver) else ()
    return begins_with(declared.type, event.mode, enver.kept_units(event.recipe), live, checks)


def _run_succeeded(wiring: Wiring, state: State, event: e.RunSucceeded) -> None:
    run = _end_run(state, event.run, RunStatus.SUCCEEDED, event.at)
    enver = touch(state, event.enver)
    if run.suite is not None:
        _suite_made(state, enver)
        return
    if run.mode is RunMode.VERIFY:
        _passed_again(wiring, state, run, enver)
        return
    run.recipe = event.recipe
    _keep_answers(run, enver, event.lookups)
    enver.run, enver.deployed, enver.unknown, enver.recipe = None, run.fingerprint, False, event.recipe
    enver.consumed, enver.failed, enver.failure, enver.settled = run.inputs, None, "", ""
    enver.retries, enver.root, enver.runs_with, enver.allowed = 0, run.root, refs_of(run.inputs), ""
    enver.deployed_by, enver.consumed_under = run.id, run.fingerprint.slice
    enver.live = run.fingerprint.settings.live
    enver.drift = left_by_run(enver.drift, run.reasons)
    _passed(state, run, enver, event)
    _put_back(state, enver)
    if event.units or event.unit:
        enver.units = enver.units.deployed(_placed(wiring, enver, event))
        state.note_leftovers(enver)
    lease(state, enver)
    _let_go(state, run)
    settle(wiring, state, enver, enver.owes.intersection(run.waves), event.at)
    state.agenda.latches.update(dict.fromkeys(wiring.offered.get(event.enver, ())))


def _passed(state: State, run: Run, enver: Enver, event: e.RunSucceeded) -> None:
    """What bakes has not passed all."""
    enver.baking = event.verify_at is not None
    if event.verify_at is not None:
        _verify_at(state, enver, event.verify_at, _BAKED)
    elif not checks_of(run.steps):
        enver.passed = None
    else:
        enver.passed = passed(enver, run)


def _passed_again(wiring: Wiring, state: State, run: Run, enver: Enver) -> None:
    enver.run, enver.baking, enver.passed = None, False, passed(enver, run)
    _put_back(state, enver)
    state.agenda.latches.update(dict.fromkeys(wiring.offered.get(enver.address, ())))


def _verification_asked(state: State, enver: Enver, event: e.VerificationAsked) -> None:
    why = f"verified for {event.by.name}"
    if event.suite is None:
        _verify_at(state, enver, event.at, why, event.why)
    else:
        enver.suite = SuiteAsked(event.suite, ": ".join(filter(None, (why, event.why))), event.at)
        _put_back(state, enver)


def _suite_made(state: State, enver: Enver) -> None:
    """Whatever it found is for who asked: what its contract says of it holds as before."""
    enver.run = None
    _put_back(state, enver)


def _verify_at(state: State, enver: Enver, at: float, *why: str) -> None:
    enver.verify_at, enver.verify_why = at, ": ".join(filter(None, why))
    state.agenda.verify.put(enver.address, at)


def _put_back(state: State, enver: Enver) -> None:
    """What was passed over while a run was under way."""
    if (due := enver.verified_next) is not None:
        state.agenda.verify.put(enver.address, due)


def _let_go(state: State, run: Run) -> None:
    """The deployment has ended for which an answer was held, if it began after that."""
    hold = state.standing.holds.get(run.enver)
    if hold is not None and run.started_at >= hold.at:
        del state.standing.holds[run.enver]
        state.dirty.standing = True


def _keep_answers(run: Run, enver: Enver, answers: tuple[tuple[str, str], ...]) -> None:
    """What its app looked up belongs to what it was made of; what is answered otherwise than before is a reason."""
    run.fingerprint = replace(run.fingerprint, lookups=answers)
    run.reasons = (
        *run.reasons,
        *(one for one in other_answers(enver.deployed, run.fingerprint) if one not in run.reasons),
    )
    if enver.pin is None:
        enver.lookups = answers


def _run_failed(wiring: Wiring, state: State, event: e.RunFailed) -> None:
    run = _end_run(state, event.run, RunStatus.FAILED, event.at)
    run.error = event.error
    enver = touch(state, event.enver)
    if run.suite is not None:
        _suite_made(state, enver)
        return
    if run.mode is RunMode.VERIFY:
        _did_not_pass_again(state, run, enver, event)
        return
    _put_back(state, enver)
    enver.run, enver.failed, enver.failure, enver.retry_at = None, run.fingerprint, event.error, event.retry_at
    enver.retries += event.retry_at is not None
    enver.units = enver.units.touched(_placed(wiring, enver, event))
    state.note_leftovers(enver)
    if event.retry_at is not None:
        state.agenda.again.put(event.enver, event.retry_at)
    else:
        _let_go(state, run)
    if not event.clean:
        enver.deployed, enver.unknown = None, True
    if not enver.unknown:  # else it may run with anything that it ever tried since it was last known
        enver.runs_with = refs_of(enver.consumed)
        enver.live = enver.deployed.settings.live if enver.deployed else ()
        lease(state, enver)


def _did_not_pass_again(state: State, run: Run, enver: Enver, event: e.RunFailed) -> None:
    """What runs is not what it should be; or nobody knows, and what bakes goes on doing so."""
    enver.run = None
    if event.clean:
        if event.verify_at is not None:
            _verify_at(state, enver, event.verify_at, _BAKED)
        return
    enver.deployed, enver.unknown, enver.baking, enver.verify_at = None, True, False, None
    enver.failed, enver.failure = enver.failed or run.fingerprint, event.error


def _placed(wiring: Wiring, enver: Enver, event: e.RunSucceeded | e.RunFailed) -> tuple[DeployedUnit, ...]:
    """Units of the last run; older releases did not say what they are."""
    if (target := enver.target) is None:
        return ()
    declared = wiring.graph.envers.get(enver.address)
    what = event.unit or (declared.type.unit if declared else CDK.unit)
    return tuple(DeployedUnit(name, target, what) for name in event.units)


def _end_run(state: State, id: int, status: RunStatus, at: float) -> Run:
    run = touch_run(state, id)
    run.status, run.finished_at = status, at
    del state.runs[id]
    state.agenda.given.drop(run.enver)
    state.agenda.end(id)
    return run


def cut_off(wiring: Wiring, state: State, event: e.Settled) -> None:
    """Ends waves at these envers and at all behind them that have nothing new either, producers first."""
    todo = InOrder(wiring.ordered, wiring.position, event.envers)
    while (address := todo.next()) is not None:
        enver = state.envers[address]
        if not (waves := settling(wiring, state, enver)):
            continue
        enver.settled = enver.settled or _nothing_new(enver)  # a run that succeeds forgets it
        enver.failed, enver.failure, enver.retry_at = None, "", None
        forget_loss(state, enver)
        state.dirty.settled.append(address)
        todo.add(settle(wiring, state, enver, waves, event.at))


def _nothing_new(enver: Enver) -> str:
    inputs = ", ".join([f"{given.name} #{given.version}" for given in enver.consumed])
    return f"its inputs are what it runs with: {inputs}" if inputs else "its source is what it runs"
