"""Who looks whether what runs is what was deployed: what is recorded, who looks at which build type, and where it is
kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from odmd.control.leading.drift import DriftLook, LookKeeping
from odmd.control.leading.mirrored import MirrorLook
from odmd.model.build_types import CDK, CONTRACTS, IMAGE, KUBERNETES, NPM, PYTHON

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.reading.records import Records
    from odmd.control.running.observing import Observer
    from odmd.control.scheduler.actor import Actor
    from odmd.control.scheduler.messages import NoteDrift
    from odmd.graph import Graph
    from odmd.providers.aws import Sessions
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
    from odmd.providers.aws import AwsMirror, Sessions
    from odmd.providers.aws.trail import TrailTeller
    from odmd.store.artifacts import SqlArtifacts

    salt = store.get(_SALT) or store.put_first(_SALT, secrets.token_hex(16))
    kept = LookKeeping(store.keep_looks, tell, by, salt.encode())
    sessions = Sessions(profiles=settings.profiles)
    mirror = MirrorLook(AwsMirror(sessions), graph.central_account)
    tellers = {CDK.name: TrailTeller(sessions)}
    artifacts, observers = SqlArtifacts(store.database), _observers(settings, sessions)
    return DriftLook(records, graph, artifacts, observers, tellers, mirror, kept, settings.drift.every)


def _observers(settings: Settings, sessions: Sessions) -> Mapping[str, Observer]:
    """By build type; of the others nobody can tell."""
    from odmd.bootstrap.clusters import clusters_of
    from odmd.providers.aws import AwsImageCloud
    from odmd.providers.aws.drift import StackObserver
    from odmd.providers.contracts import drift as contracts
    from odmd.providers.images.drift import ImageObserver
    from odmd.providers.kubernetes.drift import ReleaseObserver
    from odmd.providers.npm import drift as npm
    from odmd.providers.packages.drift import PackageObserver
    from odmd.providers.python import drift as python

    return {
        CDK.name: StackObserver(sessions),
        IMAGE.name: ImageObserver(AwsImageCloud(sessions)),
        KUBERNETES.name: ReleaseObserver(clusters_of(settings, sessions)),
        NPM.name: PackageObserver(npm.published),
        PYTHON.name: PackageObserver(python.published),
        CONTRACTS.name: PackageObserver(contracts.published),
    }
