"""The scheduler's meaning, as plainly as it can be said: everything from scratch each time, nothing incremental.

`what_follows` answers what `odmd.control.scheduler.follow.follow` answers, from the graph and the state alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from odmd.control.scheduler import events as e
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.questions import LOSS, LOST, SOURCE, AboutInput
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import ValueStatus
from odmd.graph import Graph, WireEdge
from odmd.plan import Fingerprint

Fact = tuple[object, ...]


def facts_of(event: e.Event | None) -> Fact | None:
    """What of an event is decided; the rest is words."""
    match event:
        case e.Settled():
            return "settled", frozenset(event.envers)
        case e.RetirementScheduled():
            return "retirement", event.product, event.version
        case e.RemovalStarted() | e.ClearanceStarted():
            return _removed(event)
        case e.Offered():
            return "offered", event.enver, event.input, event.offer.content.identity
        case e.Promoted():
            return "promoted", event.enver, event.content.identity
        case e.PassStarted():
            return "pass", event.number, frozenset((enver, given.name, given.identity) for enver, given in event.moved)
        case e.DidNotSettle():
            return "unsettled", frozenset(event.moved)
        case e.RunStarted():
            return "started", event.enver, event.fingerprint, event.waves, event.overdue
        case e.Resumed() | e.Paused() | e.Expired() | e.Reminded() | e.Escalated():
            return _in_time(event)
        case e.Retried():
            return "retried", event.enver
        case None:
            return None
        case _:
            raise AssertionError(f"{event} never follows from the state alone")


def _in_time(event: e.Resumed | e.Paused | e.Expired | e.Reminded | e.Escalated) -> Fact:
    match event:
        case e.Resumed():
            return "resumed", event.scope
        case e.Paused():
            return "frozen", event.freeze
        case _:
            return type(event).__name__, event.enver, event.input


def _removed(event: e.RemovalStarted | e.ClearanceStarted) -> Fact:
    if isinstance(event, e.RemovalStarted):
        return "removal", event.enver
    return "clearance", event.enver, frozenset(event.units)


def surely_runs(enver: Enver) -> Fingerprint | None:
    """What was deployed, unless others changed it and nobody said that this may be so."""
    return (
        None if any(one.accepted is None and one.deviation.sort != "value" for one in enver.drift) else enver.deployed
    )


class Spec:
    """One state, looked at as a whole."""

    def __init__(self, setup: Setup, state: State, at: float) -> None:
        self.setup, self.state, self.at = setup, state, at
        self.graph: Graph = next(g for g in (setup.graph, *setup.earlier) if g.digest() == state.standing.contracts)
        self.cycle_of = cycles(self.graph)
        self.moving = self._moving()

    def what_follows(self) -> Fact | None:
        """In this order."""
        if self.setup.held:
            return self.resumed() or self.frozen() or self.settled()
        answers = (self.resumed(), self.frozen(), self.due(), self.retried(), self.settled(), self.retirement())
        answers += (self.removal(), self.clearance(), self.asked(), self.passes())
        return next((answer for answer in answers if answer is not None), None) or self.verified() or self.started()

    # whom one waits for, and what one should run

    def is_latch(self, wire: WireEdge) -> bool:
        in_cycle = self.cycle_of.get(wire.consumer, wire.consumer) == self.cycle_of.get(wire.producer, wire.producer)
        return wire.mode != "automatic" or (wire.placeholder is not None and in_cycle)

    def upstream(self, x: str) -> set[str]:
        producers = {wire.producer for wire in self.graph.envers[x].wires if not self.is_latch(wire)}
        return producers | set(self.graph.moves_after.get(x, ()))

    def desired(self, x: str) -> Fingerprint | None:
        enver = self.state.envers[x]
        if enver.pin:
            return enver.pin.fingerprint
        if enver.slice == enver.consumed_under != self.graph.envers[x].slice():
            return self.desired_under_earlier_contracts(x)
        values: list[tuple[str, str]] = []
        for wire in self.graph.envers[x].wires:
            current, picked = self.state.current(wire.product), enver.picked.get(wire.name)
            given = (picked and picked.identity) if self.is_latch(wire) else (current and current.identity)
            if given is None and wire.placeholder is None:
                return None
            values.append((wire.name, given if given is not None else wire.placeholder or ""))
        made_of = (enver.commit, enver.slice, tuple(sorted(values)), enver.content)
        other = {"lookups": enver.lookups, "settings": enver.settings}
        return Fingerprint(*made_of, **other) if enver.commit else None

    def desired_under_earlier_contracts(self, x: str) -> Fingerprint | None:
        """Its own inputs, under their names; those that today's contracts lead to move on."""
        enver = self.state.envers[x]
        values = {given.name: given.identity for given in enver.consumed}
        for given in enver.consumed:
            wires = sorted(self.graph.envers[x].wires, key=lambda wire: (wire.name != given.name, wire.name))
            for wire in [wire for wire in wires if wire.product == given.product][:1]:
                now = enver.picked.get(wire.name) if self.is_latch(wire) else self.state.current(wire.product)
                values[given.name] = now.identity if now else given.identity
        by_name = tuple(sorted(values.items()))
        made_of = (enver.commit, enver.slice, by_name, enver.content)
        other = {"lookups": enver.lookups, "settings": enver.settings}
        return Fingerprint(*made_of, **other) if enver.commit else None

    def recorded(self) -> Iterator[tuple[str, Enver]]:
        return ((x, enver) for x, enver in self.state.envers.items() if x in self.graph.envers)

    def owes(self, x: str) -> frozenset[int]:
        return self.state.envers[x].owes if x in self.state.envers else frozenset()

    def ready(self, x: str) -> set[int]:
        return {wave for wave in self.owes(x) if not any(wave in self.owes(u) for u in self.upstream(x))}

    def paused(self, x: str) -> bool:
        team, stage = self.graph.envers[x].team, self.graph.envers[x].stage
        return bool({x, f"team:{team}", f"stage:{stage}", "*"} & set(self.state.standing.pauses))

    def able(self, x: str) -> bool:
        enver, wanted = self.state.envers[x], self.desired(x)
        wants = wanted is not None and wanted not in (surely_runs(enver), enver.failed)
        return enver.run is None and not self.paused(x) and wants

    def _moving(self) -> set[str]:
        found = {x for x, enver in self.recorded() if enver.run or (self.ready(x) and self.able(x))}
        while True:
            more = {
                x
                for x, enver in self.recorded()
                if x not in found
                and not self.paused(x)
                and any(u in found and self.owes(u) & enver.owes for u in self.upstream(x))
            }
            if not more:
                return found
            found |= more

    def held_up(self, x: str) -> bool:
        mine = self.cycle_of.get(x, x)
        for u in self.upstream(x):
            cycle = self.cycle_of.get(u, u)
            with_it = [u] if cycle == mine else [v for v in self.graph.envers if self.cycle_of.get(v, v) == cycle]
            if any(v in self.moving for v in with_it):
                return True
        return False

    # what follows

    def frozen(self) -> Fact | None:
        for freeze in self.graph.governed.freezes:
            if freeze.begins <= self.at < freeze.ends and freeze.id not in self.state.standing.frozen:
                return "frozen", freeze.id
        return None

    def due(self) -> Fact | None:
        """Whatever is due of what is asked: of the enver first at which something was due first."""
        found = list[tuple[float, str, Fact]]()
        for x, enver in self.state.envers.items():
            times = list[float]()
            facts = list[Fact]()
            for question, offer in enver.offers.items():
                again = offer.reminded + offer.remind if offer.remind else 0.0
                each = (("Expired", offer.expires), ("Escalated", offer.escalates), ("Reminded", again))
                times += [at for _, at in each if at]
                facts += [(name, x, question) for name, at in each if at and at <= self.at][:1]
            if facts:
                found.append((min(times), x, facts[0]))
        return min(found, key=lambda one: one[:2])[2] if found else None

    def resumed(self) -> Fact | None:
        over = (s for s, pause in self.state.standing.pauses.items() if pause.until and pause.until <= self.at)
        return next((("resumed", scope) for scope in over), None)

    def retried(self) -> Fact | None:
        due = [(enver.retry_at, x) for x, enver in self.state.envers.items() if enver.retry_at is not None]
        return next((("retried", x) for at, x in sorted(due) if at <= self.at), None)

    def settled(self) -> Fact | None:
        ended = {
            x
            for x, enver in self.recorded()
            if enver.run is None and (runs := surely_runs(enver)) and self.ready(x) and self.desired(x) == runs
        }
        return ("settled", frozenset(ended)) if ended else None

    def retirement(self) -> Fact | None:
        if "*" in self.state.standing.pauses:
            return None
        used = {ref for enver in self.state.envers.values() for ref in enver.leases}
        for values in (self.state.values[product] for product in sorted(self.state.values)):
            for value in values:
                forwards = any(older.bridge and older.version < value.version for older in values)
                waits = value.status is ValueStatus.SUPERSEDED and value.retire_at is None
                if waits and value.ref not in used and not forwards:
                    return "retirement", value.product, value.version
        return None

    def removal(self) -> Fact | None:
        if "*" in self.state.standing.pauses:
            return None
        leaving = sorted(x for x, enver in self.state.envers.items() if enver.departure)
        waits = {x: self.users(x) for x in leaving}
        for _ in leaving:  # near or far
            far = {x: {z for y in after for z in waits.get(y, ())} for x, after in waits.items()}
            waits = {x: after | far[x] for x, after in waits.items()}
        for x in leaving:
            enver = self.state.envers[x]
            free = all(y in waits and x in waits[y] for y in self.users(x))
            if free and enver.run is None and not (enver.departure.under_way or enver.departure.failure):
                return "removal", x
        return None

    def users(self, x: str) -> set[str]:
        others = ((y, ref) for y, other in self.state.envers.items() if y != x for ref in other.leases)
        return {y for y, ref in others if ref.product.startswith(f"{x}/") and self.state.value(ref)}

    def clearance(self) -> Fact | None:
        """Stacks that left an app go while nothing deploys it, once nobody else runs with an earlier value of it."""
        for x, enver in sorted(self.state.envers.items()):
            left = frozenset(one.unit for one in enver.units.left if not one.why)
            earlier = {v.ref for v in self.state.made_by(x) if v.status is ValueStatus.SUPERSEDED}
            used = any(other.leases & earlier for y, other in self.state.envers.items() if y != x)
            busy = enver.run or enver.departure or enver.units.clearing or LOSS in enver.offers or LOST in enver.offers
            if left and not busy and not used and x in self.graph.envers and not self.paused(x):
                return "clearance", x, left
        return None

    def verified(self) -> Fact | None:
        """What runs, where somebody wants it or its time to bake is over; it is no deployment, so no pause stops it."""
        if self.setup.limits.organisation is not None and len(self.state.runs) >= self.setup.limits.organisation:
            return None
        due = sorted(
            (at, x) for x, one in self.recorded() if (at := one.suite.at if one.suite else one.verify_at) is not None
        )
        for at, x in due:
            enver, said = self.state.envers[x], self.graph.envers[x]
            runs = enver.deployed is not None and enver.deployed.slice == said.slice()
            proves = enver.suite or said.verification.order
            if at <= self.at and runs and proves and not (enver.run or enver.departure):
                return "started", x, enver.deployed, (), False
        return None

    def asked(self) -> Fact | None:
        for x, declared in sorted(self.graph.envers.items()):
            enver = self.state.envers.get(x) or Enver(x)
            if (promotion := self.promotion(x, enver)) is not None:
                return promotion
            for wire in sorted(declared.wires, key=lambda wire: wire.name):
                value, picked = self.state.current(wire.product), enver.picked.get(wire.name)
                question = AboutInput(wire.name)
                if wire.mode == "automatic" or value is None or question in enver.offers:
                    continue
                if value.identity not in (picked and picked.identity, enver.rejected.get(question)):
                    return "offered", x, question, value.identity
        return None

    def promotion(self, x: str, enver: Enver) -> Fact | None:
        """What its origin runs under today's contracts: with today's contracts it is taken over, or asked about."""
        declared = self.graph.envers[x]
        kind, _, from_ = declared.revision.partition(":")
        origin = self.state.envers.get(from_) if kind == "promoted" else None
        if (
            origin is None
            or origin.deployed is None
            or origin.baking
            or origin.deployed.slice != self.graph.envers[from_].slice()
        ):
            return None
        new = (origin.deployed.source, declared.slice())
        if new == (enver.content or enver.commit, enver.slice):
            return None
        identity = new[0] if enver.slice in ("", new[1]) else " ".join(new)
        if declared.approver is None:
            said = enver.follows and (enver.follows.content or enver.follows.commit, enver.follows.slice)
            return ("promoted", x, identity) if said == new else None
        is_new = SOURCE not in enver.offers and enver.rejected.get(SOURCE) != identity
        return ("offered", x, SOURCE, identity) if is_new else None

    def passes(self) -> Fact | None:
        for key in sorted(set(self.cycle_of.values())):
            members = [x for x in self.graph.envers if self.cycle_of.get(x) == key]
            into = [wire for x in members for wire in self.graph.envers[x].wires]
            wires = [wire for wire in into if self.is_latch(wire) and wire.mode == "automatic"]
            moved = list(self._moved(wires))
            had = self.state.standing.settling.get(key)
            if not moved or any(x in self.moving for x in members):
                continue
            if (had.passes if had else 0) < len(wires):
                return "pass", (had.passes if had else 0) + 1, frozenset(moved)
            if had and not had.moved:
                return "unsettled", frozenset(f"{consumer} {name}" for consumer, name, _ in moved)
        return None

    def _moved(self, wires: Sequence[WireEdge]) -> Iterator[tuple[str, str, str]]:
        for wire in wires:
            enver, value = self.state.envers.get(wire.consumer), self.state.current(wire.product)
            picked = enver.picked.get(wire.name) if enver else None
            if value and value.identity != (picked.identity if picked else wire.placeholder):
                yield wire.consumer, wire.name, value.identity

    def started(self) -> Fact | None:
        able = [x for x, _ in self.recorded() if self.ready(x) and self.able(x)]
        ripe = [x for x in able if not self.held_up(x) or self.late(x)]
        free = [x for x in ripe if self.has_room(x)]
        if not free:
            return None
        x = min(free, key=lambda x: (self.turn(x), x))
        return "started", x, self.desired(x), tuple(sorted(self.ready(x))), self.held_up(x)

    def late(self, x: str) -> bool:
        return self.at - self.state.envers[x].since >= self.setup.patience

    def has_room(self, x: str) -> bool:
        limits, mine = self.setup.limits, self.graph.envers[x]
        running = [self.graph.envers[run.enver] for run in self.state.runs.values() if run.enver in self.graph.envers]
        same_place = sum((one.account, one.region) == (mine.account, mine.region) for one in running)
        same_type = sum(one.build_type == mine.build_type for one in running)
        return (
            (limits.organisation is None or len(self.state.runs) < limits.organisation)
            and (limits.place is None or same_place < limits.place)
            and same_type < limits.build_types.get(mine.build_type, 10**9)
        )

    def turn(self, x: str) -> float:
        """Since when it waits; ten minutes more if nobody asks, an hour for a clone, a minute a run of its team."""
        mine, enver = self.graph.envers[x], self.state.envers[x]
        somebody_waits = any(self.state.waves[wave].interactive for wave in enver.owes)
        later = 3600 if mine.origin else 0 if somebody_waits else 600
        running = (self.graph.envers.get(run.enver) for run in self.state.runs.values())
        return enver.since + later + 60 * sum(one is not None and one.team == mine.team for one in running)


def cycles(graph: Graph) -> dict[str, str]:
    """Member → the smallest member of its cycle, over wires, promotions and the order of readers and writers."""
    reach: dict[str, set[str]] = {x: set() for x in graph.envers}
    for wire in graph.wires():
        reach[wire.producer].add(wire.consumer)
    for x, enver in graph.envers.items():
        if enver.revision.startswith("promoted:"):
            reach[enver.revision.removeprefix("promoted:")].add(x)
    for writer, readers in graph.moves_after.items():
        for reader in readers:
            reach[reader].add(writer)
    for _ in graph.envers:
        for after in reach.values():
            after |= {z for y in after for z in reach[y]}
    return {x: min(y for y in reach[x] if x in reach[y]) for x in reach if x in reach[x]}
