"""Looks whether the values that an enver publishes stand in the parameter store as the log has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from odmd.control.ports.world import Mirror
from odmd.control.running.observing import LastDeployed
from odmd.control.scheduler.drift import Deviation
from odmd.model import naming
from odmd.model.targets import Target


@dataclass(frozen=True, slots=True)
class MirrorLook:
    """That of one organisation, whose central account has the values."""

    mirror: Mirror
    central: str

    def deviations(self, deployed: LastDeployed) -> Iterator[Deviation]:
        """Of each product, in each region where others read it.

        Raises:
            CloudUnreachable, CloudRefused
        """
        node = deployed.node
        for product in node.products:
            if (text := deployed.published.get(product.name)) is None:
                continue
            for region in dict.fromkeys((node.region, *product.regions)):
                path = f"{naming.SHARE}/{product.address}"
                found = self.mirror.held(path, Target(self.central, region))
                if found == text:
                    continue
                where = f"{path} in {region}"
                if product.sensitive:
                    yield Deviation(where, "value", product.name, "", "differs", deployed.mark(found or ""))
                else:
                    yield Deviation(where, "value", product.name, text, found or "")
