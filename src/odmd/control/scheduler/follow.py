"""`follow`: the next event that follows from the state alone, in a fixed order. Looks only where the agenda says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from odmd.control.scheduler import events as e
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.agenda import Agenda, InOrder, Lane
from odmd.control.scheduler.approvals import approval_of, next_due, opened
from odmd.control.scheduler.clones import UNUSED
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.inputs import desired_inputs, fingerprint, handed, newest, promotion, run_mode, run_reasons
from odmd.control.scheduler.limits import Limits
from odmd.control.scheduler.questions import SOURCE, AboutInput, asked_first, key_of
from odmd.control.scheduler.ready import able, held_up, is_moving, lane, paused, ready, settling
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import Pause, Settling, State
from odmd.control.scheduler.values import RunInput, Value, ValueStatus
from odmd.control.scheduler.verifying import can_be_verified, verify_again_at
from odmd.graph import EnverNode, Graph
from odmd.graph.paused import EVERYTHING
from odmd.plan.fingerprint import Fingerprint, same_source
from odmd.plan.wiring import Cycle, Wiring, promoted_from

_PENALTY = (0.0, 600.0, 3600.0)
"""By how many seconds of waiting what happens by itself, and a clone, must be ahead of what somebody waits for."""
_OVERDUE: Final = "it waited too long for others that go on moving"
_SHARE = 60.0
"""The same for each run that a team has under way already. Both age away, so nobody waits for ever."""


def follow(setup: Setup, state: State, at: float) -> e.Event | None:
    """The next event; None when nothing follows until a message comes."""
    wiring = setup.wirings[state.standing.contracts]
    if state.agenda.everything:
        _look_at_everything(wiring, state)
    for step in _WHILE_HELD if setup.held else _STEPS:
        if (event := step(setup, wiring, state, at)) is not None:
            return event
    return None


def _look_at_everything(wiring: Wiring, state: State) -> None:
    """The agenda of a state that was just loaded, or that other contracts came over."""
    agenda = state.agenda = Agenda()
    agenda.envers.update(state.owing)
    agenda.latches.update(wiring.asking)
    agenda.cycles.update(dict.fromkeys(wiring.cycles))
    agenda.values.update(state.superseded)
    for run in state.runs.values():
        agenda.envers[run.enver] = None
        agenda.unclaimed[run.id] = None
        if run.claim_by is not None:
            agenda.given.put(run.enver, run.claim_by)
        if run.enver in wiring.inputs:
            agenda.begin(run.id, lane(wiring, state, state.envers[run.enver]))
    for enver in state.envers.values():
        if enver.retry_at is not None:
            agenda.again.put(enver.address, enver.retry_at)
        if (due := enver.verified_next) is not None:
            agenda.verify.put(enver.address, due)
        if enver.offers:
            state.note_questions(enver)
    for kept in state.clones.values():
        state.note_clones(kept)


def _resumed(_setup: Setup, _wiring: Wiring, state: State, at: float) -> e.Event | None:
    for scope, pause in state.standing.pauses.items():
        if pause.until is not None and pause.until <= at:
            return e.Resumed(scope, ODMD, at)
    return None


def _retried(_setup: Setup, _wiring: Wiring, state: State, at: float) -> e.Event | None:
    while (address := state.agenda.again.first(at)) is not None:
        due = state.envers[address].retry_at
        if due is not None and due <= at:
            return e.Retried(address, at)
        state.agenda.again.drop(address)
    return None


def _frozen(_setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """A declared freeze begins once; a longer pause that is there stays."""
    for freeze in wiring.graph.governed.freezes:
        if freeze.begins <= at < freeze.ends and freeze.id not in state.standing.frozen:
            now = state.standing.pauses.get(freeze.scope)
            lasts = now is not None and (now.until is None or now.until >= freeze.ends)
            pause = now if now is not None and lasts else Pause(ODMD, freeze.why, freeze.ends)
            return e.Paused(freeze.scope, pause, at, freeze.id, freeze.ends)
    return None


def _question_due(_setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """What happens by itself to a question that is open for long."""
    while (address := state.agenda.questions.first(at)) is not None:
        for question, offer in state.envers[address].offers.items():
            if offer.expires and offer.expires <= at:
                return e.Expired(address, question, offer, at)
            if offer.escalates and offer.escalates <= at:
                said = approval_of(wiring.graph, address, question, offer.gate)
                team = said.escalate_to if said else ""
                return e.Escalated(address, question, team, at, next_due(replace(offer, escalates=0.0)))
            if offer.remind and offer.reminded + offer.remind <= at:
                return e.Reminded(address, question, at, next_due(replace(offer, reminded=at)))
        state.note_questions(state.envers[address])
    return None


def _clones_due(_setup: Setup, _wiring: Wiring, state: State, at: float) -> e.Event | None:
    """Clones that nobody used for long: people are warned first."""
    while (address := state.agenda.clones.first(at)) is not None:
        kept = state.clones.get(address)
        due = kept.due() if kept else None
        if kept is None or due is None or due > at:
            state.agenda.clones.drop(address)
        elif kept.until is not None and kept.until <= at:
            return e.ClonesEnded(address, ODMD, at, UNUSED, kept.others)
        elif kept.until is not None:
            return e.ClonesEndSoon(address, kept.until, at, kept.others)
    return None


def _clones_gone(_setup: Setup, _wiring: Wiring, state: State, at: float) -> e.Event | None:
    """Counted: what is said to be gone is."""
    while state.agenda.ended_clones:
        address = min(state.agenda.ended_clones)
        kept = state.clones.get(address)
        if kept is not None and kept.gone(state.envers):
            envers = [state.envers[one] for one in kept.set.addresses if one in state.envers]
            left = tuple([left for one in envers for left in one.left])
            return e.ClonesGone(address, at, left, kept.others)
        del state.agenda.ended_clones[address]
    return None


def _settled(_setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """Early cut-off."""
    ended = [a for a in state.agenda.envers if a in state.owing and settling(wiring, state, state.envers[a])]
    return e.Settled(tuple(sorted(ended, key=wiring.position.__getitem__)), at) if ended else None


def _retirement(setup: Setup, _wiring: Wiring, state: State, at: float) -> e.Event | None:
    if EVERYTHING in state.standing.pauses:
        return None
    while state.agenda.values:
        ref = min(state.agenda.values)
        value = state.value(ref)
        if value is not None and _is_over(state, value):
            return e.RetirementScheduled(ref.product, ref.version, at + setup.grace, at)
        del state.agenda.values[ref]
    return None


def _is_over(state: State, value: Value) -> bool:
    """Whether nobody may run with a value any more, and nothing older forwards to it."""
    if value.status is not ValueStatus.SUPERSEDED or value.retire_at is not None or value.ref in state.leased:
        return False
    return not any(v.bridge and v.version < value.version for v in state.values[value.product])


def _removal(_setup: Setup, _wiring: Wiring, state: State, at: float) -> e.Event | None:
    """Consumers go before producers; those that wait for each other by name."""
    if not state.leaving or EVERYTHING in state.standing.pauses:
        return None
    users = {address: _users(state, address) for address in sorted(state.leaving)}
    for address, before in users.items():
        enver = state.envers[address]
        leaves = enver.departure
        if leaves is None or leaves.under_way or leaves.failure or enver.run is not None:
            continue
        if all(other in users and address in _all_behind(users, other) for other in before):
            asked = (enver.allowed, at, enver.units.there, leaves.shown)
            return e.RemovalStarted(address, enver.target, enver.recipe, *asked, enver.live_names)
    return None


def _clearance(_setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """Units that left an app go once nobody else runs with what they may have published."""
    for address in sorted(state.clearing):
        enver = state.envers[address]
        asks = asked_first(enver.offers) is not None
        if enver.units.clearing or enver.departure is not None or enver.run is not None or asks:
            continue
        if address in wiring.inputs and not paused(wiring, state, address) and not _used_before(state, address):
            return e.ClearanceStarted(address, enver.units.to_clear(), enver.allowed, at)
    return None


def _used_before(state: State, enver: str) -> set[str]:
    """Who else may still run with what an enver published before its current values."""
    superseded = [ref for ref in state.superseded if ref.product.startswith(f"{enver}/")]
    return {user for ref in superseded for user in state.leased.get(ref, ())} - {enver}


def _users(state: State, enver: str) -> set[str]:
    """Who else may run with what an enver publishes."""
    found = {user for value in state.made_by(enver) for user in state.leased.get(value.ref, ())}
    return found - {enver}


def _all_behind(users: Mapping[str, set[str]], enver: str) -> set[str]:
    """Whom an enver that leaves waits for, near or far."""
    found, todo = set[str](), [enver]
    while todo:
        for other in users.get(todo.pop(), ()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def _asked(_setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """Asks people; a question stays as it is until it is answered."""
    while state.agenda.latches:
        address = min(state.agenda.latches)
        if address in wiring.asking:
            declared, enver = wiring.graph.envers[address], state.envers.get(address) or Enver(address)
            for event in chain(_promotions(wiring, state, declared, enver, at), _questions(wiring, state, enver, at)):
                return event
        del state.agenda.latches[address]
    return None


def _promotions(wiring: Wiring, state: State, declared: EnverNode, enver: Enver, at: float) -> Iterator[e.Event]:
    """What its origin runs under the contracts in force: taken over if a change said so, or asked about."""
    origin = state.envers.get(promoted_from(declared))
    if origin is None or (runs := origin.deployed) is None or origin.address not in wiring.graph.envers:
        return
    if origin.baking:
        return
    slice = wiring.graph.slice(enver.address)
    if runs.slice != wiring.graph.slice(origin.address) or (_has_source(enver, runs) and enver.slice == slice):
        return
    identity = promotion(enver, runs.source, slice)
    content = RunInput(key_of(SOURCE), origin.address, origin.last_run or 0, runs.commit, identity)
    if declared.approver is None:
        if enver.follows is not None and enver.follows.is_of(runs, slice):
            yield e.Promoted(state.next_wave, enver.address, content, origin.root, at)
    elif SOURCE not in enver.offers and enver.rejected.get(SOURCE) != content.identity:
        asked = (SOURCE, content, declared.approver, origin.root, at)
        yield e.Offered(enver.address, SOURCE, opened(wiring.graph, enver.address, *asked), at)


def _has_source(enver: Enver, deployed: Fingerprint) -> bool:
    return same_source((enver.commit, enver.content), (deployed.commit, deployed.content))


def _questions(wiring: Wiring, state: State, enver: Enver, at: float) -> Iterator[e.Event]:
    for wire, latch in wiring.inputs[enver.address]:
        value = state.current(wire.product) if latch and wire.mode != "automatic" else None
        question = AboutInput(wire.name)
        if value is None or question in enver.offers or enver.rejected.get(question) == value.identity:
            continue
        picked = enver.picked.get(wire.name)
        if picked is None or picked.identity != value.identity:
            asked = (question, handed(wire, value), wire.gate, value.root, at)
            yield e.Offered(enver.address, question, opened(wiring.graph, enver.address, *asked), at)


def _passes(_setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """A cycle that is quiet goes around once more, if it must and may."""
    while state.agenda.cycles:
        key = min(state.agenda.cycles)
        cycle = wiring.cycles.get(key)
        if cycle is not None and state.agenda.moving_in[key] == 0 and (moved := _moved(state, cycle)):
            settling = state.standing.settling.get(key, Settling(0))
            if settling.passes < len(cycle.wires):
                return e.PassStarted(state.next_wave, key, settling.passes + 1, moved, at)
            if not settling.moved:
                return e.DidNotSettle(key, tuple(f"{consumer} {given.name}" for consumer, given in moved), at)
        del state.agenda.cycles[key]
    return None


def _moved(state: State, cycle: Cycle) -> tuple[tuple[str, RunInput], ...]:
    """What a cycle's placeholders stood for, where that is something else now."""
    found: list[tuple[str, RunInput]] = []
    for wire in cycle.wires:
        enver, now = state.envers.get(wire.consumer), newest(state, wire)
        picked = enver.picked.get(wire.name) if enver else None
        if now is not None and now.identity != (picked.identity if picked else wire.placeholder):
            found.append((wire.consumer, now))
    return tuple(found)


