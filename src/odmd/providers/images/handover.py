"""Images stand side by side: nothing is forwarded, and one goes once nobody runs with it or could go back to it."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.running.acting import clearing_target
from odmd.control.scheduler.values import Resource
from odmd.errors import CloudRefused, NotYetCarriedOut
from odmd.model import naming
from odmd.model.build_types import IMAGE
from odmd.model.targets import Target
from odmd.providers.images.ports import ImageCloud
from odmd.providers.images.repository import BUILD_TAG, STATE_TAG, Repository, tags_begin


@dataclass(frozen=True, slots=True)
class ImageHandovers:
    """Takes away images whose values are retired."""

    cloud: ImageCloud
    state: str
    """The id of the state that it retires for."""

    def bridge(self, old: Resource, new: Resource, name: str, enver: str, at: Target | None = None) -> str:  # noqa: ARG002
        raise NotYetCarriedOut(f"no bridge is known from image {old.physical_id} to {new.physical_id}")

    def retire(self, resource: Resource | None, bridge: str | None, product: str) -> str:  # noqa: ARG002
        """Takes the product's tags from its image, and with the last tag the image."""
        if resource is None:
            return ""
        name, _, digest = resource.physical_id.partition("@")
        build, slot, of = product.split("/", 2)
        at = clearing_target(f"{build}/{slot}", IMAGE, Target(resource.account, resource.region))
        repository = Repository(self.cloud, name, at)
        try:
            if name != naming.repository_name(build) or (found := repository.find()) is None:
                return ""
            if (found.tags.get(BUILD_TAG), found.tags.get(STATE_TAG)) != (build, self.state):
                return f"{resource.physical_id} is kept: its repository is not managed by this state"
            if (stored := repository.stored(digest)) is not None:
                repository.forget([stored], tags_begin(slot, of))
        except CloudRefused as failed:
            return f"{resource.physical_id} is kept: {failed.fact}"
        return ""
