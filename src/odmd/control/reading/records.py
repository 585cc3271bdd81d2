"""What is recorded, told in views: the same reads for commands on a state folder and for the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from odmd.control.ports.reads import Reads
from odmd.control.ports.run_log import Line, Lines
from odmd.control.reading.causes import Reading, causes
from odmd.control.reading.clones import CloneSetView, clone_views, find_clones
from odmd.control.reading.documents import DocumentView, documents_of, text_of
from odmd.control.reading.dora import Dora, dora
from odmd.control.reading.drift import EnverDrift, enver_drift
from odmd.control.reading.explain import held_answer
from odmd.control.reading.following import SubscriberView, subscribers
from odmd.control.reading.heads import heads_read
from odmd.control.reading.lag import LagReader, LagView
from odmd.control.reading.named import address_of, labels, suggestion
from odmd.control.reading.objectives import expected
from odmd.control.reading.seen import SeenReads, owner
from odmd.control.reading.steps import progress, steps_of
from odmd.control.reading.troubles import Trouble, common_troubles, troubles
from odmd.control.reading.unreadable import unreadable
from odmd.control.reading.verified import CheckView, Reports, checks_of_enver, reports_of
from odmd.control.reading.views import (
    Cause,
    DelegationView,
    Earlier,
    EnverView,
    Happened,
    HeldAnswerView,
    InputView,
    PauseView,
    QuestionView,
    RunView,
    ValueView,
)
from odmd.control.scheduler.approvals import approval_of
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.decide import gone
from odmd.control.scheduler.envers import Enver, OpenQuestion
from odmd.control.scheduler.questions import AboutInput, Question, asked, asked_first, called
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.state import Hold, State, Wave
from odmd.control.scheduler.values import Value, ValueRef, ValueStatus
from odmd.errors import EnverUnknown, PinRefused
from odmd.graph import EnverNode, Graph
from odmd.model import naming
from odmd.plan import Unreadable
from odmd.plan.wiring import Wiring
from odmd.plan.words import unreadable_since

_SUGGESTED_FROM: Final = 2000
_EARLIER: Final = 1000
_NAMED: Final = 5
_LOOK_SECONDS: Final = 0.3
_DAY_SECONDS: Final = 86_400.0
_BEFORE_ALL: Final = ValueRef("", 0)

Users = Callable[[Sequence[ValueRef]], Mapping[ValueRef, Sequence[str]]]
"""Who runs, or may run, with each of these values."""


def _no_reports(_digest: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Records:
    """Reads, each of which costs what it tells. `wiring` knows the contracts, if they can be read."""

    store: Reads
    is_led: Callable[[], bool]
    wiring: Callable[[], Wiring | None]
    users: Users
    run_log: Lines
    kept_reports: Reports = _no_reports

    @property
    def whole(self) -> Reads:
        """Also what whoever asks does not see: for reasons and decisions that rest on it, never to be told."""
        return self.store.whole if isinstance(self.store, SeenReads) else self.store

    # envers

    def envers(self, after: str = "", limit: int = 500) -> Sequence[EnverView]:
        """By address, from after one on."""
        return self._views(lambda: self._with_unreadable(self.store.envers(after, limit), after, limit))

    def all_envers(self) -> Iterator[EnverView]:
        """By address."""
        after = ""
        while page := self.envers(after):
            yield from page
            after = page[-1].enver

    def enver(self, typed: str) -> EnverView:
        """Raises:
        EnverUnknown: none is recorded under that name; suggests what was meant.
        """
        address = self.find(typed).address
        return self._views(lambda: self.store.envers_of([address]) or [Enver(address)])[0]

    def asking(self) -> Iterator[EnverView]:
        """Those that ask something, by address; the others cost little."""
        after = ""
        while page := self.store.envers(after):
            asking = [one.address for one in page if one.offers]
            yield from self.views_of(asking).values() if asking else ()
            after = page[-1].address

    def views_of(self, addresses: Sequence[str]) -> Mapping[str, EnverView]:
        """Those of these envers that are recorded, by address."""
        return {one.enver: one for one in self._views(lambda: self.store.envers_of(addresses))}

    def find(self, typed: str) -> Enver:
        """The recorded enver that somebody typed.

        Raises:
            EnverUnknown: there is none; suggests what was meant.
        """
        meant = naming.enver_addresses(typed)
        recorded = {one: Enver(one) for one in unreadable(self.store) if one in meant}
        recorded |= {enver.address: enver for enver in self.store.envers_of(meant)}
        if (found := recorded.get(naming.enver_address(typed, recorded))) is None:
            known = labels(self.store.addresses(_SUGGESTED_FROM))
            raise EnverUnknown(f"{typed} was never deployed", next_step=suggestion(typed, known))
        return found

    def why(self, typed: str) -> Sequence[Cause]:
        """The chain of causes behind what an enver runs, or behind its waiting.

        Raises:
            EnverUnknown
        """
        address = self.find(typed).address
        wiring = self.wiring()
        wiring = wiring if wiring and address in wiring.upstream else None
        now = self._reading(lambda: self._around(address, wiring))
        enver = now.state.envers[address]
        first, *deeper = causes(enver, now, wiring, self.whole)
        left = [Cause(1, one, "it is tried again and again") for one in self._troubles().get(address, ())]
        if (unread := unreadable(self.store).get(address)) is not None:
            left.append(Cause(1, unreadable_since(unread), unread.next_step))
        held = self._held(address)
        return [first, *self._progress(enver), *held, *left, *self._in_the_way(enver), *deeper]

    def _held(self, address: str) -> Iterator[Cause]:
        """Who holds the answer that it can be deployed."""
        if (answer := _held_answer(self.store.standing().held(time.time()).get(address))) is not None:
            step = f"its deployment ends that, or `odmd can-i-deploy {naming.enver_label(address)} --let-go`"
            yield Cause(1, held_answer(answer), step)

    def _progress(self, enver: Enver) -> Iterator[Cause]:
        """How far its run is that is under way."""
        run = self.store.run(enver.run) if enver.run is not None else None
        if run is not None and (said := progress(tuple(steps_of(run, self.store.steps(run.id))))):
            yield Cause(1, said)

    def _in_the_way(self, enver: Enver) -> Iterator[Cause]:
        """Who runs with what units that left the app may have published."""
        if not enver.units.to_clear():
            return
        found = self.store.values_below(enver.address, _BEFORE_ALL, _EARLIER)
        users = self.users([value.ref for value in found if value.status is ValueStatus.SUPERSEDED])
        if others := sorted({user for of_value in users.values() for user in of_value} - {enver.address}):
            waits = ", ".join(map(naming.enver_label, others))
            yield Cause(1, f"what left its app goes once these run with its newest values: {waits}")

    # runs, waves, values, pauses

    def runs(self, enver: str | None = None, limit: int = 50, before: int | None = None) -> Sequence[RunView]:
        """Newest first.

        Raises:
            EnverUnknown
        """
        address = self.find(enver).address if enver else None
        found = self.store.runs(address, limit, before)
        led = all(run.finished_at is not None for run in found) or self.is_led()
        runs = found if led else self.store.runs(address, limit, before)
        return [self._run_as_seen(_run_view(run, led=led)) for run in runs]

    def run(self, id: int) -> RunView:
        """Raises:
        EnverUnknown: there was no such run.
        """
        if (found := self.store.run(id)) is None:
            raise EnverUnknown(f"there is no run {id}", next_step="`odmd runs` lists what there is")
        led = found.finished_at is not None or self.is_led()
        shown = _run_view(found if led else self.store.run(id) or found, led=led)
        return self._run_as_seen(replace(shown, steps=tuple(steps_of(found, self.store.steps(id)))))

    def lines(self, run: int, after: int = 0) -> Iterator[Line]:
        """What a run said, after a line's number."""
        while page := self.run_log.lines(run, after):
            yield from page
            after = page[-1].number

    def waves(self, limit: int = 50, before: int | None = None) -> Sequence[Wave]:
        """Newest first."""
        return self.store.waves(limit, before)

    def values(self, address: str = "", after: ValueRef = _BEFORE_ALL, limit: int = 500) -> Sequence[ValueView]:
        """By product and version: of a product, of everything below an address, or of everything."""
        found = self.store.values_below(address, after, limit)
        users = self.users([value.ref for value in found])
        return [ValueView(value, tuple(sorted(filter(self.sees, users.get(value.ref, ()))))) for value in found]

    def all_values(self, typed: str | None) -> Iterator[ValueView]:
        """Raises:
        EnverUnknown
        """
        address, after = self.find_product(typed) if typed else "", _BEFORE_ALL
        while page := self.values(address, after):
            yield from page
            after = page[-1].value.ref

    def find_product(self, typed: str) -> str:
        """The address of the recorded enver or published product that somebody typed; a build's name takes all of it.

        Raises:
            EnverUnknown: there is none; suggests what was meant.
        """
        recorded = self.store.envers_of(naming.enver_addresses(typed.partition("/")[0]))
        wanted = address_of(typed, [enver.address for enver in recorded])
        below = self.store.envers(f"{wanted}/", 1)
        if (
            self.store.values_below(wanted, _BEFORE_ALL, 1)
            or self.store.enver(wanted)
            or (below and below[0].address.startswith(f"{wanted}/"))
        ):
            return wanted
        products = {value.product for value in self.store.values_below("", _BEFORE_ALL, _SUGGESTED_FROM)}
        known = (*labels(self.store.addresses(_SUGGESTED_FROM)), *map(naming.product_label, sorted(products)))
        raise EnverUnknown(f"no enver and no published product is called {typed}", next_step=suggestion(typed, known))

    def documents(self, typed: str) -> Sequence[DocumentView]:
        """Those of what an enver runs.

        Raises:
            EnverUnknown
        """
        return documents_of(self.store, self.find(typed))

    def document(self, typed: str, name: str) -> str:
        """The text of one.

        Raises:
            EnverUnknown, DocumentUnknown
        """
        return text_of(self.store, self.find(typed), name)

    def pauses(self) -> Sequence[PauseView]:
        """Those in force."""
        return [PauseView(scope, p.by.name, p.why, p.until) for scope, p in self.store.standing().pauses.items()]

    def delegations(self) -> Sequence[DelegationView]:
        """Those in force."""
        now, standing = time.time(), self.store.standing()
        return [
            DelegationView(one.to, one.team, one.by.name, one.until, one.why)
            for one in standing.delegations.values()
            if one.until > now
        ]

    def clones(self) -> Sequence[CloneSetView]:
        """Those made on demand, as old as they are."""
        return clone_views(self.store)

    def clones_of(self, typed: str) -> KeptClones:
        """The set that one of them is of.

        Raises:
            EnverUnknown, CloneRefused
        """
        return find_clones(self.store, typed)

    def subscribers(self) -> Sequence[SubscriberView]:
        """Who follows the log by name, and how far each got."""
        return subscribers(self.store, time.time())

    def troubles(self) -> Sequence[Trouble]:
        """What could not be done so far that is of no enver, oldest first."""
        return common_troubles(self.store)

    def checks(self, typed: str, limit: int) -> Sequence[CheckView]:
        """What verified an enver so far.

        Raises:
            EnverUnknown
        """
        return list(checks_of_enver(self.store, self.find(typed).address, limit))

    def reports(self, typed: str, run: int, check: str) -> bytes:
        """The archive of what a check left in a run.

        Raises:
            EnverUnknown, ReportsUnknown
        """
        return reports_of(self.store, self.find(typed).address, run, check, self.kept_reports)

    def dora(self, days: float) -> Sequence[Dora]:
        """How often, how fast and how well teams deployed in the last days."""
        wiring, times = self.wiring(), dict[int, float | None]()
        declared: Mapping[str, EnverNode] = wiring.graph.envers if wiring else {}

        def team_of(enver: str) -> str:
            return declared[enver].team if enver in declared else ""

        def accepted(wave: int) -> float | None:
            if wave not in times:
                found = self.store.wave(wave)
                times[wave] = found.at if found else None
            return times[wave]

        return dora(self._runs_since(time.time() - days * _DAY_SECONDS), days, team_of, accepted)

    def _runs_since(self, at: float) -> Iterator[Run]:
        before: int | None = None
        while page := self.store.runs(None, _EARLIER, before):
            for run in page:
                if run.started_at < at:
                    return
                yield run
            before = page[-1].id

    def lags(self, after: str = "", limit: int = 500) -> tuple[Sequence[LagView], str]:
        """Where a page of envers is behind, and the address after which the next page begins; empty: there is none."""
        page = self.store.envers(after, limit)
        return list(self._lag_reader(time.time()).of(page)), page[-1].address if len(page) == limit else ""

    def all_lags(self, typed: str | None = None) -> Iterator[LagView]:
        """Where envers are behind, or one is.

        Raises:
            EnverUnknown
        """
        if typed is not None:
            yield from self._lag_reader(time.time()).of([self.find(typed)])
            return
        after, more = "", True
        while more:
            found, after = self.lags(after)
            yield from found
            more = bool(after)

    def _lag_reader(self, now: float) -> LagReader:
        return LagReader(self.store, self.store.versions, self.store.envers_of, expected(self.store), now)

    def _overdue(self, envers: Sequence[Enver], now: float) -> Mapping[str, tuple[LagView, ...]]:
        """Enver → where it does not meet an objective; who has none costs nothing."""
        reader = self._lag_reader(now)
        held = [one for one in envers if reader.expected.has_any(one.address, one.stage)]
        found: dict[str, tuple[LagView, ...]] = {}
        for one in reader.of(held) if held else ():
            if one.broken:
                found[one.enver] = (*found.get(one.enver, ()), one)
        return found

    def happenings(self) -> Iterator[Happened | None]:
        """What happens from now on; None: nothing yet, and what comes will be told."""
        position = self.store.position()
        while True:
            found = self.store.read(position)
            yield from (Happened(entry.position, entry.event) for entry in found)
            if found:
                position = found[-1].position
            else:
                yield None
                time.sleep(_LOOK_SECONDS)

    # rollbacks

    def earlier(self, typed: str, to: int | None = None) -> Earlier:
        """The run that a rollback would bring an enver back to: the given one, or the last with other inputs.

        Raises:
            EnverUnknown
            PinRefused: there is none, it did not deploy what it should, or its inputs are gone.
        """
        enver = self.find(typed)
        run = self.pinnable(enver, to)
        return Earlier(self.enver(enver.address), self._run_as_seen(_run_view(run, led=True)))

    def pinnable(self, enver: Enver, to: int | None) -> Run:
        """Raises:
        PinRefused
        """
        done = [run for run in self.store.runs(enver.address, _EARLIER) if run.status is RunStatus.SUCCEEDED]
        live = _state(values=self._live(given.product for run in done for given in run.inputs))
        possible = [run for run in done if not gone(live, run.inputs)]
        if to is None:
            found = next((run for run in possible if run.fingerprint != enver.deployed), None)
        else:
            found = next((run for run in possible if run.id == to), None)
        if found is None:
            raise _refused(enver, to, done, live, possible)
        return found

    # inside

    def sees(self, enver: str) -> bool:
        """Whether whoever asks sees it."""
        return not isinstance(self.store, SeenReads) or self.store.sees(enver)

    def _seen_waves(self, waves: Iterable[int]) -> tuple[int, ...]:
        return tuple(one for one in waves if self.store.wave(one)) if self.whole is not self.store else tuple(waves)

    def _enver_as_seen(self, view: EnverView) -> EnverView:
        if self.whole is self.store:
            return view
        inputs = tuple(one for one in view.inputs if self.sees(owner(one.product)))
        return replace(view, inputs=inputs, waves=self._seen_waves(view.waves))

    def _run_as_seen(self, view: RunView) -> RunView:
        if self.whole is self.store:
            return view
        inputs = tuple(one for one in view.inputs if self.sees(owner(one.product)))
        names = {one.name for one in inputs}
        fingerprint = view.fingerprint
        shown = replace(fingerprint, values=tuple(one for one in fingerprint.values if one[0] in names))
        return replace(view, inputs=inputs, fingerprint=shown, waves=self._seen_waves(view.waves))

    def _views(self, read: Callable[[], Sequence[Enver]]) -> Sequence[EnverView]:
        found = read()
        if not (led := not any(enver.run for enver in found) or self.is_led()):
            found = read()  # whoever let go of the leadership since may have ended its runs before
        newest = self.store.versions(given.product for enver in found for given in enver.consumed)
        left, unread = self._troubles(), unreadable(self.store)
        standing, now = self.store.standing(), time.time()
        wiring = self.wiring() if any(one.offers for one in found) else None
        graph = wiring.graph if wiring else None
        ranks, held = {stage: number for number, stage in enumerate(standing.stages)}, standing.held(now)
        ended = self.store.ended_at([enver.deployed_by for enver in found if enver.deployed_by])
        heads, overdue = heads_read(self.store), self._overdue(found, now)
        drifts = self._drifts(found, now)
        return [
            replace(
                self._enver_as_seen(
                    _enver_view(one, newest, left.get(one.address, ()), unread.get(one.address), graph, led=led)
                ),
                stage=one.stage,
                rank=ranks.get(one.stage, len(ranks)),
                answer=_held_answer(held.get(one.address)),
                seen=_last_seen(ended.get(one.deployed_by), drifts.get(one.address)),
                head_read=heads.get(one.address),
                overdue=overdue.get(one.address, ()),
                drift=drifts.get(one.address),
            )
            for one in found
        ]

    def _drifts(self, envers: Sequence[Enver], now: float) -> Mapping[str, EnverDrift]:
        """Of those that somebody looked at since their last run, or of which something is known."""
        looks = self.store.looks_of([one.address for one in envers])
        found = (enver_drift(one, looks.get(one.address), now) for one in envers)
        return {one.enver: one for one in found if one.at is not None or one.findings or one.accepted}

    def _with_unreadable(self, page: Sequence[Enver], after: str, limit: int) -> Sequence[Enver]:
        """A page of what is recorded, with those in between that cannot be read and were never deployed."""
        known, last = {one.address for one in page}, page[-1].address if len(page) == limit else ""
        more = [Enver(one) for one in unreadable(self.store) if after < one and (not last or one < last)]
        return sorted((*page, *(one for one in more if one.address not in known)), key=lambda one: one.address)[:limit]

    def _troubles(self) -> Mapping[str, tuple[str, ...]]:
        """Enver → what could not be done for it so far."""
        found: dict[str, tuple[str, ...]] = {}
        for one in troubles(self.store):
            found[one.enver] = (*found.get(one.enver, ()), str(one))
        return found

    def _reading(self, read: Callable[[], State]) -> Reading:
        state = read()
        led = bool(state.runs or state.owing) and self.is_led()
        return Reading(state if led or not state.runs else read(), led)

    def _around(self, address: str, wiring: Wiring | None) -> State:
        """As much of the state as tells why this enver is as it is."""
        enver = next(iter(self.whole.envers_of([address])), Enver(address))
        if enver.owes and enver.run is None and wiring is None:
            return self.whole.load()
        envers = self._with_upstream(enver, wiring) if wiring and enver.owes else [enver]
        under_way = {run for one in envers for run in (one.run, one.last_run) if run}
        runs = (self.whole.run(run) for run in under_way)
        products = [wire.product for wire, _ in wiring.inputs[address]] if wiring else []
        waves = (self.whole.wave(wave) for wave in enver.owes)
        return _state(
            envers=envers,
            runs=[run for run in runs if run is not None and run.finished_at is None],
            values=self._live(products),
            waves=[wave for wave in waves if wave is not None],
            pauses_of=self.whole,
        )

    def _with_upstream(self, enver: Enver, wiring: Wiring) -> Sequence[Enver]:
        """The enver and everybody upstream, near or far, who owes something."""
        found = {enver.address: enver}
        level: Sequence[Enver] = [enver]
        while level:
            near = dict.fromkeys(other for one in level for other in wiring.upstream.get(one.address, ()))
            unseen = [other for other in near if other not in found]
            level = [other for other in self.whole.envers_of(unseen) if other.owes]
            found.update((other.address, other) for other in level)
        return list(found.values())

    def _live(self, products: Iterable[str]) -> Sequence[Value]:
        values = (value for product in dict.fromkeys(products) for value in self.whole.values(product))
        return [value for value in values if value.status is not ValueStatus.RETIRED]


