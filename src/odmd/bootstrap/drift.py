"""Who looks whether what runs is what was deployed: what is recorded, who looks at which build type, and where it is
kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from odmd.control.leading.drift import DriftLook, Kept
from odmd.model.build_types import CDK

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.reading.records import Records
    from odmd.control.scheduler.actor import Actor
    from odmd.control.scheduler.messages import NoteDrift
    from odmd.graph import Graph
    from odmd.store.sql import SqlStore

_SALT: Final = "drift/salt"


def drift_look(
    settings: Settings,
    records: Records,
    graph: Graph,
    store: SqlStore,
    by: Actor,
    tell: Callable[[Sequence[NoteDrift]], object],
) -> DriftLook:
    """With the credentials of this process, and the recipes that a store keeps."""
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.drift import StackObserver
    from odmd.store.artifacts import SqlArtifacts

    observers = {CDK.name: StackObserver(Sessions(profiles=settings.profiles))}
    salt = store.get(_SALT) or store.put_first(_SALT, secrets.token_hex(16))
    kept = Kept(store.keep_looks, tell, by, salt.encode())
    return DriftLook(records, graph, SqlArtifacts(store.database), observers, kept, settings.drift.every)
