"""Which versions may follow which: who installed one may go on to the next, up to a new major version."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from packaging.version import Version

from odmd.errors import ContractsNotLoaded, PackageUnfit, VersionTooLow
from odmd.graph.shape import Shape, breaks
from odmd.providers.packages.release import Release

_SHOWN = 12


def before(version: Version, releases: Sequence[Release]) -> Release | None:
    """The last release below a version, of which people go on to it; a pre-release is compared with none."""
    if version.is_prerelease:
        return None
    lower = [one for one in releases if one.version < version and not one.version.is_prerelease]
    return max(lower, key=lambda one: (one.version, one.is_wheel), default=None)


def may_break(old: Version, new: Version) -> bool:
    """Whether a version says that it may break what an older one promised; below 1.0 its second number says so."""
    return _promise(new) > _promise(old)


def refuse_breaks(name: str, old: Version, new: Version, was: Callable[[], Shape], now: Shape) -> None:
    """Refuses a version that promises less than an older one, and does not say so.

    Args:
        was: the shape of what was published, if it can be had.

    Raises:
        VersionTooLow
        OdmdError: what `was` raises for now, as where the index does not answer.
    """
    if may_break(old, new):
        return
    says_so = f"or raise the version to {_next(old)}, which says that it breaks what {old} promised"
    try:
        found = breaks(was(), now)
    except (PackageUnfit, ContractsNotLoaded) as unknown:
        raise VersionTooLow(
            f"{name} {old}, which is published, cannot be compared with {new}: {unknown}",
            next_step=f"mend that, {says_so}",
        ) from unknown
    if found:
        more = f"\n… and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        broken = "\n".join(found[:_SHOWN])
        raise VersionTooLow(
            f"{name} {new} breaks who installed {old}:\n{broken}{more}", next_step=f"take that back, {says_so}"
        )


def _promise(version: Version) -> tuple[int, int, int]:
    return version.epoch, version.major, 0 if version.major else version.minor


def _next(version: Version) -> str:
    epoch = f"{version.epoch}!" if version.epoch else ""
    return f"{epoch}{version.major + 1}.0.0" if version.major else f"{epoch}0.{version.minor + 1}.0"
