"""Which version a package for npm has: the one that its package.json says, or a pre-release of that, of one enver."""

from __future__ import annotations

import re
from typing import Final

from odmd.errors import PackageUnfit
from odmd.model import naming

_NUMBER: Final = r"(?:0|[1-9]\d*)"
_IDENTIFIER: Final = rf"(?:{_NUMBER}|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMVER: Final = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
_LONGEST: Final = 256
"""Characters, as npm has it."""
_TREE: Final = re.compile(r"t[0-9a-f]{16}")


def is_version(text: str) -> bool:
    """Whether it is a version by semver.org that npm takes."""
    return len(text) <= _LONGEST and _SEMVER.fullmatch(text) is not None


def prerelease(base: str, slot: str, content: str) -> str:
    """The version of what an enver publishes that does not release: `1.2.3-b-fix-1.t0a1b2c3d4e5f6071`.

    Args:
        base: what package.json says; what it says behind a plus is dropped, as registries do.
        content: digest of what is built.

    Raises:
        PackageUnfit: it would be longer than npm takes.
    """
    plain, dash, before = base.partition("+")[0].partition("-")
    version = f"{plain}-{before}{'.' if dash else ''}{mark(slot)}.t{content[:16]}"
    if not is_version(version):
        raise PackageUnfit(
            f"{base} has no pre-release that npm takes: {version}", next_step="say a shorter version in package.json"
        )
    return version


def mark(slot: str) -> str:
    """What all pre-releases of one enver have, and no other one's."""
    return f"b-{naming.short_slot(slot)}"


def is_of(version: str, slot: str) -> bool:
    """Whether an enver published a version as a pre-release."""
    _, _, said = version.partition("-")
    rest, _, tree = said.rpartition(".")
    return _TREE.fullmatch(tree) is not None and rest.rpartition(".")[2] == mark(slot)


def dist_tag(version: str, slot: str, others: frozenset[str]) -> str:
    """What a version is called in its registry. What people install who name no version is the highest release.

    Args:
        others: the versions that are there.
    """
    if is_of(version, slot):
        return mark(slot)
    if "-" in version:
        return "next"
    mine = _release(version)
    if any((found := _release(one)) is not None and mine is not None and found > mine for one in others):
        return f"release-{version.rpartition('.')[0]}"
    return "latest"


def _release(version: str) -> tuple[int, int, int] | None:
    """The numbers of a release; None of a pre-release, or of what is no version."""
    found = _SEMVER.fullmatch(version)
    if found is None or found[4] is not None:
        return None
    return int(found[1]), int(found[2]), int(found[3])
