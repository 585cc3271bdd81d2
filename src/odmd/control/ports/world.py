"""What is kept and changed outside of the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from odmd.control.running.needs import ArtifactNeeded, Finding
from odmd.control.scheduler.values import Resource
from odmd.model.targets import Target
from odmd.plan.commits import CommitSaid


class Artifacts(Protocol):
    """Immutable content by its digest."""

    def put(self, content: bytes) -> str:
        """Stores, and returns `sha256:<hex>`."""
        ...

    def put_report(self, content: bytes) -> str:
        """As `put`, for as long as journals are kept."""
        ...

    def get(self, digest: str) -> bytes | None: ...


class Repositories(Protocol):
    """Git repositories by their declared name."""

    def head(self, repo: str, revision: str) -> str:
        """The full commit id that `branch:NAME` or `tag:NAME` points to (a tag's commit, not its tag object).

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def said(self, repo: str, commit: str) -> CommitSaid:
        """What a commit says of itself, as its author wrote it: nothing in it is made harmless.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        """The id of what is at and below some paths at a commit; equal where that is equal, byte by byte.

        A path that is not there counts as being empty.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def checkout(self, repo: str, commit: str, into: Path) -> None:
        """Makes `into` hold exactly the tree of a commit, replacing what was there.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...


@dataclass(frozen=True, slots=True)
class Kinship:
    """How one commit stands to another."""

    ahead: int
    """How many commits it has that the other lacks."""
    behind: int
    """How many it lacks that the other has."""


@dataclass(frozen=True, slots=True)
class Between:
    """The commits that one of two has and the other lacks."""

    commits: Sequence[tuple[str, str, bool]]
    """(id, subject, whether it is the second's), newest first, as many as were asked for."""
    count: int
    """How many there are."""


class SourceHistory(Protocol):
    """What was before commits, in git repositories by their declared name. What is not here is fetched."""

    def find(self, repo: str, text: str) -> str:
        """The commit that a branch's or tag's name means, or the beginning of an id.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def kinship(self, repo: str, commit: str, others: Sequence[str]) -> Mapping[str, Kinship]:
        """How others stand to a commit; without those that the repository has not.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def between(self, repo: str, first: str, second: str, limit: int) -> Between:
        """Raises:
        RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def text(self, repo: str, commit: str, path: str) -> str:
        """What a file says at a commit; empty: it is not there.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        """As `Repositories.content`."""
        ...


class Handovers(Protocol):
    """Keeps what is sent to a replaced resource flowing to its successor, and clears up afterwards."""

    def bridge(self, old: Resource, new: Resource, name: str, enver: str, at: Target | None = None) -> str:
        """Makes the old one forward to the new one, both the enver's. Idempotent by `name`. `at` is where they are,
        with the rights of the run.

        Returns an id to remove the bridge by, '' where the old one is gone.

        Raises:
            ResourceNotOurs: one of them is not the enver's.
            NotYetCarriedOut: the type has no bridge, or the two are in different places.
            StackFailed, CloudUnreachable
        """
        ...

    def retire(self, resource: Resource | None, bridge: str | None, product: str) -> str:
        """Removes a product's bridge, then the resource of a value that nobody needs; returns why it stays for good, or
        '' when it is gone. What is not of this product, whatever is recorded of it, stays.

        Raises:
            CloudUnreachable
        """
        ...


class Proof(Protocol):
    """Proves of values of one kind that what they name is there, and can be read from where runs are carried out."""

    def prove(self, need: ArtifactNeeded) -> Finding:
        """Before anything moves; says with whose rights, where that is not who will read it.

        Raises:
            ArtifactMissing: it is not there. Where it is kept may not answer, too, which is another error.
            RightLacking: it is there, and whoever will read it may not.
        """
        ...


class Mirror(Protocol):
    """Texts at paths where other systems read them: published values, the config of services."""

    def held(self, path: str, target: Target) -> str | None:
        """What stands at a path.

        Raises:
            CloudUnreachable
        """
        ...

    def put(self, path: str, text: str, target: Target) -> None:
        """Writes one value to one path.

        Raises:
            CloudUnreachable
        """
        ...

    def clear(self, path: str, target: Target) -> None:
        """Removes what stands at a path and below it.

        Raises:
            CloudUnreachable
        """
        ...
