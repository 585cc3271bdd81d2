"""Pull requests on the repositories of services, at whatever host: how they are, what people say there, what is kept of
them, and what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PullState(StrEnum):
    """How far one is; each is what its host said of it, and none what it did not say."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"
    GONE = "gone"
    """Its repository is there, and it is not."""


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as it is now."""

    repository: str
    """As the contracts name it, in small letters."""
    number: int
    state: PullState
    branch: str = ""
    """What is to be merged."""
    base: str = ""
    """The branch into which."""
    head: str = ""
    author: str = ""
    is_from_a_fork: bool = False
    is_default_branch: bool = False
    """What is to be merged is the branch on which its repository goes on."""
    labels: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    """Of the commits that its head has and its base lacks, the oldest first."""
    committed_at: float = 0.0
    """When its head was made, as the commit says."""
    pushed_at: float = 0.0
    """When something was last pushed to the repository of its head."""
    closed_at: float = 0.0
    branch_is_gone: bool = False
    """Its branch was looked for, and is not there."""

    @property
    def called(self) -> str:
        """`acme/orders#12`."""
        return f"{self.repository}#{self.number}"


@dataclass(frozen=True, slots=True)
class PullComment:
    """A comment by a person."""

    id: int
    """Later ones have greater ones."""
    by: str
    by_id: int
    """Of the person, whatever he is called."""
    text: str
    at: float
    is_edited: bool = False


class Mark(StrEnum):
    """What a check says."""

    FINE = "fine"
    WAITS = "waits"
    BREAKS = "breaks"


@dataclass(frozen=True, slots=True)
class PullReport:
    """What is told of a pull request, in the place of what was told before."""

    mark: Mark
    title: str
    text: str
    """Markdown, in which nothing that others wrote is markup."""


class PullHost(Protocol):
    """Where pull requests are.

    Each raises HostUnreachable, HostBusy, HostRefused; and HostLacks where a repository is not reached.
    """

    def open(self, repository: str) -> Sequence[int]:
        """Numbers of those that are open."""
        ...

    def find(self, repository: str, number: int) -> Pull:
        """As it is now."""
        ...

    def said(self, pull: Pull) -> Sequence[PullComment]:
        """What people said there, the oldest first."""
        ...

    def may_write(self, pull: Pull, who: str) -> bool:
        """Whether somebody may write to its repository."""
        ...

    def show(self, pull: Pull, shown: PullReport) -> None:
        """One comment, and one check a head. To say the same twice changes nothing."""
        ...

    def answer(self, pull: Pull, word: int, text: str) -> None:
        """Answers a comment, once."""
        ...


@dataclass(frozen=True, slots=True)
class KeptPull:
    """What is remembered of one."""

    repository: str
    number: int
    clones: str = ""
    """The set that is there for it, by the address of its first."""
    head: str = ""
    """What it had when somebody looked last."""
    newest: int = 0
    """The newest comment of that look."""
    ended: str = ""
    """The head at which its clones ended without a word: none are made before the next push."""
    declined: bool = False
    """Somebody said that it shall have none: none are made until somebody asks for them in a comment."""


class KeptPulls(Protocol):
    """What is remembered of pull requests, and which comments were answered."""

    def find(self, repository: str, number: int) -> KeptPull | None: ...

    def put(self, one: KeptPull) -> None: ...

    def with_clones(self) -> Sequence[KeptPull]:
        """Those for which there are clones."""
        ...

    def is_answered(self, comment: int) -> bool: ...

    def answered(self, comment: int, at: float) -> None: ...