def _look_who_moves(setup: Setup, wiring: Wiring, state: State, at: float) -> None:
    """No event, but what those below rest on. Producers first, and on to followers only where something changed."""
    agenda = state.agenda
    while (late := agenda.waiting.first(at - setup.patience)) is not None:
        agenda.waiting.drop(late)
        agenda.envers[late] = None
    todo = InOrder(wiring.ordered, wiring.position, _look_who_rests(wiring, state))
    agenda.envers.clear()
    while (address := todo.next()) is not None:
        enver = state.envers[address]
        if (now := is_moving(wiring, state, enver, agenda.moving)) is not (address in agenda.moving):
            behind = _note_moving(wiring, agenda, address, now=now)
            todo.add([follower for follower in behind if follower in state.owing])
        _queue(setup, wiring, state, enver, at)


def _look_who_rests(wiring: Wiring, state: State) -> Iterable[str]:
    """Who owes nothing moves no more, whoever else does: noted in no order. Returns the others that are to look at."""
    agenda, others, position = state.agenda, dict[str, None](), wiring.position
    for address in agenda.envers:
        if address not in position:
            continue
        enver = state.envers[address]
        if enver.owes or enver.run is not None:
            others[address] = None
            continue
        agenda.startable.drop(address)
        agenda.waiting.drop(address)
        if address in agenda.moving:
            for follower in _note_moving(wiring, agenda, address, now=False):
                if follower in state.owing:
                    others[follower] = None
    return others


