"""The tree of a commit with all that it only refers to: submodules, and files in Git LFS."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from odmd.errors import CheckoutIncomplete, RepositoryUnreachable
from odmd.providers.git.addresses import Address, AddressRefused
from odmd.providers.git.cache import ABSENT, Cache
from odmd.providers.git.command import GitFailed
from odmd.providers.git.large_files import fetch_pointed, is_lfs_here, pointers
from odmd.providers.git.submodules import Submodule, submodules
from odmd.texts import first_of

_DEEPEST: Final = 5
_MOST: Final = 100
_SHOWN: Final = 5


@dataclass(slots=True)
class WholeTree:
    """One checkout of `repo` into the folder `root`, which holds nothing yet."""

    repo: str
    root: Path
    cache: Callable[[str, str], Cache]
    """The cache of a URL, for a commit."""
    count: int = field(default=0, init=False)

    def write(self, commit: str, address: Address, url: str) -> None:
        """Writes it.

        Raises:
            GitFailed: the repository itself cannot be read.
            CheckoutIncomplete, RepositoryUnreachable, ToolMissing
        """
        cache = self.cache(url, commit)
        cache.write_tree(commit, self.root)
        self._complete(cache, commit, address, self.root, ())

    def _complete(self, cache: Cache, commit: str, address: Address, at: Path, above: Sequence[Submodule]) -> None:
        self._fill_pointers(cache, commit, at)
        try:
            found = list(submodules(cache, commit))
        except GitFailed as failure:
            raise self._incomplete(f".gitmodules cannot be read: {failure.said.partition(chr(10))[0]}") from failure
        for one in found:
            self._add(one, address, at, (*above, one))

    def _add(self, one: Submodule, parent: Address, at: Path, above: Sequence[Submodule]) -> None:
        shown = "/".join(each.path for each in above)
        self.count += 1
        if len(above) > _DEEPEST or self.count > _MOST:
            raise self._incomplete(
                f"{shown} is a submodule too much: more than {_DEEPEST} inside each other, or {_MOST} in all"
            )
        address = self._address(one, parent, shown)
        into = at / one.path
        into.mkdir(parents=True, exist_ok=True)
        if not into.resolve().is_relative_to(self.root.resolve()) or any(into.iterdir()):
            raise self._incomplete(f"{shown} is a submodule, and something else is there")
        cache = self.cache(str(address), one.commit)
        try:
            cache.write_tree(one.commit, into)
        except GitFailed as failure:
            raise self._not_fetched(shown, one, address, failure) from failure
        self._complete(cache, one.commit, address, into, above)

    def _address(self, one: Submodule, parent: Address, shown: str) -> Address:
        if not one.said:
            raise self._incomplete(f"{shown} is a submodule, and .gitmodules does not say where it is")
        try:
            return parent.of_submodule(one.said)
        except AddressRefused as refused:
            raise self._incomplete(f"{shown} is a submodule at {one.said[:200]!r}: {refused}") from refused

    def _not_fetched(self, shown: str, one: Submodule, address: Address, failure: GitFailed) -> Exception:
        where, said = without_password(str(address)), without_password(failure.said.partition("\n")[0])
        if ABSENT.search(failure.said):
            what = f"{shown} is a submodule, and {where} has no commit {one.commit[:12]}"
            return self._incomplete(what, "push that commit, or commit another one of the submodule")
        return RepositoryUnreachable(
            f"submodule {shown} of {self.repo} at {where} cannot be read: {said.removeprefix('fatal: ')}",
            next_step=f"see what `git ls-remote {where}` says; the address may be wrong, or access missing",
        )

    def _fill_pointers(self, cache: Cache, commit: str, at: Path) -> None:
        if not (found := pointers(at)):
            return
        if not is_lfs_here():
            raise self._in_lfs(list(found), "install git-lfs where runs are carried out")
        try:
            left = fetch_pointed(cache, commit, found)
        except GitFailed as failure:
            said = without_password(failure.said.strip().rpartition("\n")[2])
            raise self._in_lfs(list(found), f"`git lfs fetch` must work there; it said: {said}") from failure
        if left:
            raise self._in_lfs(left, "push them: `git lfs push --all origin`")

    def _in_lfs(self, paths: Sequence[Path], next_step: str) -> CheckoutIncomplete:
        names = first_of([os.path.relpath(path, self.root) for path in paths], _SHOWN)
        verb = "is a Git LFS pointer" if len(paths) == 1 else "are Git LFS pointers"
        return self._incomplete(f"{names} {verb}, and what it stands for is not there", next_step)

    def _incomplete(self, what: str, next_step: str = "") -> CheckoutIncomplete:
        return CheckoutIncomplete(f"{self.repo}: {what}", next_step=next_step or "mend .gitmodules, and commit it")


def without_password(text: str) -> str:
    """A text without what stands before the host in its addresses."""
    return re.sub(r"//[^/@\s]*@", "//", text)
