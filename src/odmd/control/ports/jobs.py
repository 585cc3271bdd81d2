"""Who starts the jobs that carry out runs: the host of their repository."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WantedJob:
    """The job of a run: of a build's workflow, as it stands on the repository's default branch."""

    repo: str
    id: str
    """The host's own of the repository: its name may be another's by now."""
    build: str
    branch: str
    run: int
    since: float
    """When it was asked for; seconds since the epoch."""
    lost: Collection[str] = ()
    """Where jobs are seen that had the run before: another one is wanted."""


class Jobs(Protocol):
    """Starts them."""

    def start(self, wanted: WantedJob) -> str:
        """Starts a job, unless one was started for the same run since; where it is seen, whose last part is its number.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        ...
