"""What Prometheus scrapes: figures of this process, of the term it leads, and of what is committed in it.

Every label has few values: no enver, run, person or path of a request is one. What a scrape costs depends on what is
under way and on what changed since the last one, not on the size of the organisation.
"""

from __future__ import annotations

import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
from odmd.control.leading.leader import Batch, Leader
from odmd.control.leading.subscribers import Subscribers
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Begin
from odmd.control.reading.records import condition
from odmd.control.scheduler import events as e
from odmd.control.scheduler.state import State
from odmd.errors import OdmdError
from odmd.store.sql import SqlStore
from odmd.store.workers import SqlWorkers

CONTENT_TYPE: Final = "text/plain; version=1.0.0; charset=utf-8"
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_OF_REQUESTS: Final = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
_OF_COMMITS: Final = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0)
_OF_RUNS: Final = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_OF_WAITS: Final = (0.05, 0.2, 1.0, 5.0, 30.0, 300.0)
_AT_ONCE: Final = 2000
"""Envers that are looked at while the leader waits: some 2 ms."""


class Metrics:
    """Of one process, in a registry of its own.

    As a subscriber it counts from nothing whenever its process begins, so where it got to is worth nothing to the next.
    """

    name = "metrics"
    begin = Begin.EACH_TERM

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
        self._under_way: dict[int, tuple[str, float]] = {}
        """Run → its mode, and when it was decided to start it."""
        self._store = store
        self._term = _Term(store)
        registry.register(self._term)

    def text(self) -> bytes:
        """In the text format of Prometheus."""
        return generate_latest(self._registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is the template of its path."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, f"{status // 100}xx").observe(seconds)

    def leads(self, leader: Leader, subscribers: Subscribers) -> None:
        """A term begins."""
        leader.measure = self._batch
        self._term.leads(leader, subscribers)

    def follows(self) -> None:
        """The term is over."""
        self._term.follows()

    def handle(self, batch: Sequence[Logged]) -> None:
        """Counts; what can fail comes first, so that nothing is counted twice when it is tried again."""
        for entry in batch:
            self._learn(entry.event)
        for entry in batch:
            self._count(entry.event)

    def _learn(self, event: e.Event) -> None:
        """Of a run, also of one that began in an earlier term."""
        match event:
            case e.RunStarted(run):
                self._under_way[run] = (event.mode.value, event.at)
            case e.RunClaimed(run) | e.RunSucceeded(run) | e.RunFailed(run) if run not in self._under_way:
                if (found := self._store.run(run)) is not None:
                    self._under_way[run] = (found.mode.value, found.started_at)
            case _:
                pass

    def _count(self, event: e.Event) -> None:
        self._events.labels(type(event).__name__).inc()
        match event:
            case e.RunClaimed(run, 1, _, at) if run in self._under_way:
                self._waits.observe(max(0.0, at - self._under_way[run][1]))
            case e.RunSucceeded(run) | e.RunFailed(run) if run in self._under_way:
                mode, began = self._under_way.pop(run)
                outcome = "succeeded" if isinstance(event, e.RunSucceeded) else "failed"
                self._runs.labels(mode, outcome).observe(max(0.0, event.at - began))
            case _:
                pass

    def _batch(self, batch: Batch) -> None:
        self._commits.observe(batch.seconds)
        self._messages.inc(batch.messages)
        self._term.changed(batch.envers)


class _Term(Collector):
    """What is so now, asked for at each scrape."""

    def __init__(self, store: SqlStore) -> None:
        self._store, self._workers = store, SqlWorkers(store.database)
        self._lock = threading.Lock()
        self._leads: tuple[Leader, Subscribers] | None = None
        self._counting = threading.Lock()
        self._words: dict[str, str] = {}
        """Enver → the shape it is in, as of the last scrape."""
        self._envers = Tally[str]()
        """How many are in each."""
        self._changed: set[str] = set()
        """Those that may be in another one now."""

    def leads(self, leader: Leader, subscribers: Subscribers) -> None:
        self._leads = leader, subscribers
        self.changed(leader.look(lambda state: tuple(state.envers)))

    def follows(self) -> None:
        self._leads = None

    def changed(self, envers: Collection[str]) -> None:
        with self._lock:
            self._changed.update(envers)

    def collect(self) -> Iterator[Metric]:
        """What this process knows while it leads, and what the database says to everybody."""
        leads = self._leads
        if leads is not None and leads[0].broken is not None:
            leads = None
        yield _gauge("odmd_leading", "1 while this process decides.", int(leads is not None))
        if leads is not None:
            with suppress(OdmdError):
                yield from self._of_state(leads[0])
                yield from _of_subscribers(leads[1], self._store.position())
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
        yield _gauge("odmd_log_position", "The end of the log.", position)
        yield _gauge("odmd_envers_owing", "Envers that a wave reached and has not left.", owing)
        yield _gauge("odmd_waves_open", "Changes that are not through.", len(waves))
        oldest = now - min(waves, default=now)
        yield _gauge("odmd_oldest_wave_seconds", "Age of the oldest one of them.", max(0.0, oldest))
        yield _gauges("odmd_runs_under_way", "Runs that have not ended.", "status", runs)
        yield _gauges("odmd_envers", "Envers in each shape, as `odmd status` calls it.", "state", self._counted(leader))

    def _counted(self, leader: Leader) -> Tally[str]:
        """Looks at those that changed since it was asked last, a few at a time: nothing is decided meanwhile."""
        with self._counting:
            with self._lock:
                changed, self._changed = list(self._changed), set()
            for at in range(0, len(changed), _AT_ONCE):
                part = changed[at : at + _AT_ONCE]
                now = leader.look(lambda state, part=part: _conditions(state, part))
                self._envers.subtract(self._words[one] for one in now if one in self._words)
                self._envers.update(now.values())
                self._words.update(now)
            return +self._envers

    def _of_database(self) -> Iterator[Metric]:
        waiting, since = self._store.inbox()
        yield _gauge("odmd_inbox_messages", "Messages that nobody decided yet.", waiting)
        age = max(0.0, time.time() - since) if since is not None else 0.0
        yield _gauge("odmd_inbox_oldest_seconds", "Age of the oldest one of them.", age)
        workers = self._workers.workers()
        yield _gauge("odmd_workers", "Workers that say they live.", len(workers))
        yield _gauge("odmd_worker_places", "Runs that they can carry out at once.", sum(one.places for one in workers))


def _conditions(state: State, envers: Sequence[str]) -> Mapping[str, str]:
    return {one: condition(state.envers[one], led=True) for one in envers}


def _of_subscribers(subscribers: Subscribers, end: int) -> Iterator[Metric]:
    lag = GaugeMetricFamily("odmd_subscriber_lag", "Events that it has not handled yet.", labels=["subscriber"])
    failures = CounterMetricFamily(
        "odmd_subscriber_failures", "How often it failed at what it was given, in this term.", labels=["subscriber"]
    )
    for one in subscribers.progress():
        lag.add_metric([one.name], max(0, end - one.position))
        failures.add_metric([one.name], one.failures)
    yield lag
    yield failures


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value=value)


def _gauges(name: str, help: str, label: str, values: Tally[str]) -> Metric:
    family = GaugeMetricFamily(name, help, labels=[label])
    for of, value in sorted(values.items()):
        family.add_metric([of], value)
    return family
