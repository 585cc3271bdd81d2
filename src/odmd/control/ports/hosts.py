"""Hosts of repositories: what they say moved, and what they are told of runs. Nothing here knows which host it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from odmd.errors import Diagnostic


@dataclass(frozen=True, slots=True)
class Hint:
    """That something may have moved in a repository. What is there now has to be read."""

    repository: str
    """Its name as the host has it now, in small letters."""
    id: int | None = None
    """Its number there, which it keeps whatever it is called."""
    pull_request: int | None = None
    """The one that it is about; none: its branches and tags."""


ReadHint = Callable[[str, bytes], Hint | None]
"""From the name of an event and what was delivered: None: it is nothing to us. Raises `RequestInvalid`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook: which way it points."""

    seq: int
    hint: Hint


class Deliveries(Protocol):
    """Webhooks that came, each once, until somebody looked where they point."""

    def take(self, id: str, hint: Hint, at: float) -> bool:
        """Keeps one; whether it is new."""
        ...

    def pending(self, limit: int) -> Sequence[Delivery]:
        """Those at which nobody looked, oldest first."""
        ...

    def handled(self, seqs: Collection[int]) -> None:
        """Somebody looked."""
        ...

    def forget(self, before: float) -> int:
        """Those that came before and are handled; returns how many."""
        ...


class RunPhase(StrEnum):
    """How far a run is, as far as a host of repositories has words for it."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RunNews:
    """How a run of a commit stands now."""

    run: int
    enver: str
    """As people write it."""
    repository: str
    """As the contracts name it."""
    commit: str
    phase: RunPhase
    words: str
    """One line."""
    is_newest: bool
    """Whether no later run brings the same commit to the same enver."""
    is_production: bool = False
    is_clone: bool = False


class RunMirror(Protocol):
    """Shows beside the commits of a host how runs stand. To say the same twice changes nothing."""

    def show(self, news: RunNews) -> None:
        """Raises:
        HostBusy: not so fast.
        HostUnreachable: later.
        HostRefused, HostLacks: never so.
        """
        ...


class CommitMirror(Protocol):
    """Shows beside commits of the contracts whether they are in force. To say the same twice changes nothing."""

    def show(self, commit: str, phase: RunPhase, words: str) -> None:
        """Raises:
        HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        ...


@dataclass(frozen=True, slots=True)
class ContractsProposal:
    """An open pull request on the contracts, as it is now."""

    number: int
    head: str
    base: str
    """The commit at which it left the branch that it is for."""
    is_trusted: bool
    """Whether who may write to the repository wrote its head, or vouched for exactly this one."""


class Opinion(StrEnum):
    """What comes of a review, the best first."""

    FINE = "fine"
    WAITS = "waits"
    """For somebody's word."""
    BREAKS = "breaks"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Review:
    """What is said of a pull request."""

    opinion: Opinion
    title: str
    text: str
    """Markdown, in which nothing of the contracts is markup."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """At places within the repository."""


class ProposalHost(Protocol):
    """The pull requests of one repository."""

    def open(self) -> Sequence[int]:
        """Numbers of those that are open.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        ...

    def find(self, number: int) -> ContractsProposal | None:
        """As it is now; None: it is not open.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        ...

    def say(self, proposal: ContractsProposal, review: Review) -> None:
        """In the place of what was said before. To say the same twice changes nothing.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        ...
