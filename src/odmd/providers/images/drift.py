"""Looks whether the images of an enver are in their repository as its last run left them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from odmd.control.running.observing import LastDeployed, Observation
from odmd.control.scheduler.drift import Deviation, gone_unit
from odmd.plan.inventory import short_digests
from odmd.providers.images.ports import ImageCloud
from odmd.providers.images.procedure import repository_of
from odmd.providers.images.recipe import Built, from_recipe
from odmd.providers.images.repository import Repository, tag_of, unit_of


@dataclass(frozen=True, slots=True)
class ImageObserver:
    """An `Observer` of envers of build type `image`. An image is its digest, so its content is what it was; who may
    pull is not looked at, as other envers of the build say so, too."""

    cloud: ImageCloud

    def observe(self, deployed: LastDeployed, *, resources: bool) -> Observation:  # noqa: ARG002  # a request an image
        repository = repository_of(deployed.node, self.cloud)
        unit, built = unit_of(repository.name), from_recipe(deployed.recipe, deployed.node)
        if (found := repository.find()) is None:
            return Observation((gone_unit(unit, "repository"),))
        seen = [] if found.immutable else [Deviation(unit, "image", "tags", "never move", "may be moved")]
        for name, one in built.items():
            seen += _of_image(deployed, repository, name, one)
        return Observation(tuple(seen))


def _of_image(deployed: LastDeployed, repository: Repository, name: str, built: Built) -> Iterator[Deviation]:
    unit, digest = unit_of(repository.name), built.blob.digest
    if (stored := repository.stored(digest)) is None:
        yield Deviation(unit, "image", name, short_digests(digest), "is not there any more")
    elif (tag := tag_of(deployed.node.slot, name, deployed.commit, digest)) not in stored.tags:
        yield Deviation(unit, "image", f"tag of {name}", tag, ", ".join(stored.tags) or "no tag")
