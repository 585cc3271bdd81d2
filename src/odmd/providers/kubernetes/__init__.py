"""Manifests brought into a namespace of a cluster: tried out, shown, applied, waited for, undone if they fail."""

from odmd.providers.kubernetes.access import Clusters, EksClusters, NamedCluster, NamedClusters
from odmd.providers.kubernetes.procedure import KubernetesProcedure
from odmd.providers.kubernetes.proof import ClusterProof
from odmd.providers.kubernetes.removal import KubernetesRemover
from odmd.providers.kubernetes.rendering import Renderer

__all__ = [
    "ClusterProof",
    "Clusters",
    "EksClusters",
    "KubernetesProcedure",
    "KubernetesRemover",
    "NamedCluster",
    "NamedClusters",
    "Renderer",
]
