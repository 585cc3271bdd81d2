"""What was before versions of packages: of those that are not installed any more, their order alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from odmd.control.ports.world import Between, Kinship, SourceHistory
from odmd.errors import PackageHasNoBranches
from odmd.model import naming
from odmd.providers.installed.package import installed
from odmd.providers.installed.sources import at_version


@dataclass(frozen=True, slots=True)
class InstalledHistory:
    """The `SourceHistory` of packages, which leaves what has an owner to `others`."""

    others: SourceHistory

    def find(self, repo: str, text: str) -> str:
        if not naming.is_package(repo):
            return self.others.find(repo, text)
        if (package := installed(repo)).version == text:
            return package.id
        raise PackageHasNoBranches(
            f"{repo} {text} is not what is installed here, which is {package.version}",
            next_step=f"ask for {package.version}",
        )

    def kinship(self, repo: str, commit: str, others: Sequence[str]) -> Mapping[str, Kinship]:
        if not naming.is_package(repo):
            return self.others.kinship(repo, commit, others)
        return {other: kin for other in others if (kin := _kinship(other, commit))}

    def between(self, repo: str, first: str, second: str, limit: int) -> Between:
        if not naming.is_package(repo):
            return self.others.between(repo, first, second, limit)
        raise PackageHasNoBranches(
            f"{repo} is a package, and says nothing of what came between its versions",
            next_step="read its own list of changes",
        )

    def text(self, repo: str, commit: str, path: str) -> str:
        if not naming.is_package(repo):
            return self.others.text(repo, commit, path)
        package = at_version(repo, commit)
        return (package.folder / path).read_text() if path in set(package.files()) else ""

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        return commit if naming.is_package(repo) else self.others.content(repo, commit, paths)


def _kinship(one: str, other: str) -> Kinship | None:
    """How a version stands to another; None: they are of no order."""
    from packaging.version import InvalidVersion, Version

    try:
        mine, others = (Version(naming.short_commit(each)) for each in (one, other))
    except InvalidVersion:
        return None
    if mine == others:
        return None  # the same version with other files
    return Kinship(int(mine > others), int(mine < others))
