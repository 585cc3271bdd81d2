"""What a comparison of two envers finds: differences, each with what it is about and why it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Section(StrEnum):
    """What a difference is about, in the order in which people read it."""

    COMMITS = "commits"
    CONTRACTS = "contracts"
    VALUES = "consumed values"
    CONFIG = "config"
    SECRETS = "secrets"
    ARTIFACTS = "artifacts"
    PACKAGES = "packages"
    RUNNING = "environment variables and scaling"
    TEMPLATES = "templates and parameters"


class Because(StrEnum):
    """Why a difference is there."""

    INTENT = "intent"
    """Somebody says so of one and not of the other: config, stage, contracts."""
    AGE = "age"
    """One of them is behind: another revision, older versions of values."""
    UNEXPLAINED = "unexplained"
    """Nothing that is recorded explains it."""


@dataclass(frozen=True, slots=True)
class Differs:
    """One thing that differs."""

    section: Section
    because: Because
    what: str
    """Where it is: `orders Resources/Handler/Properties/MemorySize`, an input's or a package's name."""
    before: str
    """Empty: it is not there."""
    after: str
    says: str = ""
    """More about it, as who says it."""


@dataclass(frozen=True, slots=True)
class SideView:
    """One of the two that are compared."""

    enver: str
    """Its address."""
    run: int
    """The run that brought it about; 0: nobody noted it."""
    at: float | None
    """When that run ended."""
    commit: str
    subject: str
    stage: str
    account: str
    region: str
    runs_now: bool
    sure: bool
    """Whether it surely runs, or ran then."""


@dataclass(frozen=True, slots=True)
class CommitView:
    """A commit that one of the two has, and not the other."""

    commit: str
    subject: str
    only_in: str
    """`before` or `after`."""


@dataclass(frozen=True, slots=True)
class EnverComparison:
    """All that differs between two envers, or one at two times."""

    before: SideView
    after: SideView
    differences: tuple[Differs, ...]
    commits: tuple[CommitView, ...] = ()
    """Those between, newest first, as far as they were read."""
    more_commits: int = 0
    """How many more there are."""
    notes: tuple[str, ...] = ()
    """What could not be compared, and why."""

    def of(self, because: Because, section: Section | None = None) -> Sequence[Differs]:
        """Those for one reason, perhaps of one section."""
        return [one for one in self.differences if one.because is because and section in (None, one.section)]
