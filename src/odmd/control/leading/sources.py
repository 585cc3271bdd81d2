"""What the repositories say now: heads, and the content that each build reads there. One that cannot be read is no
reason not to read the others."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

from odmd.control.ports.reads import Documents
from odmd.control.ports.world import Repositories
from odmd.control.reading.heads import note_heads_read
from odmd.control.reading.unreadable import noted
from odmd.control.scheduler.inert import inert
from odmd.errors import OdmdError, RepositoryUnreachable, RevisionNotFound, TagMoved
from odmd.graph import EnverNode
from odmd.plan import Unreadable
from odmd.plan.commits import Author, CommitSaid
from odmd.plan.wiring import promoted_from

K = TypeVar("K", bound=tuple[str, ...])
V = TypeVar("V")

_HEADS: Final = "heads"
_CONTENTS: Final = "contents"
_SAID: Final = "commits"
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Sources:
    """By enver, what was read."""

    heads: Mapping[str, str]
    contents: Mapping[str, str]
    said: Mapping[str, CommitSaid]
    """By commit: what it says of itself."""
    unreadable: tuple[Unreadable, ...]
    """Those that have no head and no content here."""


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Reads repositories, and remembers in the store what it read."""

    repositories: Repositories
    store: Documents | None
    clock: Callable[[], float] = time.time

    def read(
        self,
        envers: Sequence[EnverNode],
        declared: Collection[str],
        runs: Mapping[str, str] | None = None,
        unfit: Mapping[str, OdmdError] = MappingProxyType({}),
        *,
        refresh: bool = True,
    ) -> Sources:
        """The sources of some of the declared envers; each repository's revision is read once.

        Without `refresh`, the heads are those that were read last, where there are such. `runs`: by enver, the commit
        that surely runs; the one of a tag is the one that it stays at. `unfit`: by enver, why it stays as it is
        whatever its source says.

        Raises:
            ToolMissing
        """
        followed = [enver for enver in envers if not promoted_from(enver)]
        heads, lost = self._heads(followed, refresh)
        here = [enver for enver in followed if (enver.repo, enver.revision) in heads]
        if refresh and self.store:
            note_heads_read(self.store, [enver.address for enver in here], declared, self.clock())
        moved = dict(_moved_tags(here, heads, runs or {}))
        here = [enver for enver in here if enver.address not in moved]
        contents, torn = self._contents(here, heads)
        failures: dict[str, OdmdError] = {enver.address: torn[enver.address] for enver in here if enver.address in torn}
        failures |= {one.address: lost[one.repo, one.revision] for one in followed if (one.repo, one.revision) in lost}
        failures |= _promoted_from_nowhere(envers, lost)
        failures |= {**moved, **unfit}
        return Sources(
            {one.address: heads[one.repo, one.revision] for one in here if one.address not in failures},
            contents,
            self._said({(one.repo, heads[one.repo, one.revision]) for one in here}),
            noted(self.store, declared, [enver.address for enver in envers], failures, self.clock()),
        )

    def _heads(
        self, envers: Iterable[EnverNode], refresh: bool
    ) -> tuple[Mapping[tuple[str, str], str], Mapping[tuple[str, str], OdmdError]]:
        """By repository and revision: its commit, or why there is none."""
        known = self._known_heads()
        wanted = {(enver.repo, enver.revision) for enver in envers}
        found, lost = _each(wanted - (set() if refresh else known.keys()), self.repositories.head)
        if self.store and (merged := {**known, **found}) != known:
            self.store.put(_HEADS, json.dumps([(*key, merged[key]) for key in sorted(merged)]))
        return (found if refresh else {**known, **found}), lost

    def _contents(
        self, envers: Iterable[EnverNode], heads: Mapping[tuple[str, str], str]
    ) -> tuple[Mapping[str, str], Mapping[str, OdmdError]]:
        """By enver: the content that it reads at its head, or why not; what is known of a commit is not read again."""
        reads = {one.address: (one.repo, heads[one.repo, one.revision], *one.reads) for one in envers}
        said: list[tuple[list[str], str]] = json.loads(self.store.get(_CONTENTS) or "[]") if self.store else []
        known = {tuple(key): content for key, content in said}
        found, torn = _each({key for key in reads.values() if key not in known}, self._content)
        kept = {**known, **found}
        if found and self.store:
            alive = {(repo, commit) for (repo, _), commit in self._known_heads().items()}
            self.store.put(_CONTENTS, json.dumps([(key, kept[key]) for key in sorted(kept) if key[:2] in alive]))
        return (
            {enver: kept[key] for enver, key in reads.items() if key in kept},
            {enver: torn[key] for enver, key in reads.items() if key in torn},
        )

    def _said(self, wanted: Collection[tuple[str, str]]) -> Mapping[str, CommitSaid]:
        """Each is read once; no plan fails for want of a label."""
        rows: list[list[Any]] = json.loads(self.store.get(_SAID) or "[]") if self.store else []
        known = {(repo, commit): _from_row(*row) for repo, commit, *row in rows}
        read, _ = _each(set(wanted) - known.keys(), self.repositories.said)
        kept = known | {key: _harmless(one) for key, one in read.items()}
        if read and self.store:
            alive = {(repo, commit) for (repo, _), commit in self._known_heads().items()}
            self.store.put(_SAID, json.dumps([(*key, *_row(kept[key])) for key in sorted(kept) if key in alive]))
        return {commit: kept[repo, commit] for repo, commit in wanted if (repo, commit) in kept}

    def _content(self, repo: str, commit: str, *paths: str) -> str:
        return self.repositories.content(repo, commit, paths)

    def _known_heads(self) -> Mapping[tuple[str, str], str]:
        said: list[tuple[str, str, str]] = json.loads(self.store.get(_HEADS) or "[]") if self.store else []
        return {(repo, revision): commit for repo, revision, commit in said}


