"""Repositories in memory, for tests of what uses them."""

from __future__ import annotations

import hashlib
import posixpath
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from odmd.control.ports.world import Between, Kinship
from odmd.errors import RepositoryUnreachable
from odmd.plan.commits import Author, CommitSaid
from odmd.providers.git.missing import commit_not_found, revision_not_found


class FakeRepositories:
    """Answers as `GitRepositories` does; `commit` and `tag` stand for somebody who pushes."""

    def __init__(self) -> None:
        self._revisions: dict[str, dict[str, str]] = {}
        self._trees: dict[tuple[str, str], Mapping[str, str]] = {}
        self._said: dict[tuple[str, str], CommitSaid] = {}
        self._before: dict[tuple[str, str], str | None] = {}

    def commit(
        self,
        repo: str,
        branch: str,
        files: Mapping[str, str],
        subject: str = "work",
        since: str = "",
        author: str = "somebody",
    ) -> str:
        """Makes a branch point to a new commit with exactly these files, after what it, or another one, points to;
        returns its id."""
        count = str(len(self._trees))
        commit = hashlib.sha1("\0".join([count, *map(str, files.items())]).encode(), usedforsecurity=False).hexdigest()
        self._trees[repo, commit] = dict(files)
        self._said[repo, commit] = CommitSaid(subject, Author(author, 1.7e9))
        self._before[repo, commit] = self._revisions.get(repo, {}).get(f"branch:{since or branch}")
        self._revisions.setdefault(repo, {})[f"branch:{branch}"] = commit
        return commit

    def tag(self, repo: str, name: str, commit: str) -> None:
        """Makes a tag point to a commit."""
        self._revisions[repo][f"tag:{name}"] = commit

    def lose(self, repo: str, revision: str = "") -> None:
        """Takes a repository away, or one of its branches or tags; a new commit or tag brings it back."""
        if revision:
            del self._revisions[repo][revision]
        else:
            del self._revisions[repo]

    def head(self, repo: str, revision: str) -> str:
        known = self._known(repo)
        if revision not in known:
            raise revision_not_found(repo, revision, known)
        return known[revision]

    def said(self, repo: str, commit: str) -> CommitSaid:
        self._known(repo)
        if (repo, commit) not in self._said:
            raise commit_not_found(repo, commit)
        return self._said[repo, commit]

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        self._known(repo)
        files = self._trees.get((repo, commit))
        if files is None:
            raise commit_not_found(repo, commit)
        below = [posixpath.normpath(path) for path in paths]
        read = {n: t for n, t in files.items() if any(p == "." or f"{n}/".startswith(f"{p}/") for p in below)}
        return hashlib.sha256(repr((sorted(below), sorted(read.items()))).encode()).hexdigest()

    def find(self, repo: str, text: str) -> str:
        known = self._known(repo)
        begins = [commit for of, commit in self._trees if of == repo and len(text) > 3 and commit.startswith(text)]
        if found := known.get(f"branch:{text}") or known.get(f"tag:{text}") or (len(begins) == 1 and begins[0]):
            return found
        raise commit_not_found(repo, text)

    def kinship(self, repo: str, commit: str, others: Sequence[str]) -> Mapping[str, Kinship]:
        there = [other for other in others if (repo, other) in self._trees]
        lines = {other: (set(self._line(repo, other)), set(self._line(repo, commit))) for other in there}
        return {other: Kinship(len(theirs - ours), len(ours - theirs)) for other, (theirs, ours) in lines.items()}

    def between(self, repo: str, first: str, second: str, limit: int) -> Between:
        one, other = self._line(repo, first), self._line(repo, second)
        found = [(commit, True) for commit in other if commit not in one]
        found += [(commit, False) for commit in one if commit not in other]
        return Between([(commit, self._said[repo, commit].subject, new) for commit, new in found[:limit]], len(found))

    def text(self, repo: str, commit: str, path: str) -> str:
        self.said(repo, commit)
        return self._trees[repo, commit].get(path, "")

    def _line(self, repo: str, commit: str) -> Sequence[str]:
        """A commit and all before it, newest first."""
        self.said(repo, commit)
        found, at = list[str](), commit or None
        while at is not None:
            found.append(at)
            at = self._before[repo, at]
        return found

    def checkout(self, repo: str, commit: str, into: Path) -> None:
        self._known(repo)
        files = self._trees.get((repo, commit))
        if files is None:
            raise commit_not_found(repo, commit)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for name, text in files.items():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).write_text(text, encoding="utf-8")

    def _known(self, repo: str) -> Mapping[str, str]:
        if repo not in self._revisions:
            raise RepositoryUnreachable(f"there is no repository {repo}", next_step="commit something to it first")
        return self._revisions[repo]
