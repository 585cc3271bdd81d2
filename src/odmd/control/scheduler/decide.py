"""`decide`: the answer to a message, as events. Pure: reads the state, changes nothing, knows no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from odmd.control.scheduler import events as e
from odmd.control.scheduler import messages as m
from odmd.control.scheduler.accept import accepted
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.approvals import approval_of, delegated, opened, still_lacking
from odmd.control.scheduler.border import refused, still_good
from odmd.control.scheduler.clones import why_not
from odmd.control.scheduler.drift import DeviationSort, news, over
from odmd.control.scheduler.envers import Consent, OpenQuestion
from odmd.control.scheduler.evolve import evolve
from odmd.control.scheduler.follow import follow
from odmd.control.scheduler.inert import said
from odmd.control.scheduler.may import approver
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.questions import (
    CHANGES,
    LOSS,
    LOST,
    AboutChanges,
    AboutLoss,
    AboutLost,
    asked_first,
    key_of,
)
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import Pause, State
from odmd.control.scheduler.units import Leftover
from odmd.control.scheduler.values import RunInput, ValueRef, ValueStatus
from odmd.control.scheduler.verifying import (
    bakes_until,
    can_be_verified,
    left_out,
    unverified_end,
    verify_again_at,
    way_back,
)
from odmd.graph import Graph
from odmd.graph.paused import EVERYTHING
from odmd.plan.run_steps import checks_of

_LONGEST_BACK_OFF = 600.0


def handle(setup: Setup, state: State, message: m.Message, at: float) -> Sequence[e.Event]:
    """Decides on a message, moves the state over the answer and over everything that follows from it."""
    at = max(at, state.now)
    events: list[e.Event] = []
    for event in decide(setup, state, message, at):
        evolve(setup.wirings, state, event)
        events.append(event)
    while (event := follow(setup, state, at)) is not None:
        evolve(setup.wirings, state, event)
        events.append(event)
    return events


def decide(setup: Setup, state: State, message: m.Message, at: float) -> Sequence[e.Event]:
    """The direct answer; empty when the message is late, a duplicate, or asks for what is so already."""
    if refusal := refused(state, _in_force(setup, state), message, at):
        return (refusal,)
    return tuple(_decide(setup, state, message, at))


def _in_force(setup: Setup, state: State) -> Graph | None:
    contracts = state.standing.contracts
    return setup.wirings[contracts].graph if contracts in setup.wirings else None


def _decide(setup: Setup, state: State, message: m.Message, at: float) -> Iterator[e.Event]:
    match message:
        case m.NoteEdit() | m.NoteAccess() | m.NoteRefusal() | m.ChangePolicies():
            yield _noted(message, at)
        case m.UseContracts() | m.Recover() | m.StartChange():
            yield from _begin(setup, state, message, at)
        case m.ClaimRun() | m.NoteJob() | m.HandOnRun() | m.LoseRun() | m.FinishRun() | m.FailRun() | m.CancelRun():
            if (run := _meant(state, message.run)) is not None:
                yield from _go_on(setup, state, run, message, at)
        case m.Answer() | m.AskAgain():
            yield from _answered(setup, state, message, at)
        case (
            m.PauseScope()
            | m.ResumeScope()
            | m.HoldAnswer()
            | m.DropHold()
            | m.Delegate()
            | m.EndDelegation()
            | m.DeclareClones()
            | m.KeepClones()
            | m.EndClones()
            | m.LeaveClones()
        ):
            yield from _stand(setup, state, message, at)
        case m.PinEnver() | m.ReleaseEnver() | m.ReportDrift() | m.VerifyEnver():
            yield from _hold_or_let_go(setup, state, message, at)
        case m.NoteDrift() | m.AcceptDrift():
            yield from _drifted_or_accepted(state, message, at)
        case m.FinishRemoval() | m.FinishClearance():
            yield from _units_went(setup, state, message, at)
        case m.RetireValue() | m.FinishRetirement():
            yield from _retire(state, message, at)
        case m.Tick():
            pass  # `follow` finds what is due
        case _:
            assert_never(message)


def _noted(message: m.NoteEdit | m.NoteAccess | m.NoteRefusal | m.ChangePolicies, at: float) -> e.Event:
    """What stands in the log for who looks back, and moves nothing."""
    match message:
        case m.NoteEdit():
            return e.SettingsEdited(message.layer, message.version, message.by, message.why, message.paths, at)
        case m.NoteAccess():
            return e.AccessChanged(message.change, message.id, message.what, message.by, at)
        case m.NoteRefusal():
            return e.Denied(message.by, message.action, "", message.reason, message.next_step, at)
        case m.ChangePolicies():
            return e.PoliciesChanged(message.contracts, message.by, message.gains, at)


def _begin(
    setup: Setup, state: State, message: m.UseContracts | m.Recover | m.StartChange, at: float
) -> Iterator[e.Event]:
    if isinstance(message, m.StartChange):
        yield from accepted(setup, state, message, at)
        return
    if isinstance(message, m.UseContracts):
        wanted = message.contracts
        if message.observed > state.standing.observed and wanted in setup.wirings and _is_other(setup, state, wanted):
            freezes = setup.wirings[wanted].graph.governed.freezes
            begins = tuple(one.begins for one in freezes if one.begins > at)
            yield e.ContractsChanged(wanted, message.observed, at, begins)
        return
    for run in state.runs.values():
        yield e.RunFailed(run.id, run.enver, message.why, clean=False, at=at)
    yield e.Recovered(message.first, message.by, message.why, at)


def _is_other(setup: Setup, state: State, wanted: str) -> bool:
    """The order of stages is no part of the digest, and older releases did not note it."""
    standing = state.standing
    return wanted != standing.contracts or setup.wirings[wanted].graph.stages != standing.stages


def _meant(state: State, run: int | None) -> Run | None:
    """The run of this number; without one, whichever waits longest for a worker."""
    if run is None:
        return next((run for run in state.runs.values() if run.status is RunStatus.STARTED), None)
    return state.runs.get(run)


def _go_on(
    setup: Setup,
    state: State,
    run: Run,
    message: m.ClaimRun | m.NoteJob | m.HandOnRun | m.LoseRun | m.FinishRun | m.FailRun | m.CancelRun,
    at: float,
) -> Iterator[e.Event]:
    match message:
        case m.ClaimRun() | m.NoteJob() | m.HandOnRun() | m.LoseRun():
            yield from _change_hands(setup, run, message, at)
        case m.CancelRun():
            if not run.cancelled:
                yield e.CancelAsked(run.id, message.by, at, message.why)
                if not run.begun and run.status is not RunStatus.CLAIMED:
                    why = f"cancelled by {message.by} before it began{said(message.why)}"
                    again = verify_again_at(setup.wirings[state.standing.contracts].graph, state, run, at)
                    yield e.RunFailed(run.id, run.enver, why, clean=True, at=at, verify_at=again)
        case m.FinishRun() if message.attempt == run.attempt and (unverified := left_out(run, message.verified)):
            yield from _failed(setup, state, run, unverified_end(run, message, unverified), at)
        case m.FinishRun() if message.attempt == run.attempt:
            yield from _publish(state, run, message.publications, at)
            units = message.units, message.lookups, message.unit
            bakes = bakes_until(setup.wirings[state.standing.contracts].graph, run, at)
            yield e.RunSucceeded(run.id, run.enver, message.recipe, at, *units, bakes)
            yield from _withdraw(setup, state, run, at)
        case m.FailRun() if message.attempt == run.attempt:
            yield from _failed(setup, state, run, message, at)
        case _:
            pass  # whoever speaks does not hold the newest claim


def _change_hands(
    setup: Setup, run: Run, message: m.ClaimRun | m.NoteJob | m.HandOnRun | m.LoseRun, at: float
) -> Iterator[e.Event]:
    match message:
        case m.ClaimRun() if run.status in (RunStatus.STARTED, RunStatus.DISPATCHED):
            yield e.RunClaimed(run.id, AttemptNumber(run.attempt + 1), message.worker, at, message.prepares)
        case m.NoteJob() if message.attempt == run.given_under and not run.job:
            yield e.JobStarted(run.id, message.job, at)
        case m.HandOnRun() if message.attempt == run.attempt and run.status is RunStatus.CLAIMED:
            due = at + setup.claimed_within if setup.claimed_within else None
            yield e.RunPrepared(run.id, message.recipe, due, at)
        case m.LoseRun() if message.attempt == run.attempt and run.status is RunStatus.CLAIMED:
            if run.losses + 1 < setup.attempts:
                yield e.RunLost(run.id, message.why, at)
            else:
                why = f"{message.why}, as were {run.losses} before: it may be what the run does"
                yield e.RunFailed(run.id, run.enver, why, clean=not run.begun, at=at)
        case _:
            pass  # it is somebody else's, or nobody's


def _failed(setup: Setup, state: State, run: Run, message: m.FailRun, at: float) -> Iterator[e.Event]:
    """What has to be verified and was not is kept from everybody."""
    if not checks_of(run.steps):
        yield from _publish(state, run, message.publications, at)
    tries = setup.waits if message.waits else setup.retries
    graph, clean = setup.wirings[state.standing.contracts].graph, message.clean and not message.red
    is_deployment = run.mode is not RunMode.VERIFY
    retry_at = _retry_at(setup, state, run, tries, at) if message.may_pass and is_deployment else None
    again = verify_again_at(graph, state, run, at) if clean else None
    yield e.RunFailed(run.id, run.enver, message.error, clean, at, retry_at, message.units, message.unit, again)
    if message.loss is not None:
        question = CHANGES if message.loss.is_change else LOSS
        yield _ask_about(setup, state, run.enver, question, message.loss, run.root, at)
    pin = way_back(graph, state, run) if message.red else None
    if pin is None or gone(state, pin.inputs):
        return
    yield e.Pinned(state.next_wave, run.enver, pin, at)


def _ask_about(
    setup: Setup,
    state: State,
    enver: str,
    question: AboutLoss | AboutLost | AboutChanges,
    loss: m.Loss,
    root: int,
    at: float,
) -> e.Offered:
    content = RunInput(key_of(question), "", 0, loss.what, loss.digest)
    return e.Offered(enver, question, opened(_in_force(setup, state), enver, question, content, None, root, at), at)


def _retry_at(setup: Setup, state: State, run: Run, tries: int, at: float) -> float | None:
    retries = state.envers[run.enver].retries
    if run.cancelled or retries >= tries:
        return None
    return at + min(setup.back_off * 2**retries, _LONGEST_BACK_OFF)


def _publish(state: State, run: Run, publications: Sequence[m.Publication], at: float) -> Iterator[e.Event]:
    for published in publications:
        current = state.current(published.product)
        if current is None or current.identity != published.identity:
            version = max(state.versions.get(published.product, 0) + 1, state.standing.first)
            yield e.ValuePublished(published.product, version, published, run.id, at)


def _withdraw(setup: Setup, state: State, run: Run, at: float) -> Iterator[e.ValueWithdrawn]:
    """What the enver runs without from now on, since the contracts that the run was made for no longer have it."""
    declared = setup.wirings[state.standing.contracts].graph.envers.get(run.enver)
    if declared is None or declared.slice() != run.fingerprint.slice:
        return
    products = {product.address for product in declared.products}
    for value in state.made_by(run.enver):
        if value.status is ValueStatus.CURRENT and value.product not in products:
            yield e.ValueWithdrawn(value.product, value.version, at)


def _answered(setup: Setup, state: State, message: m.Answer | m.AskAgain, at: float) -> Iterator[e.Event]:
    enver = state.envers.get(message.enver)
    if isinstance(message, m.AskAgain):
        if enver is not None and message.input in enver.rejected:
            yield e.AskedAgain(message.enver, message.input, message.by, message.why, at)
        return
    offer = enver.offers.get(message.input) if enver else None
    if enver is None or offer is None or offer.content.identity != message.identity:
        return
    wiring = setup.wirings[state.standing.contracts]
    if enver.departure is None and message.enver not in wiring.inputs:
        return
    if message.approved:
        yield from _approved(wiring.graph, state, message, offer, at)
    else:
        yield e.Rejected(message.enver, message.input, message.by, message.why, at)


def _approved(graph: Graph, state: State, message: m.Answer, offer: OpenQuestion, at: float) -> Iterator[e.Event]:
    """Each counts once, who may still say so; the last one who has to lets it in."""
    given = still_good(graph, state, message, offer)
    if message.by.name in {one.by.name for one in given}:
        return
    said = approval_of(graph, message.enver, message.input, offer.gate)
    by, why = message.by, message.why
    others = _for_others(graph, state, message, offer, at)
    if lacking := still_lacking(said, given, by):
        yield e.Consented(message.enver, message.input, Consent(by, why, at, others), lacking, at)
    else:
        yield e.Approved(state.next_wave, message.enver, message.input, by, why, at, others, given)


def _for_others(graph: Graph, state: State, message: m.Answer, offer: OpenQuestion, at: float) -> str:
    """For which team somebody answers that is not his, and who let him; in words."""
    team = approver(graph, message.enver, message.input, offer)
    if not isinstance(team, str) or team in message.by.teams or message.by.scope is Scope.ADMIN:
        return ""
    one = delegated(state.standing.delegations.values(), message.by.name, at).get(team)
    return f"for {team}, as {one.by} said" if one else ""


def _stand(
    setup: Setup,
    state: State,
    message: m.PauseScope
    | m.ResumeScope
    | m.HoldAnswer
    | m.DropHold
    | m.Delegate
    | m.EndDelegation
    | m.DeclareClones
    | m.KeepClones
    | m.EndClones
    | m.LeaveClones,
    at: float,
) -> Iterator[e.Event]:
    """What is so until somebody says otherwise."""
    if isinstance(message, m.DeclareClones | m.KeepClones | m.EndClones | m.LeaveClones):
        yield from _clones(setup, state, message, at)
    elif isinstance(message, m.PauseScope | m.ResumeScope):
        yield from _pause_or_resume(state, message, at)
    elif isinstance(message, m.Delegate | m.EndDelegation):
        yield from _delegate_or_end(state, message, at)
    else:
        yield from _hold_answer(state, message, at)


def _pause_or_resume(state: State, message: m.PauseScope | m.ResumeScope, at: float) -> Iterator[e.Event]:
    now = state.standing.pauses.get(message.scope)
    if isinstance(message, m.ResumeScope):
        if now is not None:
            yield e.Resumed(message.scope, message.by, at, message.why)
        return
    wanted = Pause(message.by, message.why, message.until)
    if wanted != now and (message.until is None or message.until > at):
        yield e.Paused(message.scope, wanted, at)


def _delegate_or_end(state: State, message: m.Delegate | m.EndDelegation, at: float) -> Iterator[e.Event]:
    if isinstance(message, m.Delegate):
        if message.delegation.until > at:
            yield e.Delegated(message.delegation, at)
    elif any((one.to, one.team) == (message.to, message.team) for one in state.standing.delegations.values()):
        yield e.DelegationEnded(message.to, message.team, message.by, at)


def _hold_answer(state: State, message: m.HoldAnswer | m.DropHold, at: float) -> Iterator[e.Event]:
    """Only while nothing else is held than was when it was answered; the same somebody may hold anew."""
    held = state.standing.held(at)
    if isinstance(message, m.DropHold):
        if message.enver in held:
            yield e.HoldDropped(message.enver, message.by, at, message.why)
        return
    wanted = dict(message.holds)
    of_others = any(enver in wanted and hold.by.name != wanted[enver].by.name for enver, hold in held.items())
    now = {hold.id for enver, hold in held.items() if enver not in wanted}
    if not of_others and now == set(message.seen):
        for enver, hold in message.holds:
            if hold.until > at:
                yield e.AnswerHeld(enver, hold, at)


def _declared(setup: Setup, state: State, message: m.DeclareClones, at: float) -> Iterator[e.Event]:
    graph, kept = _in_force(setup, state), state.clones.get(message.set.address)
    if graph is None or why_not(graph, state.clones, message.set):
        return
    until = at + message.ttl if message.ttl else None
    if kept is None:
        yield e.ClonesDeclared(message.set, message.by, message.ttl, until, at, message.why)
    elif kept.ttl != message.ttl:
        yield e.ClonesKept(kept.address, message.by, message.ttl, until, at, message.why, kept.others)


def _clones(
    setup: Setup, state: State, message: m.DeclareClones | m.KeepClones | m.EndClones | m.LeaveClones, at: float
) -> Iterator[e.Event]:
    """What they are is the contracts' to say from then on; what is deployed or removed is a plan's."""
    if isinstance(message, m.DeclareClones):
        yield from _declared(setup, state, message, at)
        return
    kept = state.clones.get(message.clones)
    if kept is None or kept.ended:
        return
    if isinstance(message, m.EndClones):
        yield e.ClonesEnded(kept.address, message.by, at, message.why, kept.others)
        return
    if isinstance(message, m.LeaveClones):
        if taken := tuple([one for one in message.envers if one in kept.set.addresses]):
            yield e.ClonesLeft(kept.address, taken, at)
        return
    ttl = kept.ttl if message.ttl is None else message.ttl
    if ttl or kept.ttl:
        until = at + ttl if ttl else None
        yield e.ClonesKept(kept.address, message.by, ttl, until, at, message.why, kept.others)


def _hold_or_let_go(
    setup: Setup, state: State, message: m.PinEnver | m.ReleaseEnver | m.ReportDrift | m.VerifyEnver, at: float
) -> Iterator[e.Event]:
    enver = state.envers.get(message.enver)
    if enver is None or message.enver not in setup.wirings[state.standing.contracts].inputs:
        return
    match message:
        case m.PinEnver(pin=pin):
            if (enver.pin is None or enver.pin.run != pin.run) and not gone(state, pin.inputs):
                yield e.Pinned(state.next_wave, enver.address, pin, at)
        case m.ReleaseEnver(by=by, commit=commit, content=content, why=why):
            if enver.pin is not None:
                slice = setup.wirings[state.standing.contracts].graph.slice(enver.address)
                told = m.Head(enver.address, commit, slice, content=content, settings=enver.settings)
                head = told if commit else None
                yield e.Released(state.next_wave, enver.address, by, at, head, why)
        case m.VerifyEnver(by=by, why=why, suite=suite):
            if can_be_verified(_in_force(setup, state), state, enver.address, suite):
                yield e.VerificationAsked(enver.address, by, why, at, suite)
        case m.ReportDrift(what=what, by=by):
            if enver.deployed is not None:
                yield e.Drifted(state.next_wave, enver.address, what, by, at)


def _drifted_or_accepted(state: State, message: m.NoteDrift | m.AcceptDrift, at: float) -> Iterator[e.Event]:
    """A look counts only for what it was a look at: neither a run nor its removal is under way, and no run ended since.
    A clearance under way takes units that nobody looks at any more."""
    if (enver := state.envers.get(message.enver)) is None:
        return
    if isinstance(message, m.AcceptDrift):
        named = tuple(one.deviation for one in enver.drift if one.deviation.id in message.findings)
        if named and (message.until is None or message.until > at):
            yield e.DriftAccepted(enver.address, named, message.by, message.why, message.until, at)
        return
    is_moving = enver.run is not None or (enver.departure is not None and enver.departure.under_way)
    if not is_moving and enver.deployed is not None and enver.deployed_by == message.run:
        looked = min(message.looked or at, at)  # a clock that goes ahead keeps nobody else from looking
        sorts: tuple[DeviationSort, ...] = tuple(one for one in message.sorts if enver.looked.get(one, 0.0) <= looked)
        seen = [one for one in message.seen if one.sort in sorts]
        found, ended = news(enver.drift, seen, sorts, at), over(enver.drift, seen, sorts)
        if found or ended:
            yield e.DriftSeen(enver.address, found, ended, message.by, at, sorts, looked)


def gone(state: State, inputs: Sequence[RunInput]) -> Sequence[RunInput]:
    """Those inputs whose values are retired, or are being retired."""
    return [given for given in inputs if given.version and not _is_live(state, given.ref)]


def _is_live(state: State, ref: ValueRef) -> bool:
    value = state.value(ref)
    if value is None or value.status not in (ValueStatus.CURRENT, ValueStatus.SUPERSEDED):
        return False
    return not any(ref.product.startswith(f"{leaving}/") for leaving in state.leaving)


def _units_went(
    setup: Setup, state: State, message: m.FinishRemoval | m.FinishClearance, at: float
) -> Iterator[e.Event]:
    if isinstance(message, m.FinishRemoval):
        yield from _finish_removal(setup, state, message, at)
    else:
        yield from _finish_clearance(setup, state, message, at)


def _finish_removal(setup: Setup, state: State, message: m.FinishRemoval, at: float) -> Iterator[e.Event]:
    enver = state.envers.get(message.enver)
    if enver is None or enver.departure is None or not enver.departure.under_way:
        return
    if message.began != enver.departure.began:
        return
    if not message.error:
        region = enver.target.region if enver.target else ""
        yield e.EnverRemoved(enver.address, region, at, enver.replicated, message.left)
        return
    yield e.RemovalFailed(enver.address, message.error, at)
    for question, asked in ((LOSS, message.loss), (LOST, message.lost)):
        if asked is not None:
            yield _ask_about(setup, state, enver.address, question, asked, enver.root, at)


def _finish_clearance(setup: Setup, state: State, message: m.FinishClearance, at: float) -> Iterator[e.Event]:
    enver = state.envers.get(message.enver)
    if enver is None or not enver.units.clearing or message.began != enver.units.clearing:
        return
    if enver.departure is not None or enver.run is not None or asked_first(enver.offers) is not None:
        # Nobody can be asked now: it is tried again when that is over.
        kept = tuple(Leftover(one.unit) if one.asks or message.lost else one for one in message.kept)
        yield e.ClearanceEnded(enver.address, message.removed, kept, at, message.left)
        return
    yield e.ClearanceEnded(enver.address, message.removed, message.kept, at, message.left)
    for question, asked in ((LOSS, message.loss), (LOST, message.lost)):
        if asked is not None and enver.rejected.get(question) != asked.digest:
            yield _ask_about(setup, state, enver.address, question, asked, enver.root, at)
            return  # one at a time: an answer allows one thing, and what left is tried again with it


def _retire(state: State, message: m.RetireValue | m.FinishRetirement, at: float) -> Iterator[e.Event]:
    if (value := state.value(ValueRef(message.product, message.version))) is None:
        return
    if isinstance(message, m.FinishRetirement):
        if value.status is ValueStatus.RETIRING:
            yield e.ValueRetired(value.product, value.version, message.leftover, at)
    elif value.retire_at is not None and value.ref not in state.leased and EVERYTHING not in state.standing.pauses:
        if at < value.retire_at:  # a timer from before somebody needed it once more, or a clock that went back
            yield e.RetirementScheduled(value.product, value.version, value.retire_at, at)
        else:
            yield e.RetirementStarted(value.product, value.version, at)
