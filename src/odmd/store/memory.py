"""The store without a disk: for tests and simulations, and the shortest description of what a store does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import takewhile

from odmd.control.ports.journal import DoneStep
from odmd.control.ports.ledger import ANY, GENESIS, ChainBeginning, Entry, Marks, link_of
from odmd.control.ports.log import Logged, PositionMoved, Received, Touched
from odmd.control.ports.reads import Told
from odmd.control.ports.subscribers import Begin, Subscription
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.drift import LastLook
from odmd.control.scheduler.effects import Effect
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import Message
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.state import Standing, State, Wave
from odmd.control.scheduler.values import Value, ValueRef
from odmd.errors import LeadershipLost
from odmd.store.append import KEEP, LIVE_VALUES, OPEN_RUNS, Keep, check_append, moved_at
from odmd.store.codec import EVENTS

MemoryOutbox = Callable[[int, Sequence[Effect]], None]
"""Takes the effects of a commit; the number is the log's position after it."""


class MemoryStore:
    """Keeps copies both ways: what a caller changes afterwards does not change what is stored."""

    def __init__(self, outbox: MemoryOutbox | None = None) -> None:
        self.epoch = 0
        """Of who was elected last; commits under another one are refused."""
        self._outbox = outbox
        self._lock = threading.RLock()
        self._inbox: dict[str, Received] = {}
        self._handled: set[str] = set()
        self._log: list[Logged] = []
        self._forgotten = 0
        self._begins = ChainBeginning(0, GENESIS, 0.0)
        self._envers: dict[str, Enver] = {}
        self._runs: dict[int, Run] = {}
        self._values: dict[tuple[str, int], Value] = {}
        self._waves: dict[int, Wave] = {}
        self._standing = Standing()
        self._clones: dict[str, KeptClones] = {}
        self._steps: dict[int, dict[str, DoneStep]] = {}
        self._documents: dict[str, str] = {}
        self._put_at: dict[str, float] = {}
        """Of those that do not last."""
        self._ended: dict[int, int] = {}
        """Wave → the end of the log when it ended."""
        self._subscriptions: dict[str, Subscription] = {}
        self._looks: dict[str, LastLook] = {}

    def receive(self, id: str, message: Message, at: float) -> bool:
        with self._lock:
            if id in self._inbox:
                return False
            self._inbox[id] = Received(id, message, at)
            return True

    def pending(self, limit: int) -> Sequence[Received]:
        with self._lock:
            return [r for r in self._inbox.values() if r.id not in self._handled][:limit]

    def forget_messages(self) -> int:
        with self._lock:
            waiting = self._inbox.keys() - self._handled
            self._handled |= waiting
            return len(waiting)

    def load(self) -> State:
        with self._lock:
            return State.restore(
                self._end(),
                next_run=max(self._runs, default=0) + 1,
                next_wave=max(self._waves, default=0) + 1,
                versions=dict(sorted(self._values)),
                envers=[replace(self._envers[address]) for address in sorted(self._envers)],
                runs=[replace(run) for _, run in sorted(self._runs.items()) if run.status in OPEN_RUNS],
                values=[value for value in self.values() if value.status in LIVE_VALUES],
                waves=[replace(wave) for _, wave in sorted(self._waves.items()) if wave.open > 0],
                standing=deepcopy(self._standing),
                clones=self.clones(),
            )

    def commit(
        self,
        expected: int,
        handled: Sequence[str],
        events: Sequence[Logged],
        touched: Touched,
        effects: Sequence[Effect],
        epoch: int = 0,
    ) -> None:
        check_append(expected, events, effects)
        with self._lock:
            if epoch and self.epoch not in (0, epoch):
                raise LeadershipLost("another one was elected after this one")
            if self._end() != expected:
                raise PositionMoved(f"the log ends at {self._end()}, not at {expected}")
            if effects:
                self._send(events[-1].position, effects)
            self._log.extend(events)
            self._handled.update(id for id in handled if id in self._inbox)
            self._project(touched)

    def _send(self, position: int, effects: Sequence[Effect]) -> None:
        if self._outbox is None:
            raise RuntimeError("a store opened without an outbox cannot commit effects")
        self._outbox(position, effects)

    def _project(self, touched: Touched) -> None:
        self._envers.update((enver.address, replace(enver)) for enver in touched.envers)
        self._runs.update((run.id, replace(run)) for run in touched.runs)
        self._values.update(((value.product, value.version), replace(value)) for value in touched.values)
        self._waves.update((wave.id, replace(wave)) for wave in touched.waves)
        self._ended.update((wave.id, self._end()) for wave in touched.waves if not wave.open)
        self._standing = deepcopy(touched.standing or self._standing)
        for address, kept in touched.clones.items():
            self._clones.pop(address, None)
            if kept is not None:
                self._clones[address] = kept

    def _end(self) -> int:
        return self._forgotten + len(self._log)

    def clones(self) -> Sequence[KeptClones]:
        with self._lock:
            return sorted(self._clones.values(), key=lambda one: (one.at, one.address))

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        with self._lock:
            return self._log[max(0, after - self._forgotten) :][:limit]

    def prune(self, before: float, keep: Keep = KEEP) -> int:
        with self._lock:
            counted, before = self._count(), self._until_seen(before, keep)
            for name in [name for name, at in self._put_at.items() if at < before]:
                del self._put_at[name], self._documents[name]
            handled = [id for id, got in self._inbox.items() if got.at < before and id in self._handled]
            events = list(takewhile(lambda logged: logged.event.at < before, self._log[:-1]))
            ended = {id: run for id, run in self._runs.items() if run.status not in OPEN_RUNS}
            newest_first = sorted(self._runs.values(), key=lambda run: run.id, reverse=True)
            waves = sorted(id for id, wave in self._waves.items() if wave.at < before and not wave.open)
            if events:
                last = self._chained()[len(events) - 1]
                self._begins = ChainBeginning(last.position, last.link or GENESIS, time.time())
            self._log, self._forgotten = self._log[len(events) :], self._forgotten + len(events)
            for id in handled:
                self._handled.remove(id)
                del self._inbox[id]
            for run, steps in self._steps.items():
                open_ = run in self._runs and run not in ended
                self._steps[run] = {name: step for name, step in steps.items() if open_ or step.at >= before}
            for run in ended.values():
                newer = [other for other in newest_first if other.enver == run.enver and other.id > run.id]
                if moved_at(run) < before and len(newer) >= keep.runs:
                    del self._runs[run.id]
            for id in waves:
                if id <= max(self._waves) - keep.waves:
                    del self._waves[id], self._ended[id]
            return counted - self._count()

    def _until_seen(self, before: float, keep: Keep) -> float:
        last = before - keep.unseen
        self._subscriptions = {name: one for name, one in self._subscriptions.items() if one.alive >= last}
        handled = min((one.position for one in self._subscriptions.values()), default=self._end())
        unseen = next((entry.event.at for entry in self.read(handled, 1)), before)
        return max(min(before, unseen), last)

    def _count(self) -> int:
        kept = (self._documents, self._inbox, self._log, self._runs, self._waves, *self._steps.values())
        return sum(map(len, kept))

    def runs(self, enver: str | None = None, limit: int = 50, before: int | None = None) -> Sequence[Run]:
        with self._lock:
            newest = (self._runs[id] for id in sorted(self._runs, reverse=True) if before is None or id < before)
            return [replace(run) for run in newest if enver in (None, run.enver)][:limit]

    def run(self, id: int) -> Run | None:
        with self._lock:
            found = self._runs.get(id)
            return None if found is None else replace(found)

    def runs_of(self, ids: Sequence[int]) -> Sequence[Run]:
        with self._lock:
            return [replace(self._runs[id]) for id in ids if id in self._runs]

    def ended_at(self, ids: Sequence[int]) -> Mapping[int, float]:
        return {run.id: run.finished_at for run in self.runs_of(ids) if run.finished_at is not None}

    def values_of(self, refs: Sequence[ValueRef]) -> Sequence[Value]:
        with self._lock:
            known = ((ref.product, ref.version) for ref in refs)
            return [replace(self._values[ref]) for ref in known if ref in self._values]

    def waves_of(self, ids: Sequence[int]) -> Sequence[Wave]:
        with self._lock:
            return [replace(self._waves[id]) for id in ids if id in self._waves]

    def values(self, product: str | None = None) -> Sequence[Value]:
        with self._lock:
            return [replace(self._values[ref]) for ref in sorted(self._values) if product in (None, ref[0])]

    def waves(self, limit: int = 50, before: int | None = None) -> Sequence[Wave]:
        with self._lock:
            newest = (self._waves[id] for id in sorted(self._waves, reverse=True) if before is None or id < before)
            return [replace(wave) for wave in newest][:limit]

    def wave(self, id: int) -> Wave | None:
        with self._lock:
            found = self._waves.get(id)
            return None if found is None else replace(found)

    def ended_waves(self, after: int, until: int) -> Sequence[tuple[Wave, int]]:
        with self._lock:
            found = sorted((ended, id) for id, ended in self._ended.items() if after < ended <= until)
            return [(replace(self._waves[id]), ended) for ended, id in found]

    def record(self, run: int, attempt: AttemptNumber, step: DoneStep) -> None:  # noqa: ARG002 - the attempt is for people who look into the tables
        with self._lock:
            self._steps.setdefault(run, {}).setdefault(step.name, step)

    def came_in(self, artifact: str) -> bool:  # noqa: ARG002  # agents of other places come to databases only
        return False

    def steps(self, run: int) -> Sequence[DoneStep]:
        with self._lock:
            return list(self._steps.get(run, {}).values())

    def put(self, name: str, text: str, *, lasts: bool = True) -> None:
        with self._lock:
            self._documents[name] = text
            self._put_at.pop(name, None)
            if not lasts:
                self._put_at[name] = time.time()

    def put_first(self, name: str, text: str) -> str:
        with self._lock:
            return self._documents.setdefault(name, text)

    def get(self, name: str) -> str | None:
        with self._lock:
            return self._documents.get(name)

    def close(self) -> None:
        """Keeps everything: memory ends with the process."""

    def position(self) -> int:
        with self._lock:
            return self._end()

    def enver(self, address: str) -> Enver | None:
        return next(iter(self.envers_of([address])), None)

    def envers(self, after: str = "", limit: int = 500) -> Sequence[Enver]:
        with self._lock:
            return [replace(self._envers[address]) for address in sorted(self._envers) if address > after][:limit]

    def envers_of(self, addresses: Sequence[str]) -> Sequence[Enver]:
        with self._lock:
            return [replace(self._envers[address]) for address in addresses if address in self._envers]

    def addresses(self, limit: int) -> Sequence[str]:
        with self._lock:
            return sorted(self._envers)[:limit]

    def versions(self, products: Iterable[str]) -> Mapping[str, int]:
        wanted = set(products)
        with self._lock:
            return {product: version for product, version in sorted(self._values) if product in wanted}

    def values_below(self, address: str, after: ValueRef, limit: int) -> Sequence[Value]:
        found = (value for value in self.values() if value.ref > after)
        return [value for value in found if not address or f"{value.product}/".startswith(f"{address}/")][:limit]

    def standing(self) -> Standing:
        with self._lock:
            return deepcopy(self._standing)

    def waiting(self) -> bool:
        with self._lock:
            return any(run.status is RunStatus.STARTED for run in self._runs.values())

    def told(self, prefix: str) -> Told | None:
        with self._lock:
            found = next((id for id in self._inbox if id.startswith(prefix)), None)
            if found is None:
                return None
            return Told(found, found in self._handled, [entry for entry in self._log if entry.message == found])

    def beginning(self) -> ChainBeginning:
        with self._lock:
            return self._begins

    def entries(
        self, after: int = 0, limit: int = 1000, marks: Marks = ANY, before: int | None = None
    ) -> Sequence[Entry]:
        with self._lock:
            found = [one for one in self._chained() if one.position > after and _has(one, marks)]
        if before is None:
            return found[:limit]
        return [one for one in reversed(found) if one.position < before][:limit]

    def _chained(self) -> Sequence[Entry]:
        """The log as databases keep it; nobody else writes here, so it is made when it is asked for."""
        found, before = list[Entry](), self._begins.link
        for logged in self._log:
            type_, body = EVENTS.encode(logged.event)
            entry = Entry(logged.position, logged.event.at, type_, logged.message, body, None)
            before = link_of(before, entry)
            found.append(replace(entry, link=before))
        return found

    def looks_of(self, addresses: Sequence[str]) -> Mapping[str, LastLook]:
        with self._lock:
            return {address: self._looks[address] for address in addresses if address in self._looks}

    def keep_looks(self, looks: Sequence[LastLook]) -> None:
        with self._lock:
            self._looks.update((one.enver, one) for one in looks)

    def subscriptions(self) -> Sequence[Subscription]:
        with self._lock:
            return [self._subscriptions[name] for name in sorted(self._subscriptions)]

    def subscribe(self, name: str, begin: Begin, at: float) -> int:
        with self._lock:
            position = self._end() if begin is Begin.NEXT else self._forgotten
            return self._subscriptions.setdefault(name, Subscription(name, position, at)).position

    def advance(self, name: str, position: int, at: float, missed: int = 0) -> None:
        with self._lock:
            if position > self._end():
                raise ValueError(f"the log ends at {self._end()}, and {name} says that it handled {position}")
            before = self._subscriptions.get(name)
            if before is not None and before.position <= position:
                self._subscriptions[name] = Subscription(name, position, at, missed=before.missed + missed)

    def failed(self, name: str, error: str, at: float) -> None:
        with self._lock:
            if (before := self._subscriptions.get(name)) is not None:
                since = before.since if before.error else at
                self._subscriptions[name] = replace(before, error=error, alive=at, since=since)


def _has(entry: Entry, marks: Marks) -> bool:
    body = entry.body.lower()
    return (
        (not marks.types or entry.type.partition("@")[0] in marks.types)
        and all(text.lower() in body for text in marks.texts)
        and (marks.since is None or entry.at >= marks.since)
        and (marks.until is None or entry.at < marks.until)
    )
