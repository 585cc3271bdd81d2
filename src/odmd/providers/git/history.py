"""What was before commits, asked of the caches of repositories."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.world import Between, Kinship
from odmd.errors import RevisionNotFound
from odmd.providers.git.repositories import GitRepositories, refuse_what_is_no_commit

_BEGINNING: Final = re.compile(r"[0-9a-f]{4,64}")
_PLAIN: Final = ("--no-color", "--no-show-signature", "--no-notes", "--no-mailmap", "--no-decorate")


@dataclass(frozen=True, slots=True)
class GitHistory:
    """The `SourceHistory` of git on this machine."""

    repositories: GitRepositories

    def find(self, repo: str, text: str) -> str:
        """Names come before ids, as with git; a name that could be an id and is none is looked for as one."""
        try:
            return self._named(repo, text)
        except RevisionNotFound:
            if not _BEGINNING.fullmatch(text):
                raise
        return self.repositories.find(repo, text)

    def _named(self, repo: str, text: str) -> str:
        with suppress(RevisionNotFound):
            return self.repositories.head(repo, f"branch:{text}")
        return self.repositories.head(repo, f"tag:{text}")

    def kinship(self, repo: str, commit: str, others: Sequence[str]) -> Mapping[str, Kinship]:
        found = dict[str, Kinship]()
        for other in others:
            with suppress(RevisionNotFound):
                ahead, behind = self._counts(repo, other, commit)
                found[other] = Kinship(ahead, behind)
        return found

    def between(self, repo: str, first: str, second: str, limit: int) -> Between:
        how = ("log", *_PLAIN, "--left-right", f"--max-count={limit}", "--format=%m%H%x00%s")
        told = self._ask(repo, first, second, *how)
        lines = (line.partition("\0") for line in told.splitlines())
        commits = [(begins[1:], subject, begins[0] == ">") for begins, _, subject in lines]
        return Between(commits, sum(self._counts(repo, first, second)))

    def text(self, repo: str, commit: str, path: str) -> str:
        return self.repositories.text(repo, commit, path)

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        return self.repositories.content(repo, commit, paths)

    def _counts(self, repo: str, first: str, second: str) -> tuple[int, int]:
        left, right = self._ask(repo, first, second, "rev-list", "--left-right", "--count").split()
        return int(left), int(right)

    def _ask(self, repo: str, first: str, second: str, *words: str) -> str:
        refuse_what_is_no_commit(repo, first)
        asked = (*words, f"{first}...{second}", "--")
        return self.repositories.from_cache(repo, second, lambda cache: cache.history((first, second), *asked))