def _harmless(one: CommitSaid) -> CommitSaid:
    """As it may be shown anywhere."""
    name = inert(one.author.name) if one.author else ""
    return CommitSaid(inert(one.subject), Author(name, one.author.at) if one.author and name else None)


def _row(one: CommitSaid) -> tuple[str, str, float | None]:
    return (one.subject, one.author.name, one.author.at) if one.author else (one.subject, "", None)


def _from_row(subject: str, name: str, at: float | None) -> CommitSaid:
    return CommitSaid(subject, Author(name, at) if name else None)


def _each(wanted: Collection[K], read: Callable[..., V]) -> tuple[dict[K, V], dict[K, OdmdError]]:
    """What was read, and what could not be, and why."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        reading = {key: pool.submit(read, *key) for key in wanted}
    found, failed = dict[K, V](), dict[K, OdmdError]()
    for key, answer in reading.items():
        try:
            found[key] = answer.result()
        except (RepositoryUnreachable, RevisionNotFound) as failure:
            failed[key] = failure
    return found, failed


def _promoted_from_nowhere(
    envers: Iterable[EnverNode], lost: Mapping[tuple[str, str], OdmdError]
) -> Iterable[tuple[str, OdmdError]]:
    """Promoted envers whose whole repository cannot be read, so that no commit can be taken over from it."""
    away = {repo: why for (repo, _), why in lost.items() if isinstance(why, RepositoryUnreachable)}
    return ((one.address, away[one.repo]) for one in envers if promoted_from(one) and one.repo in away)


def _moved_tags(
    envers: Iterable[EnverNode], heads: Mapping[tuple[str, str], str], runs: Mapping[str, str]
) -> Iterable[tuple[str, OdmdError]]:
    """Envers of tags that somebody moved after they were deployed: a tag says what it is for good."""
    for one in envers:
        now, ran = heads[one.repo, one.revision], runs.get(one.address, "")
        if one.revision.startswith("tag:") and ran not in ("", now):
            tag = one.revision.removeprefix("tag:")
            yield (
                one.address,
                TagMoved(
                    f"tag {tag} of {one.repo} was moved from {ran[:7]}, which runs, to {now[:7]}",
                    next_step=f"move it back, or give what is new a tag of its own; "
                    f"to have {now[:7]} under this one, take the enver out of the contracts and declare it again",
                ),
            )
