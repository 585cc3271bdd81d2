"""`evolve`: what an event does to the state, in place. Deterministic: the same log gives the same state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from odmd.control import events as e
from odmd.control.agenda import Agenda, InOrder
from odmd.control.inert import inert
from odmd.control.inputs import let_in_by_latches, promotion
from odmd.control.ready import EVERYTHING, lane, settling
from odmd.control.stacks import Stack, Stacks
from odmd.control.state import (
    LOSS,
    Departure,
    Enver,
    Following,
    Offer,
    Pause,
    Run,
    RunInput,
    RunStatus,
    Settling,
    State,
    Value,
    ValueRef,
    ValueStatus,
    Wave,
)
from odmd.model import naming
from odmd.plan.reasons import other_answers
from odmd.plan.wiring import Wiring, Wirings, promoted_from


def evolve(wirings: Wirings, state: State, event: e.Event) -> None:
    """Moves the state over one event of the log."""
    if isinstance(event, e.ContractsChanged):
        _contracts_changed(wirings[event.contracts], state, event)
    else:
        _evolve(wirings[state.standing.contracts], state, event)
    state.position += 1
    state.now = max(state.now, event.at)


def _evolve(wiring: Wiring, state: State, event: e.Event) -> None:
    match event:
        case e.ContractsChanged():
            pass  # above: of the contracts before, nothing has to be known any more
        case e.ChangeAccepted() | e.ChangesEnded():
            _change_began_or_ended(wiring, state, event)
        case e.Offered() | e.Approved() | e.Rejected() | e.Promoted():
            _latch_moved(wiring, state, event)
        case e.PassStarted() | e.DidNotSettle():
            _cycle_went_on(wiring, state, event)
        case (
            e.RunStarted()
            | e.RunClaimed()
            | e.RunLost()
            | e.CancelAsked()
            | e.RunSucceeded()
            | e.RunFailed()
            | e.Retried()
        ):
            _run_went_on(wiring, state, event)
        case e.Settled():
            _cut_off(wiring, state, event)
        case e.Paused() | e.Resumed() | e.Recovered():
            _paused_or_resumed(wiring, state, event)
        case e.Pinned() | e.Released() | e.Drifted():
            _held_or_let_go(wiring, state, event)
        case (
            e.RemovalAsked()
            | e.RemovalStarted()
            | e.RemovalFailed()
            | e.EnverRemoved()
            | e.ClearanceAsked()
            | e.ClearanceStarted()
            | e.ClearanceEnded()
        ):
            _stacks_went(state, event)
        case e.ValuePublished() | e.ValueWithdrawn():
            _value_came_or_went(wiring, state, event)
        case e.RetirementScheduled() | e.RetirementStarted() | e.ValueRetired():
            _retirement_went_on(state, event)
        case _:
            assert_never(event)


def _contracts_changed(wiring: Wiring, state: State, event: e.ContractsChanged) -> None:
    state.standing.contracts, state.standing.observed, state.standing.settling = event.contracts, event.observed, {}
    state.standing.stages = wiring.graph.stages
    state.dirty.standing = True
    for address in list(state.envers):
        enver = _touch(state, address)
        if address in wiring.inputs:
            _keep_what_latches_let_in(wiring, enver)
            _stays(state, enver)
        else:
            enver.retry_at = None
            if enver.departure is None:
                _forget_loss(state, enver)
                enver.offers = {}
            _settle(wiring, state, enver, enver.owes, event.at)
        _lease(state, enver)
    state.agenda = Agenda(everything=True)


def _stays(state: State, enver: Enver) -> None:
    """It is declared again; stacks that are being removed already go all the same, and are made anew."""
    if enver.departure is not None and not enver.departure.under_way:
        enver.departure = None
        state.leaving.pop(enver.address)


def _keep_what_latches_let_in(wiring: Wiring, enver: Enver) -> None:
    enver.picked = let_in_by_latches(wiring, enver)
    asks = enver.address in wiring.asking
    enver.offers = {
        name: offer
        for name, offer in enver.offers.items()
        if name == LOSS or (asks and _is_asked_still(wiring, enver, name, offer))
    }


def _is_asked_still(wiring: Wiring, enver: Enver, input: str, offer: Offer) -> bool:
    """Whether a question about a value or a commit is the same under these contracts."""
    if not input:
        source = offer.content.identity.partition(" ")[0]
        return offer.content.identity == promotion(enver, source, wiring.graph.slice(enver.address))
    latches = {wire.name: wire.product for wire, latch in wiring.inputs[enver.address] if latch}
    return latches.get(input) == offer.content.product


def _change_began_or_ended(wiring: Wiring, state: State, event: e.ChangeAccepted | e.ChangesEnded) -> None:
    if isinstance(event, e.ChangesEnded):
        _changes_ended(wiring, state, event)
    else:
        _change_accepted(wiring, state, event)


def _change_accepted(wiring: Wiring, state: State, event: e.ChangeAccepted) -> None:
    for head in event.heads:
        enver = _touch(state, head.enver)
        if head.commit:
            enver.commit, enver.content, enver.subject = head.commit, head.content, head.subject
        enver.contracts = head.contracts
        enver.observed = max(enver.observed, head.observed)
    for head in event.follow:
        _touch(state, head.enver).follows = Following(head.commit, head.contracts, head.content)
        state.agenda.latches[head.enver] = None
    for address in event.look_up:
        _touch(state, address).lookups = ()
    for address in event.retried:
        enver = _touch(state, address)
        enver.failed, enver.retry_at, enver.retries = None, None, 0
    roots = tuple(dict.fromkeys((*(head.enver for head in event.heads), *event.retried)))
    wave = Wave(event.wave, event.cause, event.by, event.at, event.plan, roots, interactive=event.interactive)
    _mark(wiring, state, wave, root=event.root or event.wave)


def _changes_ended(wiring: Wiring, state: State, event: e.ChangesEnded) -> None:
    for address in list(state.owing):
        enver = _touch(state, address)
        enver.retry_at = None
        _forget_what_it_was_told(wiring, enver)
        _settle(wiring, state, enver, enver.owes, event.at)
    for address in wiring.asking:
        if address in state.envers and state.envers[address].follows is not None:
            _touch(state, address).follows = None


def _forget_what_it_was_told(wiring: Wiring, enver: Enver) -> None:
    """Unless it begins already, or somebody approved it: then that stands."""
    declared = wiring.graph.envers.get(enver.address)
    if enver.run is not None or enver.unknown or (declared is not None and promoted_from(declared)):
        return
    runs = enver.deployed
    enver.commit, enver.contracts, enver.content, enver.subject = (
        (runs.commit, runs.contracts, runs.content, runs.subject) if runs else ("", "", "", "")
    )
    enver.lookups = runs.lookups if runs else enver.lookups


def _latch_moved(wiring: Wiring, state: State, event: e.Offered | e.Approved | e.Rejected | e.Promoted) -> None:
    enver = _touch(state, event.enver)
    state.agenda.latches[event.enver] = None
    match event:
        case e.Offered():
            enver.offers = {**enver.offers, event.input: event.offer}
        case e.Rejected():
            offer = _close(enver, event.input)
            enver.rejected = {**enver.rejected, event.input: offer.content.identity}
        case e.Approved():
            offer = _close(enver, event.input)
            _let_in(wiring, state, enver, event.input, offer.content)
            state.note_leftovers(enver)
            wave = _wave(event, _asked_about(offer), event.by)
            wave.why = inert(event.why)
            _mark(wiring, state, wave, root=offer.root or event.wave)
        case e.Promoted():
            _let_in(wiring, state, enver, "", event.content)
            cause = f"{naming.enver_label(event.content.product)} runs {event.content.text[:7]}"
            _mark(wiring, state, _wave(event, cause, "odmd"), root=event.root or event.wave)
    _lease(state, enver)


def _close(enver: Enver, input: str) -> Offer:
    """Takes the question back, and the answer to the one before."""
    offer = enver.offers[input]
    enver.offers = {name: open for name, open in enver.offers.items() if name != input}
    enver.rejected = {name: identity for name, identity in enver.rejected.items() if name != input}
    return offer


def _asked_about(offer: Offer) -> str:
    content = offer.content
    if content.name == LOSS:
        return "loss of data approved"
    return f"{content.name} #{content.version} approved" if content.name else f"{content.text[:7]} approved"


def _let_in(wiring: Wiring, state: State, enver: Enver, input: str, content: RunInput) -> None:
    if input == LOSS:
        enver.allowed, enver.failed, enver.retry_at = content.identity, None, None
        if enver.departure is not None:
            enver.departure = Departure(enver.departure.by)
        enver.stacks = enver.stacks.again()
    elif input:
        enver.picked = {**enver.picked, input: content}
    else:
        enver.commit, enver.contracts, enver.follows = content.text, wiring.graph.slice(enver.address), None
        source = content.identity.partition(" ")[0]
        enver.content = source if source != content.text else ""
        enver.subject = _subject_at(state.envers.get(content.product), content.text)


def _subject_at(origin: Enver | None, commit: str) -> str:
    """What a commit says of itself, if its origin still runs it."""
    runs = origin.deployed if origin else None
    return runs.subject if runs and runs.commit == commit else ""


def _cycle_went_on(wiring: Wiring, state: State, event: e.PassStarted | e.DidNotSettle) -> None:
    state.dirty.standing = True
    state.agenda.cycles[event.cycle] = None
    before = state.standing.settling.get(event.cycle, Settling(0))
    if isinstance(event, e.DidNotSettle):
        state.standing.settling[event.cycle] = Settling(before.root, before.passes, event.moved)
        return
    state.standing.settling[event.cycle] = Settling(before.root, event.number)
    for address, given in event.moved:
        enver = _touch(state, address)
        enver.picked = {**enver.picked, given.name: given}
        _lease(state, enver)
    consumers = tuple(dict.fromkeys(address for address, _ in event.moved))
    wave = Wave(event.wave, f"settling pass {event.number}", "odmd", event.at, "", consumers, interactive=False)
    _mark(wiring, state, wave, root=before.root)


def _run_went_on(
    wiring: Wiring,
    state: State,
    event: e.RunStarted | e.RunClaimed | e.RunLost | e.CancelAsked | e.RunSucceeded | e.RunFailed | e.Retried,
) -> None:
    match event:
        case e.RunStarted():
            _run_started(wiring, state, event)
        case e.RunClaimed():
            run = _touch_run(state, event.run)
            run.attempt, run.worker, run.status = event.attempt, event.worker, RunStatus.CLAIMED
        case e.RunLost():
            run = _touch_run(state, event.run)
            run.worker, run.status = "", RunStatus.STARTED
        case e.CancelAsked():
            _touch_run(state, event.run).cancelled = event.by
        case e.RunSucceeded():
            _run_succeeded(wiring, state, event)
        case e.RunFailed():
            _run_failed(state, event)
        case e.Retried():
            enver = _touch(state, event.enver)
            enver.failed, enver.retry_at = None, None


def _run_started(wiring: Wiring, state: State, event: e.RunStarted) -> None:
    state.next_run = event.run + 1
    enver = _touch(state, event.enver)
    run = Run(
        id=event.run,
        enver=event.enver,
        fingerprint=event.fingerprint,
        inputs=event.inputs,
        mode=event.mode,
        waves=event.waves,
        reasons=event.reasons,
        started_at=event.at,
        assembly=event.assembly,
        root=max((state.waves[id].root for id in event.waves if id in state.waves), default=0),
        allowed=event.allowed,
    )
    state.runs[run.id] = state.dirty.runs[run.id] = run
    state.agenda.begin(run.id, lane(wiring, state, enver))
    enver.run = enver.last_run = run.id
    enver.retry_at = None
    _forget_loss(state, enver)
    declared = wiring.graph.envers[event.enver]
    enver.account, enver.region, enver.stage = declared.account, declared.region, declared.stage
    enver.removed = False
    enver.replicated = tuple(sorted({region for product in declared.products for region in product.regions}))
    enver.runs_with |= _refs(event.inputs)
    _lease(state, enver)


def _run_succeeded(wiring: Wiring, state: State, event: e.RunSucceeded) -> None:
    run = _end_run(state, event.run, RunStatus.SUCCEEDED, event.at)
    run.assembly = event.assembly
    enver = _touch(state, event.enver)
    _keep_answers(run, enver, event.lookups)
    enver.run, enver.deployed, enver.unknown, enver.assembly = None, run.fingerprint, False, event.assembly
    enver.consumed, enver.failed, enver.failure, enver.settled = run.inputs, None, "", ""
    enver.retries, enver.root, enver.runs_with, enver.allowed = 0, run.root, _refs(run.inputs), ""
    enver.deployed_by, enver.consumed_under = run.id, run.fingerprint.contracts
    if event.stacks:
        enver.stacks = enver.stacks.deployed(_placed(enver, event.stacks))
        state.note_leftovers(enver)
    _lease(state, enver)
    _settle(wiring, state, enver, enver.owes.intersection(run.waves), event.at)
    state.agenda.latches.update(dict.fromkeys(wiring.offered.get(event.enver, ())))


def _keep_answers(run: Run, enver: Enver, answers: tuple[tuple[str, str], ...]) -> None:
    """What its app looked up belongs to what it was made of; what is answered otherwise than before is a reason."""
    run.fingerprint = replace(run.fingerprint, lookups=answers)
    run.reasons = (
        *run.reasons,
        *(one for one in other_answers(enver.deployed, run.fingerprint) if one not in run.reasons),
    )
    if enver.pin is None:
        enver.lookups = answers


def _run_failed(state: State, event: e.RunFailed) -> None:
    run = _end_run(state, event.run, RunStatus.FAILED, event.at)
    run.error = event.error
    enver = _touch(state, event.enver)
    enver.run, enver.failed, enver.failure, enver.retry_at = None, run.fingerprint, event.error, event.retry_at
    enver.retries += event.retry_at is not None
    enver.stacks = enver.stacks.touched(_placed(enver, event.stacks))
    state.note_leftovers(enver)
    if event.retry_at is not None:
        state.agenda.again.put(event.enver, event.retry_at)
    if not event.clean:
        enver.deployed, enver.unknown = None, True
    if not enver.unknown:  # else it may run with anything that it ever tried since it was last known
        enver.runs_with = _refs(enver.consumed)
        _lease(state, enver)


def _placed(enver: Enver, names: Iterable[str]) -> tuple[Stack, ...]:
    """Stacks of the last run."""
    return tuple(Stack(name, enver.account, enver.region) for name in names)


def _end_run(state: State, id: int, status: RunStatus, at: float) -> Run:
    run = _touch_run(state, id)
    run.status, run.finished_at = status, at
    del state.runs[id]
    state.agenda.end(id)
    return run


def _cut_off(wiring: Wiring, state: State, event: e.Settled) -> None:
    """Ends waves at these envers and at all behind them that have nothing new either, producers first."""
    todo = InOrder(wiring.ordered, wiring.position, event.envers)
    while (address := todo.next()) is not None:
        enver = state.envers[address]
        if not (waves := settling(wiring, state, enver)):
            continue
        enver.settled, enver.failed, enver.failure, enver.retry_at = _nothing_new(enver), None, "", None
        _forget_loss(state, enver)
        state.dirty.settled.append(address)
        _settle(wiring, state, enver, waves, event.at)
        for follower in _who_owes_behind(wiring, state, address):
            todo.add(follower)


def _forget_loss(state: State, enver: Enver) -> None:
    """What an earlier run would have destroyed is no question any more; what left the app is asked about again."""
    if LOSS in enver.offers:
        enver.offers = {name: offer for name, offer in enver.offers.items() if name != LOSS}
        enver.stacks = enver.stacks.again()
        state.note_leftovers(enver)


def _nothing_new(enver: Enver) -> str:
    inputs = ", ".join([f"{given.name} #{given.version}" for given in enver.consumed])
    return f"its inputs are what it runs with: {inputs}" if inputs else "its source is what it runs"


def _paused_or_resumed(wiring: Wiring, state: State, event: e.Paused | e.Resumed | e.Recovered) -> None:
    pauses = state.standing.pauses
    match event:
        case e.Paused():
            pauses[event.scope] = event.pause
        case e.Resumed():
            pauses.pop(event.scope, None)
            if event.scope == EVERYTHING:
                _schedule_again(state)
        case e.Recovered():
            pauses[EVERYTHING] = Pause(event.by, event.why, None)
            _recovered(wiring, state, event)
    state.dirty.standing = True
    state.agenda.envers.update(state.owing)


def _schedule_again(state: State) -> None:
    """Retirements whose time came during the pause were passed over."""
    for ref in state.superseded:
        value = _touch_value(state, ref)
        value.retire_at = None
    state.agenda.values.update(state.superseded)


def _held_or_let_go(wiring: Wiring, state: State, event: e.Pinned | e.Released | e.Drifted) -> None:
    enver = _touch(state, event.enver)
    match event:
        case e.Pinned():
            enver.pin, by, cause = event.pin, event.pin.by, f"held at run {event.pin.run}"
        case e.Released():
            enver.pin, by, cause = None, event.by, "released"
            if (head := event.head) is not None:
                enver.commit, enver.content, enver.contracts = head.commit, head.content, head.contracts
        case e.Drifted():
            enver.deployed, enver.unknown, by, cause = None, True, event.by, f"drift: {event.what}"
    enver.failed, enver.retry_at = None, None
    _lease(state, enver)
    _mark(wiring, state, _wave(event, cause, by), root=event.wave)


def _stacks_went(
    state: State,
    event: e.RemovalAsked
    | e.RemovalStarted
    | e.RemovalFailed
    | e.EnverRemoved
    | e.ClearanceAsked
    | e.ClearanceStarted
    | e.ClearanceEnded,
) -> None:
    if isinstance(event, e.ClearanceAsked | e.ClearanceStarted | e.ClearanceEnded):
        _clearance_went_on(state, event)
    else:
        _removal_went_on(state, event)


def _removal_went_on(state: State, event: e.RemovalAsked | e.RemovalStarted | e.RemovalFailed | e.EnverRemoved) -> None:
    enver = _touch(state, event.enver)
    match event:
        case e.RemovalAsked(by=by):
            enver.departure = Departure(by)
            state.leaving[enver.address] = None
            _forget_loss(state, enver)
        case e.RemovalStarted() if enver.departure is not None:
            enver.departure = Departure(enver.departure.by, under_way=True, began=event.at)
        case e.RemovalFailed(error=error) if enver.departure is not None:
            enver.departure = Departure(enver.departure.by, failure=error)
        case _:
            _gone(state, enver)


def _clearance_went_on(state: State, event: e.ClearanceAsked | e.ClearanceStarted | e.ClearanceEnded) -> None:
    enver = _touch(state, event.enver)
    match event:
        case e.ClearanceAsked():
            enver.stacks = enver.stacks.again()
        case e.ClearanceStarted():
            enver.stacks = replace(enver.stacks, clearing=event.at)
        case e.ClearanceEnded():
            enver.stacks = enver.stacks.cleared(event.removed, event.kept)
    state.note_leftovers(enver)


def _gone(state: State, enver: Enver) -> None:
    """What was recorded of it is history; its values are retired, and its numbers go on should it come back."""
    for value in state.made_by(enver.address):
        if value.status is ValueStatus.CURRENT:
            _supersede(state, value)
    left = Enver(enver.address, last_run=enver.last_run, owes=enver.owes, since=enver.since, removed=True)
    left.commit, left.contracts, left.observed, left.run = enver.commit, enver.contracts, enver.observed, enver.run
    left.leases, left.content, left.subject = enver.leases, enver.content, enver.subject
    state.leaving.pop(enver.address, None)
    state.clearing.pop(enver.address, None)
    state.envers[enver.address] = state.dirty.envers[enver.address] = left
    _lease(state, left)


def _value_came_or_went(wiring: Wiring, state: State, event: e.ValuePublished | e.ValueWithdrawn) -> None:
    if isinstance(event, e.ValuePublished):
        _value_published(wiring, state, event)
    else:
        _supersede(state, _touch_value(state, ValueRef(event.product, event.version)))


def _supersede(state: State, value: Value) -> None:
    """It lives until nobody runs with it."""
    value.status = ValueStatus.SUPERSEDED
    state.superseded[value.ref] = state.agenda.values[value.ref] = None
    state.dirty.values[value.ref] = value


def _value_published(wiring: Wiring, state: State, event: e.ValuePublished) -> None:
    published = event.publication
    run = _touch_run(state, event.run)
    value = Value(
        product=event.product,
        version=event.version,
        text=published.text,
        identity=published.identity,
        kind=published.kind,
        run=event.run,
        at=event.at,
        resource=published.resource,
        root=run.root,
    )
    if (before := state.current(event.product)) is not None:
        before.bridge = published.bridge
        _supersede(state, before)
    state.values.setdefault(event.product, []).append(value)
    state.versions[event.product] = event.version
    state.dirty.values[value.ref] = value
    run.published = (*run.published, value.ref)
    _news_from(wiring, state, run.enver)


def _news_from(wiring: Wiring, state: State, enver: str) -> None:
    """Somebody published: its consumers may be able now, people may have to be asked, its cycle may not be settled."""
    state.agenda.envers.update(dict.fromkeys(c for c in wiring.reached.get(enver, ()) if c in state.owing))
    state.agenda.latches.update(dict.fromkeys(wiring.offered.get(enver, ())))
    if (cycle := wiring.cycle(enver)) is not None:
        state.agenda.cycles[cycle] = None


def _retirement_went_on(state: State, event: e.RetirementScheduled | e.RetirementStarted | e.ValueRetired) -> None:
    value = _touch_value(state, ValueRef(event.product, event.version))
    match event:
        case e.RetirementScheduled():
            value.retire_at = event.due
        case e.RetirementStarted():
            value.status, value.retire_at = ValueStatus.RETIRING, None
            state.superseded.pop(value.ref, None)
        case e.ValueRetired():
            value.status, value.leftover = ValueStatus.RETIRED, event.leftover
            others = state.values[event.product]
            others.remove(value)
            state.agenda.values.update(dict.fromkeys(other.ref for other in others))


def _recovered(wiring: Wiring, state: State, event: e.Recovered) -> None:
    """What was under way or scheduled is over; people look, resume, and apply what the heads say then."""
    standing = state.standing
    standing.first = state.next_run = state.next_wave = max(event.first, state.next_run, state.next_wave)
    for address in list(state.envers):
        enver = _touch(state, address)
        if enver.deployed is not None:
            enver.deployed, enver.unknown = None, True
        if enver.departure is not None and enver.departure.under_way:
            enver.departure = Departure(enver.departure.by)
        enver.stacks, enver.retry_at = Stacks(enver.stacks.there), None  # its next run says anew what left
        state.note_leftovers(enver)
        _settle(wiring, state, enver, enver.owes, event.at)
    for value in [value for values in state.values.values() for value in values]:
        if value.status is ValueStatus.RETIRING or value.retire_at is not None:
            _touch_value(state, value.ref)
            value.status, value.retire_at = ValueStatus.SUPERSEDED, None
            state.superseded[value.ref] = None
    state.agenda = Agenda(everything=True)


def _wave(event: e.Approved | e.Promoted | e.Pinned | e.Released | e.Drifted, cause: str, by: str) -> Wave:
    return Wave(event.wave, cause, by, event.at, "", (event.enver,))


def _mark(wiring: Wiring, state: State, wave: Wave, root: int) -> None:
    """Opens a wave over everything that its roots reach. A wave from outside renews the passes of cycles it reaches."""
    state.next_wave, wave.root = wave.id + 1, root
    state.waves[wave.id] = state.dirty.waves[wave.id] = wave
    mark, marked = frozenset((wave.id,)), wiring.cone(wave.roots)
    for address in marked:
        enver = _touch(state, address)
        if not enver.commit:
            continue  # it has no source yet, which is a latch: what gives it one opens a wave of its own
        if enver.owes:
            enver.owes |= mark
        else:
            enver.since, enver.owes = wave.at, mark
        state.owing[address] = None
        wave.open += 1
        if (cycle := wiring.cycle(address)) is not None:
            _renew_passes(state, cycle, root)
    if wave.open == 0:
        del state.waves[wave.id]
    for address in marked:
        _look_behind(wiring, state, address)


def _renew_passes(state: State, cycle: str, root: int) -> None:
    settling = state.standing.settling.get(cycle)
    if settling is None or root > settling.root:
        state.standing.settling[cycle] = Settling(root)
        state.dirty.standing = True


def _settle(wiring: Wiring, state: State, enver: Enver, waves: Iterable[int], at: float) -> None:
    _touch(state, enver.address)
    for id in waves:
        wave = state.dirty.waves[id] = state.waves[id]
        wave.open -= 1
        if wave.open == 0:
            del state.waves[id]
    enver.owes = enver.owes.difference(waves)  # nothing where it is ready for all of them
    enver.since = at
    if not enver.owes:
        state.owing.pop(enver.address, None)
    _look_behind(wiring, state, enver.address)


def _look_behind(wiring: Wiring, state: State, address: str) -> None:
    """What an enver owes has changed, and so may what its followers are ready for."""
    state.agenda.envers.update(dict.fromkeys(_who_owes_behind(wiring, state, address)))


def _who_owes_behind(wiring: Wiring, state: State, address: str) -> Sequence[str]:
    owing = state.owing
    return [follower for follower in wiring.followers.get(address, ()) if follower in owing]


def _lease(state: State, enver: Enver) -> None:
    """Values stay while an enver may run with them, was let have them, or asks for them."""
    asked = [offer.content for input, offer in enver.offers.items() if input]
    refs = enver.runs_with | _refs((*enver.picked.values(), *asked)) | _refs(enver.pin.inputs if enver.pin else ())
    for ref in refs - enver.leases:
        state.leased.setdefault(ref, set()).add(enver.address)
        if (value := state.value(ref)) is not None and value.retire_at is not None:
            _touch_value(state, ref).retire_at = None
    for ref in enver.leases - refs:
        holders = state.leased[ref]
        holders.discard(enver.address)
        if not holders:
            del state.leased[ref]
            state.agenda.values[ref] = None
    enver.leases = refs


def _refs(inputs: Sequence[RunInput]) -> frozenset[ValueRef]:
    return frozenset([given.ref for given in inputs if given.version])


def _touch(state: State, address: str) -> Enver:
    enver = state.envers.get(address)
    if enver is None:
        enver = state.envers[address] = Enver(address)
    state.dirty.envers[address] = enver
    state.agenda.envers[address] = None
    return enver


def _touch_run(state: State, id: int) -> Run:
    run = state.dirty.runs[id] = state.runs[id]
    return run


def _touch_value(state: State, ref: ValueRef) -> Value:
    value = state.value(ref)
    if value is None:
        raise LookupError(f"{ref.product} #{ref.version} is not live")
    state.dirty.values[ref] = value
    return value
