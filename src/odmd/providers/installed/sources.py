"""Repositories and installed packages, side by side: by its name it is told which of them a source is."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from odmd.control.ports.world import Repositories
from odmd.errors import OtherVersionInstalled, PackageHasNoBranches
from odmd.model import naming
from odmd.plan.commits import NOTHING_SAID, CommitSaid
from odmd.private import private_folder
from odmd.providers.installed.package import InstalledPackage, installed
from odmd.trees import remove_tree


@dataclass(frozen=True, slots=True)
class InstalledSources:
    """The `Repositories` of packages, which leaves what has an owner to `others`."""

    others: Repositories

    def head(self, repo: str, revision: str) -> str:
        if not naming.is_package(repo):
            return self.others.head(repo, revision)
        how, _, name = revision.partition(":")
        if how != "installed":
            raise PackageHasNoBranches(
                f"{repo} is a package, and has no {how} {name}", next_step="it is followed as it is installed"
            )
        return installed(repo).id

    def said(self, repo: str, commit: str) -> CommitSaid:
        return NOTHING_SAID if naming.is_package(repo) else self.others.said(repo, commit)

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        """A package is installed as a whole: whichever of its folders a build reads, another version is another."""
        return commit if naming.is_package(repo) else self.others.content(repo, commit, paths)

    def checkout(self, repo: str, commit: str, into: Path) -> None:
        if not naming.is_package(repo):
            return self.others.checkout(repo, commit, into)
        package = at_version(repo, commit)
        remove_tree(into)
        private_folder(into.parent)
        for name in package.files():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(package.folder / name, into / name)
        _refuse_another(commit, InstalledPackage(repo, into, package.version))
        return None


def at_version(repo: str, commit: str) -> InstalledPackage:
    """Raises:
    PackageNotInstalled
    OtherVersionInstalled
    """
    package = installed(repo)
    _refuse_another(commit, package)
    return package


def _refuse_another(commit: str, package: InstalledPackage) -> None:
    if package.id == commit:
        return
    wanted, name = naming.short_commit(commit), package.name
    if package.version == wanted:
        raise OtherVersionInstalled(
            f"the files of {name} {wanted} are others here than when it was planned",
            next_step="install it anew, or plan again: `odmd plan`",
        )
    raise OtherVersionInstalled(
        f"{name} {package.version} is installed here, and {wanted} is planned",
        next_step=f"install {wanted} where runs are carried out, or plan again: `odmd plan`",
    )