def _note_moving(wiring: Wiring, agenda: Agenda, address: str, *, now: bool) -> Sequence[str]:
    """Returns whom that concerns."""
    (agenda.moving.add if now else agenda.moving.discard)(address)
    concerns = wiring.followers.get(address, ())
    if (cycle := wiring.cycle(address)) is None:
        return concerns
    before = agenda.moving_in[cycle]
    agenda.moving_in[cycle] += 1 if now else -1
    if 0 not in (before, agenda.moving_in[cycle]):
        return concerns
    agenda.cycles[cycle] = None
    members = wiring.cycles[cycle].members
    return [*concerns, *(one for member in members for one in wiring.followers.get(member, ()))]


def _queue(setup: Setup, wiring: Wiring, state: State, enver: Enver, at: float) -> None:
    agenda, address = state.agenda, enver.address
    if not (enver.owes and ready(wiring, state, enver) and able(wiring, state, enver)):
        agenda.startable.drop(address)
        agenda.waiting.drop(address)
    elif held_up(wiring, state, address) and at - enver.since < setup.patience:
        agenda.startable.drop(address)
        agenda.waiting.put(address, enver.since)
    else:
        agenda.waiting.drop(address)
        agenda.startable.put(address, lane(wiring, state, enver), enver.since)


def _verified_again(setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """What runs, once its time to bake is over or somebody wants it; a pause stops deployments, and this is none."""
    if setup.limits.organisation is not None and len(state.runs) >= setup.limits.organisation:
        return None
    while (address := state.agenda.verify.first(at)) is not None:
        enver = state.envers[address]
        suite = enver.suite.suite if enver.suite else None
        is_due = enver.run is None and enver.verified_next is not None
        if is_due and can_be_verified(wiring.graph, state, address, suite):
            return _verification(state, enver, at)
        state.agenda.verify.drop(address)  # the end of its run puts it back
    return None


def _verification(state: State, enver: Enver, at: float) -> e.Event | None:
    if (runs := enver.deployed) is None:
        return None
    return e.RunStarted(
        run=state.next_run,
        enver=enver.address,
        fingerprint=runs,
        inputs=enver.consumed,
        mode=RunMode.VERIFY,
        recipe=enver.recipe,
        waves=(),
        reasons=(enver.suite.why if enver.suite else enver.verify_why,),
        at=at,
        suite=enver.suite.suite if enver.suite else None,
    )


def _started(setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    if setup.limits.organisation is not None and len(state.runs) >= setup.limits.organisation:
        return None
    agenda = state.agenda
    free = [one for one in agenda.startable.firsts() if _has_room(setup.limits, agenda, one[0])]
    if not free:
        return None
    address = min(free, key=lambda one: (turn(one[0], one[1], agenda), one[2]))[2]
    enver = state.envers[address]
    inputs = desired_inputs(wiring, state, enver) or ()
    wanted = enver.pin.fingerprint if enver.pin else fingerprint(enver, inputs)
    mode, recipe = run_mode(enver, wanted)
    overdue, waves = held_up(wiring, state, address), tuple(sorted(ready(wiring, state, enver)))
    return e.RunStarted(
        run=state.next_run,
        enver=address,
        fingerprint=wanted,
        inputs=inputs,
        mode=mode,
        recipe=recipe,
        waves=waves,
        reasons=(*run_reasons(enver, inputs), *_approvals(state, address, waves), *([_OVERDUE] if overdue else [])),
        at=at,
        overdue=overdue,
        allowed=enver.allowed,
    )


def _given_to_jobs(setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """Runs of builds that jobs carry out are for no worker to take."""
    while state.agenda.unclaimed:
        run = state.runs.get(min(state.agenda.unclaimed))
        if run and run.status is RunStatus.STARTED and setup.claimed_within and is_for_jobs(wiring.graph, run):
            return e.RunDispatched(run.id, run.enver, run.attempt, at + setup.claimed_within, at)
        del state.agenda.unclaimed[min(state.agenda.unclaimed)]
    return None


def _unclaimed(_setup: Setup, wiring: Wiring, state: State, at: float) -> e.Event | None:
    """No job came in time."""
    while (address := state.agenda.given.first(at)) is not None:
        run = state.runs.get(state.envers[address].run or 0)
        if run is not None and run.claim_by is not None and run.claim_by <= at:
            where = f": see {run.job}" if run.job else ""
            again = None if run.begun else verify_again_at(wiring.graph, state, run, at)
            error = f"no job of GitHub Actions came for it in time{where}"
            return e.RunFailed(run.id, run.enver, error, clean=not run.begun, at=at, verify_at=again)
        state.agenda.given.drop(address)
    return None


def is_for_jobs(graph: Graph, run: Run) -> bool:
    """Whether its build's runs are carried out by jobs of GitHub."""
    build = graph.build_of(run.enver)
    return build is not None and build.runs_on is not None


def _approvals(state: State, enver: str, waves: Iterable[int]) -> Iterator[str]:
    """What people said when they let something in at an enver."""
    for wave in (state.waves[id] for id in waves):
        if wave.why and enver in wave.roots:
            yield f"{wave.cause} by {wave.by}: {wave.why}"


def turn(lane: Lane, since: float, agenda: Agenda) -> float:
    """Who has the smallest starts first."""
    return since + _PENALTY[lane.priority] + _SHARE * agenda.running[lane.team_key]


def _has_room(limits: Limits, agenda: Agenda, lane: Lane) -> bool:
    if limits.place is not None and agenda.running[lane.target_key] >= limits.place:
        return False
    most = limits.build_types.get(lane.build_type)
    return most is None or agenda.running[lane.type_key] < most


_STEPS: tuple[Callable[[Setup, Wiring, State, float], e.Event | None], ...] = (
    _resumed,
    _frozen,
    _unclaimed,
    _question_due,
    _clones_due,
    _clones_gone,
    _retried,
    _settled,
    _look_who_moves,
    _retirement,
    _removal,
    _clearance,
    _asked,
    _passes,
    _verified_again,
    _started,
    _given_to_jobs,
)
_WHILE_HELD: Final = (_resumed, _frozen, _clones_gone, _settled, _look_who_moves)
