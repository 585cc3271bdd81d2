"""Brings into repositories what other contracts want there: a subscriber, so that a host that is away keeps nobody
waiting. Only repositories of whose builds something else is said are looked at."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Begin, Later
from odmd.control.scheduler import events as e
from odmd.errors import HostBusy, HostLacks, HostRefused
from odmd.graph import Graph
from odmd.graph.nodes import BuildNode

_LOG: Final = logging.getLogger(__name__)


class FileHost(Protocol):
    """Where repositories are. To bring the same twice changes nothing."""

    def bring(self, repo: str, builds: Sequence[BuildNode]) -> str:
        """What these builds want there; returns what became of it, in words.

        Raises:
            HostBusy: not so fast.
            HostUnreachable, HostUnknown: later.
            HostRefused, HostLacks: never so.
        """
        ...


class BringingFiles:
    """Of all builds whose runs jobs of the host carry out."""

    name = "files of repositories"
    begin = Begin.NEXT

    def __init__(self, graph: Callable[[], Graph | None], host: FileHost) -> None:
        self._graph, self._host = graph, host
        self._brought = dict[str, Sequence[BuildNode]]()

    def handle(self, batch: Sequence[Logged]) -> None:
        """Raises:
        Later: the host wants to be asked more slowly.
        HostUnreachable, HostUnknown
        """
        graph = self._graph()
        if graph is None or not any(isinstance(one.event, (e.ContractsChanged, e.PoliciesChanged)) for one in batch):
            return
        wanted = _by_repository(graph)
        for repo in sorted(wanted.keys() | self._brought.keys()):
            if self._brought.get(repo) != wanted.get(repo, ()):
                self._bring(repo, wanted.get(repo, ()))

    def _bring(self, repo: str, builds: Sequence[BuildNode]) -> None:
        try:
            _LOG.info("%s: %s", repo, self._host.bring(repo, builds))
        except HostBusy as busy:
            raise Later(busy.seconds) from busy
        except (HostRefused, HostLacks) as no:
            _LOG.warning("%s has not the workflows of its builds: %s %s", repo, no.code, no.fact)
        self._brought[repo] = builds


def _by_repository(graph: Graph) -> Mapping[str, Sequence[BuildNode]]:
    found = defaultdict[str, list[BuildNode]](list)
    for name in sorted(graph.builds):
        if (build := graph.builds[name]).runs_on:
            found[build.repo].append(build)
    return found
