"""How clusters are reached, by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions
    from odmd.providers.kubernetes import Clusters


def clusters_of(settings: Settings, sessions: Sessions | None = None) -> Clusters:
    """Those that the settings name; all others are EKS clusters."""
    from odmd.providers.aws import Sessions
    from odmd.providers.kubernetes import EksClusters, NamedCluster, NamedClusters

    said = settings.clusters.items()
    named = {name: NamedCluster(one.server, one.authority_file, one.token_file) for name, one in said}
    return NamedClusters(named, EksClusters((sessions or Sessions(profiles=settings.profiles)).reader))
