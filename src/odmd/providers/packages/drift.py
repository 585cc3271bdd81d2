"""Looks whether a registry has of a package what the last run published there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from odmd.control.running.observing import LastDeployed, Observation
from odmd.control.scheduler.drift import Deviation
from odmd.errors import RecipeUnfit
from odmd.graph import EnverNode
from odmd.graph.built import PackageNode
from odmd.providers.packages.package_version import File, PackageRegistry

_DIGEST_SHOWN: Final = 19


class PublishedPackage(NamedTuple):
    """What a recipe says that was published."""

    registry: PackageRegistry
    version: str
    files: Sequence[File]


@dataclass(frozen=True, slots=True)
class PackageObserver:
    """An `Observer` of envers whose product is a package: by the hashes that the registry lists, or by its files where
    it lists none. Who installed it meanwhile is not looked at."""

    published: Callable[[bytes, EnverNode], PublishedPackage]
    """By recipe, and as the contracts had the enver."""

    def observe(self, deployed: LastDeployed, *, resources: bool) -> Observation:  # noqa: ARG002  # a package is whole
        """Raises:
        RecipeUnfit, IndexUnreachable, SettingsInvalid
        """
        return Observation(tuple(_deviations(self.published(deployed.recipe, deployed.node))))


def package_in(enver: EnverNode) -> PackageNode:
    """How it is published.

    Raises:
        RecipeUnfit: an older release wrote the contracts down.
    """
    if isinstance(enver.built, PackageNode):
        return enver.built
    raise RecipeUnfit(f"{enver.label} does not say which index it is published to")


def _deviations(said: PublishedPackage) -> Iterator[Deviation]:
    registry, unit = said.registry, f"{said.registry.package.distribution} {said.version}"
    there = {one.filename: one for one in registry.published(said.version)}
    for file in said.files:
        wanted, one = registry.digest(file.content), there.get(file.filename)
        if one is None:
            yield Deviation(unit, "package", file.filename, _short(wanted), "is not there any more")
        elif (digest := one.digest or registry.digest(one.read())) != wanted:
            yield Deviation(unit, "package", file.filename, _short(wanted), _short(digest))


def _short(digest: str) -> str:
    return f"{digest[:_DIGEST_SHOWN]}…"
