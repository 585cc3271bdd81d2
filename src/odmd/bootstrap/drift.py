"""Who looks whether what runs is what was deployed: what is recorded, and who looks at which build type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.control.leading.drift import DriftLook
from odmd.model.build_types import CDK

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.reading.records import Records
    from odmd.graph import Graph
    from odmd.store.sql import SqlStore


def drift_look(settings: Settings, records: Records, graph: Graph, store: SqlStore) -> DriftLook:
    """With the credentials of this process, and the recipes that a store keeps."""
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.drift import StackObserver
    from odmd.store.artifacts import SqlArtifacts

    observers = {CDK.name: StackObserver(Sessions(profiles=settings.profiles))}
    return DriftLook(records, graph, SqlArtifacts(store.database), observers)
