"""ODMD041: a repository is `owner/name`, and a build's folder lies within it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import naming

_REPO: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")


@cache
def is_within(folder: str) -> bool:
    """Whether a path of a repository leads to something in it."""
    path = PurePosixPath(folder)
    return bool(folder) and not path.is_absolute() and ".." not in path.parts and "\\" not in folder


@cache
def is_repository(name: str) -> bool:
    """Whether it is `owner/name`."""
    return _REPO.fullmatch(name) is not None


@cache
def is_source(name: str) -> bool:
    """Whether it is `owner/name`, or a package."""
    return is_repository(name) or naming.is_package(name)


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds repositories without an owner, and folders that are absolute or lead out of their repository."""
    for build in draft.all_builds:
        if build.repo is not None and not is_repository(build.repo.name):
            yield Diagnostic(
                "ODMD041",
                f"build {build.name}: repository {build.repo.name!r} is not owner/name",
                build.place,
                'write Repo("owner/name", team)',
            )
        if not is_within(build.folder):
            yield Diagnostic(
                "ODMD041",
                f"build {build.name}: folder {build.folder!r} does not lie within its repository",
                build.place,
                "give a path from the root of the repository, with / between folders",
            )
