"""Manifests brought into a namespace of a cluster: tried out, shown, applied, waited for, undone if they fail."""

from odmd.providers.kubernetes.access import Clusters, EksClusters, NamedCluster, NamedClusters
from odmd.providers.kubernetes.procedure import KubernetesProcedure, server_version
from odmd.providers.kubernetes.removal import KubernetesRemover
from odmd.providers.kubernetes.rendering import Renderer

__all__ = [
    "Clusters",
    "EksClusters",
    "KubernetesProcedure",
    "KubernetesRemover",
    "NamedCluster",
    "NamedClusters",
    "Renderer",
    "server_version",
]