def _state(
    *,
    envers: Sequence[Enver] = (),
    runs: Sequence[Run] = (),
    values: Sequence[Value] = (),
    waves: Sequence[Wave] = (),
    pauses_of: Reads | None = None,
) -> State:
    standing = pauses_of.standing() if pauses_of else State().standing
    return State.restore(
        0, next_run=1, next_wave=1, versions={}, envers=envers, runs=runs, values=values, waves=waves, standing=standing
    )


def condition(enver: Enver, *, led: bool, readable: bool = True) -> str:
    """One word for the shape an enver is in."""
    if enver.run is not None:
        return "deploying" if led else "interrupted"
    if enver.removed and not enver.owes:
        return "removed"
    if (enver.failed is not None or _cannot_leave(enver)) and asked_first(enver.offers) is None:
        return "failed"
    if enver.offers:
        return "asks"
    if enver.departure is not None:
        return "leaving"
    if enver.owes:
        return "waiting"
    if enver.pin is not None:
        return "held"
    if enver.deployed:
        return "drifted" if enver.drifted else "deployed"
    return "unknown" if readable or enver.last_run else "unreadable"


def _last_seen(ended: float | None, drift: EnverDrift | None) -> float | None:
    looked = drift.at if drift and not drift.unknown else None
    return max(filter(None, (ended, looked)), default=None)


