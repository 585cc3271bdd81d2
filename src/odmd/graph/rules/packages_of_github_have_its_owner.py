"""ODMD065: a package at GitHub Packages has the owner of its repository as its scope."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from odmd.errors import Diagnostic
from odmd.graph.built import PackageNode
from odmd.graph.draft import Draft
from odmd.model.build_types import NPM

GITHUB: Final = "npm.pkg.github.com"


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds packages that GitHub would refuse, or that would be somebody else's."""
    for node in draft.nodes:
        package = node.built if node.build_type == NPM.name else None
        if not isinstance(package, PackageNode) or not is_github(package.index):
            continue
        owner, scope = node.repo.partition("/")[0].lower(), package.distribution.partition("/")[0]
        if scope != f"@{owner}":
            yield Diagnostic(
                "ODMD065",
                f"{node.label}: GitHub Packages takes {package.distribution} from nobody but {scope.lstrip('@')}, and "
                f"{node.repo} is {owner}'s",
                node.place,
                f'say package_name="@{owner}/…", in its package.json, too, or another registry',
            )


def is_github(registry: str) -> bool:
    """Whether GitHub Packages is at an address."""
    try:
        return urlsplit(registry).hostname == GITHUB
    except ValueError:
        return False
