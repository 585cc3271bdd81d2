"""Who looks whether what runs is what was deployed: what is recorded, and who looks at which build type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.control.leading.drift import DriftLook
from odmd.model.build_types import CDK

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.ports.world import Artifacts
    from odmd.control.reading.records import Records
    from odmd.graph import Graph


def drift_look(settings: Settings, records: Records, graph: Graph, artifacts: Artifacts) -> DriftLook:
    """With the credentials of this process."""
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.drift import StackObserver

    return DriftLook(records, graph, artifacts, {CDK.name: StackObserver(Sessions(profiles=settings.profiles))})
