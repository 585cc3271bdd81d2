"""The store without a disk: for tests and simulations, and the shortest description of what a store does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace

from odmd.control.effects import Effect
from odmd.control.messages import Message
from odmd.control.ports import Logged, PositionMoved, Received, Step, Told, Touched
from odmd.control.state import Enver, Run, Standing, State, Value, ValueRef, Wave
from odmd.store.append import LIVE_VALUES, OPEN_RUNS, check_append

MemoryOutbox = Callable[[int, Sequence[Effect]], None]
"""Takes the effects of a commit; the number is the log's position after it."""


class MemoryStore:
    """Keeps copies both ways: what a caller changes afterwards does not change what is stored."""

    def __init__(self, outbox: MemoryOutbox | None = None) -> None:
        self._outbox = outbox
        self._lock = threading.RLock()
        self._inbox: dict[str, Received] = {}
        self._handled: set[str] = set()
        self._log: list[Logged] = []
        self._envers: dict[str, Enver] = {}
        self._runs: dict[int, Run] = {}
        self._values: dict[tuple[str, int], Value] = {}
        self._waves: dict[int, Wave] = {}
        self._standing = Standing()
        self._steps: dict[int, dict[str, Step]] = {}
        self._documents: dict[str, str] = {}

    def receive(self, id: str, message: Message, at: float) -> bool:
        with self._lock:
            if id in self._inbox:
                return False
            self._inbox[id] = Received(id, message, at)
            return True

    def pending(self, limit: int) -> Sequence[Received]:
        with self._lock:
            return [r for r in self._inbox.values() if r.id not in self._handled][:limit]

    def load(self) -> State:
        with self._lock:
            return State.restore(
                len(self._log),
                next_run=max(self._runs, default=0) + 1,
                next_wave=max(self._waves, default=0) + 1,
                versions=dict(sorted(self._values)),
                envers=[replace(self._envers[address]) for address in sorted(self._envers)],
                runs=[replace(run) for _, run in sorted(self._runs.items()) if run.status in OPEN_RUNS],
                values=[value for value in self.values() if value.status in LIVE_VALUES],
                waves=[replace(wave) for _, wave in sorted(self._waves.items()) if wave.open > 0],
                standing=deepcopy(self._standing),
            )

    def commit(
        self,
        expected: int,
        handled: Sequence[str],
        events: Sequence[Logged],
        touched: Touched,
        effects: Sequence[Effect],
    ) -> None:
        check_append(expected, events, effects)
        with self._lock:
            if len(self._log) != expected:
                raise PositionMoved(f"the log ends at {len(self._log)}, not at {expected}")
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
        self._standing = deepcopy(touched.standing or self._standing)

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        with self._lock:
            return self._log[after : after + limit]

    def runs(self, enver: str | None = None, limit: int = 50, before: int | None = None) -> Sequence[Run]:
        with self._lock:
            newest = (self._runs[id] for id in sorted(self._runs, reverse=True) if before is None or id < before)
            return [replace(run) for run in newest if enver in (None, run.enver)][:limit]

    def run(self, id: int) -> Run | None:
        with self._lock:
            found = self._runs.get(id)
            return None if found is None else replace(found)

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

    def record(self, run: int, attempt: int, step: Step) -> None:  # noqa: ARG002 - the attempt is for people who look into the tables
        with self._lock:
            self._steps.setdefault(run, {}).setdefault(step.name, step)

    def steps(self, run: int) -> Sequence[Step]:
        with self._lock:
            return list(self._steps.get(run, {}).values())

    def put(self, name: str, text: str) -> None:
        with self._lock:
            self._documents[name] = text

    def get(self, name: str) -> str | None:
        with self._lock:
            return self._documents.get(name)

    def close(self) -> None:
        """Keeps everything: memory ends with the process."""

    def position(self) -> int:
        with self._lock:
            return len(self._log)

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

    def told(self, prefix: str) -> Told | None:
        with self._lock:
            found = next((id for id in self._inbox if id.startswith(prefix)), None)
            if found is None:
                return None
            return Told(found, found in self._handled, [entry for entry in self._log if entry.message == found])
