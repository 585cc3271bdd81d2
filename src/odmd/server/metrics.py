"""What Prometheus scrapes: figures of this process, of the term it leads, and of what is committed in it.

Every label has few values: no enver, run, person or path of a request is one. What a scrape costs depends on what is
under way, not on the size of the organisation.
"""

from __future__ import annotations

import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from odmd import __version__
from odmd.control.leading.leader import Leader
from odmd.control.ports.log import Logged
from odmd.control.reading.records import condition
from odmd.control.scheduler import events as e
from odmd.control.scheduler.state import Dirty, State
from odmd.errors import OdmdError
from odmd.store.sql import SqlStore
from odmd.store.workers import SqlWorkers

CONTENT_TYPE: Final = "text/plain; version=1.0.0; charset=utf-8"
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_OF_REQUESTS: Final = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
_OF_COMMITS: Final = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0)
_OF_RUNS: Final = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_OF_WAITS: Final = (0.05, 0.2, 1.0, 5.0, 30.0, 300.0)


class Metrics:
    """Of one process, in a registry of its own."""

    def __init__(self, store: SqlStore, listeners: Callable[[], int]) -> None:
        disable_created_metrics()  # a second series for each, which says when this process began
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge("odmd_build_info", "The release.", ["version"], registry=registry).labels(__version__).set(1)
        Gauge("odmd_event_listeners", "Who follows the event stream.", registry=registry).set_function(listeners)
        self._requests = Histogram(
            "odmd_http_request_seconds",
            "Until the head of the answer.",
            ["method", "route", "status"],
            buckets=_OF_REQUESTS,
            registry=registry,
        )
        self._commits = Histogram(
            "odmd_commit_seconds", "Deciding and committing one batch.", buckets=_OF_COMMITS, registry=registry
        )
        self._messages = Counter("odmd_messages", "Messages decided.", registry=registry)
        self._events = Counter("odmd_events", "Events committed.", ["type"], registry=registry)
        self._runs = Histogram(
            "odmd_run_seconds",
            "From the decision to start to the end.",
            ["mode", "outcome"],
            buckets=_OF_RUNS,
            registry=registry,
        )
        self._waits = Histogram(
            "odmd_run_wait_seconds",
            "From the decision to start until a worker had it.",
            buckets=_OF_WAITS,
            registry=registry,
        )
        self._term = _Term(store)
        registry.register(self._term)

    def text(self) -> bytes:
        """In the text format of Prometheus."""
        return generate_latest(self._registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is the template of its path."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, f"{status // 100}xx").observe(seconds)

    def leads(self, leader: Leader) -> None:
        """A term begins."""
        leader.measure = self._batch
        self._term.leader = leader

    def follows(self) -> None:
        """The term is over."""
        self._term.leader = None

    def begin(self, state: State) -> None:
        """With a state in which nothing is undecided."""
        self._term.begin(state)

    def listen(self, entry: Logged, state: State) -> None:
        """Something was committed."""
        self._term.listen(state)
        event = entry.event
        self._events.labels(type(event).__name__).inc()
        match event:
            case e.RunClaimed(run, 1, _, at) if run in state.runs:
                self._waits.observe(max(0.0, at - state.runs[run].started_at))
            case e.RunSucceeded(run) | e.RunFailed(run) if (ended := state.dirty.runs.get(run)) is not None:
                outcome = "succeeded" if isinstance(event, e.RunSucceeded) else "failed"
                self._runs.labels(ended.mode.value, outcome).observe(max(0.0, event.at - ended.started_at))
            case _:
                pass

    def _batch(self, messages: int, seconds: float) -> None:
        self._commits.observe(seconds)
        self._messages.inc(messages)


class _Term(Collector):
    """What is so now, asked for at each scrape."""

    def __init__(self, store: SqlStore) -> None:
        self._store, self._workers = store, SqlWorkers(store.database)
        self._lock = threading.Lock()
        self.leader: Leader | None = None
        self._words: dict[str, str] = {}
        """Enver → the shape it is in."""
        self._envers = Tally[str]()
        self._seen: Dirty | None = None

    def begin(self, state: State) -> None:
        with self._lock:
            self._words = {enver.address: condition(enver, led=True) for enver in state.envers.values()}
            self._envers = Tally(self._words.values())

    def listen(self, state: State) -> None:
        if state.dirty is self._seen:
            return
        self._seen = state.dirty
        with self._lock:
            for enver in state.dirty.envers.values():
                if before := self._words.get(enver.address):
                    self._envers[before] -= 1
                self._words[enver.address] = word = condition(enver, led=True)
                self._envers[word] += 1

    def collect(self) -> Iterator[Metric]:
        """What this process knows while it leads, and what the database says to everybody."""
        leader = self.leader
        leads = leader is not None and leader.broken is None
        yield _gauge("odmd_leading", "1 while this process decides.", int(leads))
        if leader is not None and leads:
            with suppress(OdmdError):
                yield from self._of_state(leader)
        with suppress(OdmdError):
            yield from self._of_database()

    def _of_state(self, leader: Leader) -> Iterator[Metric]:
        now = time.time()
        position, owing, runs, waves = leader.look(
            lambda state: (
                state.position,
                len(state.owing),
                Tally(run.status.value for run in state.runs.values()),
                [wave.at for wave in state.waves.values()],
            )
        )
        yield _gauge("odmd_leader_epoch", "Grows with every term.", leader.epoch)
        failures = "How often something that follows the log failed at what it was told, in this term."
        yield CounterMetricFamily("odmd_listener_failures", failures, value=leader.deaf)
        yield _gauge("odmd_log_position", "The end of the log.", position)
        yield _gauge("odmd_envers_owing", "Envers that a wave reached and has not left.", owing)
        yield _gauge("odmd_waves_open", "Changes that are not through.", len(waves))
        oldest = now - min(waves, default=now)
        yield _gauge("odmd_oldest_wave_seconds", "Age of the oldest one of them.", max(0.0, oldest))
        yield _gauges("odmd_runs_under_way", "Runs that have not ended.", "status", runs)
        with self._lock:
            envers = +self._envers
        yield _gauges("odmd_envers", "Envers in each shape, as `odmd status` calls it.", "state", envers)

    def _of_database(self) -> Iterator[Metric]:
        waiting, since = self._store.inbox()
        yield _gauge("odmd_inbox_messages", "Messages that nobody decided yet.", waiting)
        age = max(0.0, time.time() - since) if since is not None else 0.0
        yield _gauge("odmd_inbox_oldest_seconds", "Age of the oldest one of them.", age)
        workers = self._workers.workers()
        yield _gauge("odmd_workers", "Workers that say they live.", len(workers))
        yield _gauge("odmd_worker_places", "Runs that they can carry out at once.", sum(one.places for one in workers))


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value=value)


def _gauges(name: str, help: str, label: str, values: Tally[str]) -> Metric:
    family = GaugeMetricFamily(name, help, labels=[label])
    for of, value in sorted(values.items()):
        family.add_metric([of], value)
    return family
