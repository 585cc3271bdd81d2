"""Repositories, wherever `locate` says that they are."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from odmd.errors import RepositoryUnreachable
from odmd.plan.commits import Author, CommitSaid
from odmd.private import private_folder
from odmd.providers.git.addresses import Address
from odmd.providers.git.cache import ABSENT, Cache
from odmd.providers.git.command import GitFailed, git
from odmd.providers.git.missing import commit_not_found, revision_not_found
from odmd.providers.git.remote import FindRemote, Remote, as_the_settings_say
from odmd.providers.git.whole_tree import WholeTree, without_password
from odmd.trees import remove_tree

T = TypeVar("T")

COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
SPACES: Final = {"branch": "refs/heads/", "tag": "refs/tags/"}
PEELED: Final = "^{}"
_SHA1: Final = 40
ASKING_SECONDS: Final = 60.0


class GitRepositories:
    """Git on this machine.

    Args:
        locate: a repository's declared name → a path or a URL (https, ssh, file).
        cache: a folder for the commits that were fetched; it may be removed when nothing runs.
        find_remote: where it is by that, and as whom git asks there.
    """

    def __init__(
        self, locate: Callable[[str], str], cache: Path, find_remote: FindRemote = as_the_settings_say
    ) -> None:
        self._locate, self._cache, self._find_remote = locate, cache.absolute(), find_remote

    def head(self, repo: str, revision: str) -> str:
        """The full commit id that `branch:NAME` or `tag:NAME` points to (a tag's commit, not its tag object).

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        kind, _, name = revision.partition(":")
        wanted = f"{SPACES.get(kind, '')}{name}"
        if kind in SPACES and name:
            found = self._refs(repo, wanted, wanted + PEELED)
            if commit := found.get(wanted + PEELED) or found.get(wanted):
                return commit
        raise revision_not_found(repo, revision, self._revisions(repo))

    def said(self, repo: str, commit: str) -> CommitSaid:
        """What a commit says of itself; it is fetched, as a checkout would do.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        how = ("--no-patch", "--no-show-signature", "--no-notes", "--no-mailmap", "--format=%at%x00%an%x00%s")
        told = self.from_cache(repo, commit, lambda cache: cache.ask(commit, "show", *how, commit)).rstrip("\n")
        at, name, subject = told.split("\0", 2)
        return CommitSaid(subject, Author(name, _time(at)) if name else None)

    def log(self, repo: str, commit: str, path: str, *arguments: str) -> str:
        """What `git log` says of what is at a path, from a commit back; the same whoever asks.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        how = ("--no-color", "--no-show-signature", "--no-notes", "--no-mailmap", "--no-decorate", "--no-renames")
        return self.from_cache(repo, commit, lambda cache: cache.log(commit, path, *how, *arguments))

    def text(self, repo: str, commit: str, path: str) -> str:
        """What a file says at a commit that `log` told of; empty: it is not there.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """

        def read(cache: Cache) -> str:
            there = cache.ask(commit, "ls-tree", "--full-tree", "--name-only", commit, "--", path)
            return cache.ask(commit, "cat-file", "blob", f"{commit}:{path}") if there else ""

        return self.from_cache(repo, commit, read)

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        """The id of what is at and below some paths at a commit; it is fetched, as a checkout would do.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        return self.from_cache(repo, commit, lambda cache: cache.content(commit, paths))

    def checkout(self, repo: str, commit: str, into: Path) -> None:
        """Makes `into` hold exactly the tree of a commit, replacing what was there; there is no `.git` in it.

        Raises:
            RepositoryUnreachable, RevisionNotFound, CheckoutIncomplete, ToolMissing
        """
        refuse_what_is_no_commit(repo, commit)
        private_folder(into.parent)
        _remove_left_over(into)
        new = Path(tempfile.mkdtemp(dir=into.parent, prefix=_prefix(into)))
        try:
            remote = self._remote(repo)

            def cache_of(url: str, of: str) -> Cache:
                """Submodules are read as nobody in particular: who names one may not be let see it."""
                return self._cache_of(remote if url == remote.url else Remote(url), of)

            whole, address = WholeTree(repo, new, cache_of), Address.declared(remote.url, repo)
            self._reading(repo, commit, lambda: whole.write(commit, address, remote.url))
            _remove(into)
            new.rename(into)
        finally:
            _remove(new)

    def from_cache(self, repo: str, commit: str, read: Callable[[Cache], T]) -> T:
        """Reads something of a commit that may have to be fetched.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        refuse_what_is_no_commit(repo, commit)
        return self._reading(repo, commit, lambda: read(self._cache_of(self._remote(repo), commit)))

    def _cache_of(self, remote: Remote, commit: str) -> Cache:
        return Cache(self._cache, remote, "sha1" if len(commit) == _SHA1 else "sha256")

    def _reading(self, repo: str, commit: str, read: Callable[[], T]) -> T:
        try:
            return read()
        except GitFailed as failure:
            if ABSENT.search(failure.said):
                raise commit_not_found(repo, commit) from failure
            raise _unreachable(repo, self._locate(repo), failure) from failure

    def find(self, repo: str, beginning: str) -> str:
        """The commit whose id begins so.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        return self._reading(repo, beginning, lambda: self._cache_of(self._remote(repo), "0" * _SHA1).find(beginning))

    def _revisions(self, repo: str) -> list[str]:
        refs = [ref for ref in self._refs(repo) if not ref.endswith(PEELED)]
        return [
            f"{kind}:{ref[len(space) :]}" for kind, space in SPACES.items() for ref in refs if ref.startswith(space)
        ]

    def _refs(self, repo: str, *patterns: str) -> dict[str, str]:
        """Ref name → object id, of the remote as it is now."""
        remote = self._remote(repo)
        private_folder(self._cache)
        try:
            words = ("ls-remote", "--quiet", "--", remote.url, *patterns)
            told = git(*words, within=self._cache, extra=remote.environment, leash=True, timeout=ASKING_SECONDS)
        except GitFailed as failure:
            raise _unreachable(repo, remote.url, failure) from failure
        lines = (line.partition("\t") for line in told.splitlines())
        return {ref: commit for commit, _, ref in lines}

    def _remote(self, repo: str) -> Remote:
        where = self._locate(repo)
        if os.path.exists(where):  # noqa: PTH110  # pathlib raises for some
            return Remote(str(Path(where).absolute()))
        return self._find_remote(repo, where)


def _time(said: str) -> float | None:
    """Anybody can write any time into a commit."""
    return float(said) if re.fullmatch(r"[0-9]{1,11}", said) else None


def refuse_what_is_no_commit(repo: str, commit: str) -> None:
    """Raises:
    RevisionNotFound
    """
    if COMMIT.fullmatch(commit) is None:
        raise commit_not_found(repo, commit)


def _unreachable(repo: str, url: str, failure: GitFailed) -> RepositoryUnreachable:
    shown = without_password(url)
    said = without_password(failure.said.partition("\n")[0]).removeprefix("fatal: ")
    return RepositoryUnreachable(
        f"repository {repo} at {shown} cannot be read: {said}",
        next_step=f"see what `git ls-remote {shown}` says; the address may be wrong, or access missing",
    )


def _prefix(into: Path) -> str:
    return f".{into.name}.new-"


def _remove_left_over(into: Path) -> None:
    """What a killed process began; what its git still writes to is left for the next time."""
    for entry in into.parent.iterdir():
        if entry.name.startswith(_prefix(into)):
            remove_tree(entry)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        remove_tree(path)
