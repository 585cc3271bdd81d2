"""Shows at the host of the repositories how runs stand: a subscriber, so that a host that is away keeps nobody waiting.

What is shown is how a run stands when it is its turn, and not each step on the way: who is late shows less, and the
last is always shown.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from odmd.control.ports.hosts import RunMirror, RunNews, RunPhase
from odmd.control.ports.log import Logged
from odmd.control.ports.reads import History
from odmd.control.ports.subscribers import Begin, Later
from odmd.control.scheduler import events as e
from odmd.control.scheduler.inert import inert
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.errors import HostBusy, HostLacks, HostRefused
from odmd.graph import EnverNode, Graph
from odmd.model import naming

_LOG: Final = logging.getLogger(__name__)
_Move = e.RunStarted | e.RunClaimed | e.RunLost | e.RunSucceeded | e.RunFailed
_PHASES: Final = {
    RunStatus.STARTED: RunPhase.WAITING,
    RunStatus.DISPATCHED: RunPhase.WAITING,
    RunStatus.CLAIMED: RunPhase.RUNNING,
    RunStatus.SUCCEEDED: RunPhase.SUCCEEDED,
    RunStatus.FAILED: RunPhase.FAILED,
}
_LATER_RUNS: Final = 20
"""So many of an enver are looked at to see whether one is its newest."""
_REMEMBERED: Final = 10_000


class Mirroring:
    """Of all envers whose repositories the host has."""

    name = "host of repositories"
    begin = Begin.NEXT

    def __init__(self, store: History, graph: Callable[[], Graph | None], mirror: RunMirror) -> None:
        self._store, self._graph, self._mirror = store, graph, mirror
        self._shown = OrderedDict[int, RunNews]()

    def handle(self, batch: Sequence[Logged]) -> None:
        """Raises:
        Later: the host wants to be asked more slowly.
        HostUnreachable
        """
        for news in self._news(batch):
            if self._shown.get(news.run) == news:
                continue
            try:
                self._mirror.show(news)
            except HostBusy as busy:
                raise Later(busy.seconds) from busy
            except (HostRefused, HostLacks) as no:
                _LOG.warning("run %s of %s is not shown: %s %s", news.run, news.enver, no.code, no.fact)
            else:
                self._remember(news)

    def _news(self, batch: Sequence[Logged]) -> Iterator[RunNews]:
        """Of each run that moved, how it stands now; of envers that are in the contracts in force."""
        graph = self._graph()
        events = [entry.event for entry in batch]
        moved = sorted({event.run for event in events if isinstance(event, _Move)})
        for run in sorted(self._store.runs_of(moved), key=lambda one: one.id):
            if graph is not None and (enver := graph.envers.get(run.enver)):
                yield self._news_of(run, enver, graph)

    def _news_of(self, run: Run, enver: EnverNode, graph: Graph) -> RunNews:
        later = self._store.runs(run.enver, _LATER_RUNS)
        is_newest = not any(one.id > run.id and one.fingerprint.commit == run.fingerprint.commit for one in later)
        return RunNews(
            run.id,
            naming.enver_label(run.enver),
            enver.repo,
            run.fingerprint.commit,
            _PHASES[run.status],
            _words(run),
            is_newest,
            is_production=enver.stage in graph.governed.production,
            is_clone=enver.origin is not None,
        )

    def _remember(self, news: RunNews) -> None:
        self._shown[news.run] = news
        self._shown.move_to_end(news.run)
        while len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)


def _words(run: Run) -> str:
    match run.status:
        case RunStatus.STARTED:
            return f"run {run.id} waits for a worker"
        case RunStatus.DISPATCHED:
            return f"run {run.id} waits for its job"
        case RunStatus.CLAIMED:
            return f"run {run.id} is under way: {inert('; '.join(run.reasons))}"
        case RunStatus.SUCCEEDED:
            return f"run {run.id} deployed it"
        case RunStatus.FAILED:
            return f"run {run.id} failed: {inert(run.error.partition(chr(10))[0])}"