def _held_answer(hold: Hold | None) -> HeldAnswerView | None:
    return HeldAnswerView(hold.by.name, hold.until, hold.commit) if hold else None


def _cannot_leave(enver: Enver) -> bool:
    return enver.departure is not None and bool(enver.departure.failure)


def _question_view(graph: Graph | None, enver: str, question: Question, offer: OpenQuestion) -> QuestionView:
    said = approval_of(graph, enver, question, offer.gate)
    return QuestionView(
        called(question),
        asked(question, offer.content),
        said.by if said else offer.gate,
        offer.content.identity,
        offer.at,
        needs=str(said) if said else "",
        lacks=(said.count if said else 1) - len(offer.given),
        given=tuple(one.by.name for one in offer.given),
        expires=offer.expires or None,
        escalated=offer.escalated,
        value=offer.content.text if isinstance(question, AboutInput) else "",
    )


def _enver_view(
    enver: Enver,
    newest: Mapping[str, int],
    troubles: tuple[str, ...],
    unread: Unreadable | None,
    graph: Graph | None,
    *,
    led: bool,
) -> EnverView:
    return EnverView(
        enver=enver.address,
        state=condition(enver, led=led, readable=unread is None),
        commit=enver.deployed.commit if enver.deployed else None,
        subject=enver.deployed.subject if enver.deployed else "",
        last_run=enver.last_run,
        failure=(enver.departure.failure if enver.departure else "") or enver.failure or None,
        inputs=tuple(
            InputView(one.name, one.product, one.version, one.text, newest.get(one.product, 0) - one.version)
            for one in enver.consumed
        ),
        run=enver.run,
        waves=tuple(sorted(enver.owes)),
        asks=tuple(_question_view(graph, enver.address, *one) for one in enver.offers.items()),
        held_at=enver.pin.run if enver.pin else None,
        settled=enver.settled,
        troubles=troubles,
        unreadable=unread,
        units=enver.units.there,
        left=enver.units.left,
    )


