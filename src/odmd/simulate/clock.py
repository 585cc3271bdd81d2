"""Virtual time: the scheduler as it is, fed from a heap of what is due. Nothing here decides what runs.

With `begin.py` the only module of this package that knows the control plane's names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Final, Protocol

from odmd.control.reading.explain import held_by
from odmd.control.scheduler import events as e
from odmd.control.scheduler import messages as m
from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.approvals import approval_of
from odmd.control.scheduler.decide import handle
from odmd.control.scheduler.effects import (
    ClearMirror,
    ClearUnits,
    MirrorProduct,
    RemoveEnver,
    RemoveRetired,
    SendLater,
    StartJob,
    effects_of,
)
from odmd.control.scheduler.evolve import evolve
from odmd.control.scheduler.limits import Limits, limited
from odmd.control.scheduler.questions import SOURCE, Question, called
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.setup import Setup
from odmd.control.scheduler.start import following
from odmd.control.scheduler.state import Dirty, State
from odmd.control.scheduler.values import ValueStatus
from odmd.graph import Graph
from odmd.model import naming
from odmd.plan import Fingerprint
from odmd.plan.run_steps import RunMode, checks_of
from odmd.plan.settings import NO_SETTINGS, PlannedSettings
from odmd.plan.wiring import Wirings
from odmd.simulate.facts import ApprovalAsked, Arrived, Began, CutOff, Ended, Fact, HeldUp, PauseBegan, Published

__all__ = [
    "UNLIMITED",
    "Answers",
    "Clock",
    "Ending",
    "Event",
    "ImaginedFreeze",
    "Limits",
    "Push",
    "Setup",
    "Starting",
    "State",
    "Wirings",
    "evolve",
    "limited",
    "setup",
]

Event = e.Event
UNLIMITED: Final = Limits(None)
_NEVER_ENDS_SECONDS: Final = 30 * 86400.0
_REMOVAL_SECONDS: Final = 1.0
_WORKER: Final = "simulator"
_SIMULATION: Final = Actor("the simulation", ActorKind.ODMD, "it simulates", Scope.ADMIN)
_SOMEBODY: Final = Actor("somebody", ActorKind.PERSON, "it is simulated", Scope.ADMIN)


@dataclass(frozen=True, slots=True)
class Push:
    """A change from outside: envers that get a new commit, and envers that only get the contracts as they are now."""

    at: float
    cause: str
    pushed: tuple[str, ...]
    rewired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImaginedFreeze:
    """Nothing new starts in a scope meanwhile: an enver, `team:<name>` or `*`."""

    scope: str
    begins: float = 0.0
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class Starting:
    """A run about to be carried out."""

    run: int
    enver: str
    mode: str
    fingerprint: Fingerprint
    is_own: bool
    """Its source or its contracts moved, or nothing ran yet; else only consumed values did."""
    unpublished: frozenset[str]
    """Products that have no value yet."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run goes: how long, what it publishes (product, identity), and why it fails if it does."""

    seconds: float
    published: Sequence[tuple[str, str]] = ()
    error: str = ""


class Answers(Protocol):
    """The world as the simulation imagines it."""

    def run_ends(self, starting: Starting) -> Ending: ...

    def approval_takes(self, enver: str, question: Question) -> float | None:
        """Seconds until a gate opens; None when nobody opens it."""
        ...


def setup(graph: Graph, limits: Limits, grace: float, prepared: Wirings | None = None) -> Setup:
    """What the scheduler is given."""
    return Setup(graph, limits, grace, prepared=prepared)


