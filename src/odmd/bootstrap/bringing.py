"""Brings the workflows that the contracts want into their repositories at GitHub, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from odmd.bootstrap.github import hosted, no_app
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state
from odmd.bootstrap.workflows import builds_of
from odmd.errors import HostBusy, HostLacks, HostRefused, HostUnknown, HostUnreachable, OdmdError
from odmd.graph import Graph
from odmd.store.sql import SqlStore

if TYPE_CHECKING:
    from odmd.providers.github.wanted_files import WantedFile
    from odmd.providers.github.workflow_pulls import FilesBrought, WorkflowPulls

_OFTEN: Final = 3
"""So often one repository is asked of again where GitHub does not answer."""


@dataclass(frozen=True, slots=True)
class RepositoryBrought:
    """What became of the files of one."""

    repo: str
    brought: FilesBrought | None
    error: OdmdError | None = None


@contextmanager
def workflow_pulls(settings: Settings) -> Generator[WorkflowPulls]:
    """Raises:
    HostUnknown: there is no App.
    """
    if not has_state(settings):
        raise no_app()
    with closing(SqlStore(database(settings))) as store, hosted(settings, store) as host:
        if host is None:
            raise no_app()
        yield host.workflow_pulls()


def repositories_of(graph: Graph, repo: str | None = None) -> Sequence[str]:
    """Those that may have workflows of ours, be it that no build there wants one any more."""
    return list(dict.fromkeys(one.repo for one in builds_of(graph, repo)))


def bring(
    pulls: WorkflowPulls,
    repositories: Sequence[str],
    files: Sequence[WantedFile],
    wait: Callable[[float, str], None],
    *,
    commit: bool,
) -> Iterator[RepositoryBrought]:
    """One repository after the other, as fast as GitHub takes it; one that fails keeps no other waiting.

    Args:
        wait: lets so many seconds go by; told why.
    """
    for repo in repositories:
        yield _one(pulls, repo, [one for one in files if one.repo == repo], wait, commit=commit)


def _one(
    pulls: WorkflowPulls, repo: str, files: Sequence[WantedFile], wait: Callable[[float, str], None], *, commit: bool
) -> RepositoryBrought:
    failures = 0
    while True:
        try:
            return RepositoryBrought(repo, pulls.bring(repo, files, commit=commit))
        except HostBusy as busy:
            wait(busy.seconds, busy.fact)
        except HostUnreachable as away:
            failures += 1
            if failures == _OFTEN:
                return RepositoryBrought(repo, None, away)
            wait(2.0**failures, away.fact)
        except HostLacks as lacks:
            return RepositoryBrought(repo, None, lacks if files else None)
        except (HostRefused, HostUnknown) as no:
            return RepositoryBrought(repo, None, no)