def _run_view(run: Run, *, led: bool) -> RunView:
    return RunView(
        id=run.id,
        enver=run.enver,
        fingerprint=run.fingerprint,
        inputs=run.inputs,
        mode=run.mode.value,
        waves=run.waves,
        reasons=run.reasons,
        started_at=run.started_at,
        status=run.status.value if led or run.finished_at is not None else "interrupted",
        attempt=run.attempt,
        worker=run.worker,
        finished_at=run.finished_at,
        error=run.error,
        recipe=run.recipe,
        published=run.published,
        root=run.root,
        cancelled=run.cancelled,
        job=run.job,
    )


def _refused(enver: Enver, to: int | None, done: Sequence[Run], live: State, possible: Sequence[Run]) -> PinRefused:
    """Why there is no such run to go back to, and which ones there are."""
    label = naming.enver_label(enver.address)
    others = [run for run in done if (run.fingerprint != enver.deployed if to is None else run.id == to)]
    if others:
        lost = ", ".join(
            f"{one.name} ({naming.product_label(one.product)} #{one.version})" for one in gone(live, others[0].inputs)
        )
        every = f", and so it is with all {len(others)} earlier ones" if len(others) > 1 else ""
        fact = f"run {others[0].id} of {label} ran with what was retired since: {lost}{every}"
    elif to is None:
        fact = f"no earlier run of {label} deployed anything else"
    else:
        fact = f"run {to} is no run that deployed {label}"
    listed = ", ".join(
        f"run {run.id}{' (what runs now)' if run.fingerprint == enver.deployed else ''}" for run in possible[:_NAMED]
    )
    step = f"possible with --to: {listed}" if listed else f"`odmd runs {label}` lists what there is"
    return PinRefused(fact, next_step=step)