@dataclass(slots=True)
class Clock:
    """Sends messages when they are due, and answers for workers, timers and approvers."""

    setup: Setup
    state: State
    answers: Answers
    hear: Callable[[Fact], None]
    listen: Callable[[Event], object] | None = None
    """Told every event of the log."""
    now: float = 0.0
    _start: float = 0.0
    _sent: int = 0
    _due: list[tuple[float, int, m.Message]] = field(default_factory=list[tuple[float, int, m.Message]])
    _approvals: dict[tuple[str, Question, str], int] = field(default_factory=dict[tuple[str, Question, str], int])
    """Enver, question and identity of what was asked about → the number of the approval."""

    def run(self, pushes: Sequence[Push], freezes: Sequence[ImaginedFreeze] = ()) -> bool:
        """Until everything is at rest; False when it does not come to rest within 30 days."""
        self._start = self.now = _latest(self.state)
        self._send(self.now, m.UseContracts(self.setup.contracts, self.state.standing.observed + 1))
        self._take_up()
        for freeze in freezes:
            until = None if freeze.ends is None else self._start + freeze.ends
            self._send(self._start + freeze.begins, m.PauseScope(freeze.scope, _SIMULATION, until=until))
        for number, push in enumerate(pushes, start=1):
            self._send(self._start + push.at, self._change(push, f"push {number}"))
        while self._due:
            self.now, _, message = heappop(self._due)
            if self.now > self._start + _NEVER_ENDS_SECONDS:
                return False
            for event in handle(self.setup, self.state, message, self.now):
                if self.listen is not None:
                    self.listen(event)
                self._react(event)
            self.state.dirty = Dirty()
        return True

    def held(self) -> tuple[HeldUp, ...]:
        """Who still owes a wave, and why."""
        wiring = self.setup.wirings[self.setup.contracts]
        owing = (self.state.envers[address] for address in self.state.owing)
        return tuple(HeldUp(one.address, tuple(sorted(one.owes)), held_by(wiring, self.state, one)) for one in owing)

    def _send(self, due: float, message: m.Message) -> None:
        self._sent += 1
        heappush(self._due, (due, self._sent, message))

    def _take_up(self) -> None:
        """What is under way in the state that the simulation begins with."""
        for run in self.state.runs.values():
            self.hear(_began(run, 0.0))
            self._send(self.now, m.LoseRun(run.id, run.attempt, "it is simulated"))
            self._send(self.now, m.ClaimRun(run.id, _WORKER))
        for scope, pause in self.state.standing.pauses.items():
            self.hear(PauseBegan(0.0, scope, None if pause.until is None else max(0.0, pause.until - self._start)))
            if pause.until is not None:
                self._send(max(self.now, pause.until), m.Tick(pause.until))
        for enver in self.state.envers.values():
            if enver.retry_at is not None:
                self._send(max(self.now, enver.retry_at), m.Tick(enver.retry_at))
        for values in self.state.values.values():
            for value in values:
                if value.retire_at is not None:
                    self._send(max(self.now, value.retire_at), m.RetireValue(value.product, value.version))
                elif value.status is ValueStatus.RETIRING:
                    self._send(self.now + _REMOVAL_SECONDS, m.FinishRetirement(value.product, value.version))

    def _change(self, push: Push, commit: str) -> m.StartChange:
        heads = [self._head(address, commit) for address in push.pushed]
        heads += [self._head(address, self._commit(address)) for address in push.rewired]
        follow = (replace(one, settings=self._settings(one.enver)) for one in following(self.setup.graph, heads))
        return m.StartChange(push.cause, _SOMEBODY, "", tuple(heads), follow=tuple(follow))

    def _commit(self, address: str) -> str:
        enver = self.state.envers.get(address)
        return enver.commit if enver and enver.commit else "first"

    def _head(self, address: str, commit: str) -> m.Head:
        return m.Head(address, commit, self.setup.graph.slice(address), settings=self._settings(address))

    def _settings(self, address: str) -> PlannedSettings:
        """They stay as they are."""
        enver = self.state.envers.get(address)
        return enver.settings if enver else NO_SETTINGS

    def _react(self, event: Event) -> None:
        """The world's answer to a decision."""
        match event:
            case e.RunStarted():
                self._send(self.now, m.ClaimRun(event.run, _WORKER))
            case e.RunClaimed():
                self._carry_out(self.state.runs[event.run])
            case e.Offered():
                self._on_offer(event)
            case e.Settled():
                self._cut_off()
            case _:
                pass
        if (fact := self._fact(event)) is not None:
            self.hear(fact)
        for effect in effects_of(event):
            match effect:
                case SendLater():
                    self._send(effect.due, effect.message)
                case RemoveRetired():
                    self._send(self.now + _REMOVAL_SECONDS, m.FinishRetirement(effect.product, effect.version))
                case RemoveEnver():
                    self._send(self.now + _REMOVAL_SECONDS, m.FinishRemoval(effect.enver, began=effect.began))
                case ClearUnits():
                    done = m.FinishClearance(effect.enver, effect.units, (), effect.began)
                    self._send(self.now + _REMOVAL_SECONDS, done)
                case MirrorProduct() | ClearMirror() | StartJob():
                    pass

    def _carry_out(self, run: Run) -> None:
        deployed = self.state.envers[run.enver].deployed
        wanted = run.fingerprint
        node = self.setup.graph.envers[run.enver]
        kinds = {product.address: product.kind for product in node.products}
        ending = self.answers.run_ends(
            Starting(
                run=run.id,
                enver=run.enver,
                mode=run.mode.value,
                fingerprint=wanted,
                is_own=deployed is None or not (deployed.has_source_of(wanted) and deployed.slice == wanted.slice),
                unpublished=frozenset(product for product in kinds if self.state.current(product) is None),
            )
        )
        given = () if run.mode is RunMode.VERIFY else ending.published
        published = tuple(m.Publication(product, text, text, kinds[product]) for product, text in given)
        self._send(
            self.now + ending.seconds,
            m.FailRun(run.id, run.attempt, ending.error, clean=True)
            if ending.error
            else m.FinishRun(run.id, run.attempt, "sha256:simulated", published, verified=checks_of(run.steps)),
        )

    def _cut_off(self) -> None:
        """All that were, also behind the frontier that the event names."""
        for address in self.state.dirty.settled:
            self.hear(CutOff(self._since(), address, self.state.envers[address].settled))
        self.state.dirty.settled = []

    def _on_offer(self, event: e.Offered) -> None:
        """An approver is asked."""
        if (takes := self.answers.approval_takes(event.enver, event.input)) is None:
            return
        content, by = event.offer.content, event.offer.gate or _SOMEBODY.name
        number = len(self._approvals) + 1
        self._approvals[event.enver, event.input, content.identity] = number
        value = self.state.value(content.ref)
        run = value.run if value else content.version
        self.hear(ApprovalAsked(self._since(), number, event.enver, called(event.input), by, run))
        said = approval_of(self.setup.graph, event.enver, event.input, event.offer.gate)
        at = self.now + takes
        if said and said.hours and not said.hours.have(at):
            at = said.hours.next(at).timestamp()
        for n in range(said.count if said else 1):
            who = replace(_SOMEBODY, name=f"{by} {n + 1}" if n else by)
            answer = m.Answer(event.enver, event.input, content.identity, True, who, authors=(_SOMEBODY.name,))
            self._send(at, answer)

    def _since(self) -> float:
        return self.now - self._start

    def _fact(self, event: Event) -> Fact | None:
        match event:
            case e.ChangeAccepted():
                roots = (*(head.enver for head in event.heads), *event.retried)
                return Arrived(self._since(), event.wave, event.cause, roots)
            case e.Approved():
                return self._approved(event)
            case e.Promoted():
                cause = f"{naming.enver_label(event.enver)} follows {naming.enver_label(event.content.product)}"
                return Arrived(self._since(), event.wave, cause, (event.enver,))
            case e.PassStarted():
                roots = tuple(dict.fromkeys(enver for enver, _ in event.moved))
                return Arrived(self._since(), event.wave, f"settling pass {event.number}", roots)
            case e.RunStarted():
                return _began(self.state.runs[event.run], self._since())
            case e.Paused(scope=scope, pause=pause):
                return PauseBegan(self._since(), scope, None if pause.until is None else pause.until - self._start)
            case e.ValuePublished():
                return Published(self._since(), event.run, event.product)
            case e.RunSucceeded():
                return Ended(self._since(), event.run, event.enver)
            case e.RunFailed():
                return Ended(self._since(), event.run, event.enver, event.error)
            case _:
                return None

    def _approved(self, event: e.Approved) -> Arrived:
        label = f"{naming.enver_label(event.enver)}"
        cause = f"approval of {'a commit' if event.input == SOURCE else called(event.input)} for {label}"
        asked = event.enver, event.input
        mine = [n for (enver, question, _), n in self._approvals.items() if (enver, question) == asked]
        return Arrived(self._since(), event.wave, cause, (event.enver,), mine[-1] if mine else None)


def _began(run: Run, at: float) -> Began:
    return Began(at, run.id, run.enver, run.mode.value, run.waves, run.reasons, run.fingerprint, run.steps)


def _latest(state: State) -> float:
    """The newest moment that the state speaks of: a simulation of what is recorded begins there."""
    moments = [wave.at for wave in state.waves.values()]
    moments += [run.started_at for run in state.runs.values()]
    moments += [enver.since for enver in state.envers.values()]
    moments += [values[-1].at for values in state.values.values() if values]
    return max(moments, default=0.0)
