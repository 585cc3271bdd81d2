"""Envers whose manifests are brought into a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from odmd.graph.built.how import HowBuilt
from odmd.model import HelmChart, KubernetesEnver, Kustomize, Manifests, ManifestSource, PrintedManifests
from odmd.model.build_types import KUBERNETES
from odmd.model.kinds import EksCluster


@dataclass(frozen=True, slots=True)
class KubernetesNode(HowBuilt):
    """How an enver gets its manifests, and into which cluster they go."""

    types = (KUBERNETES.name,)
    made_by: str
    """`manifests`, `kustomize`, `helm` or `program`."""
    of: str
    """A folder, or a command."""
    cluster: str
    """Its name, where the contracts say it."""
    cluster_input: str
    """The input that says its name, where it is consumed."""
    values: tuple[str, ...] = ()
    """Files with a chart's values."""
    release: str = ""
    """What a chart's release is called."""
    takes_over: tuple[str, ...] = ()
    minutes: int | float = 10  # as it was said: digests tell 10 from 10.0
    stuck_seconds: int | float = 30
    undo: bool = True

    @property
    def within(self) -> str:
        """The cluster."""
        return f"{self.cluster}/" if self.cluster else ""

    def in_slice(self) -> Sequence[object]:
        return (astuple(self),)


def read_kubernetes(enver: KubernetesEnver) -> KubernetesNode:
    """Its node; the cluster is that of its one input of that kind, unless it names one."""
    declared = type(enver).declaration.consumes
    clusters = [said.alias or name for name, (said, kind) in declared.items() if issubclass(kind, EksCluster)]
    consumed = clusters[0] if len(clusters) == 1 and not enver.cluster_name else ""
    made_by, of, values, release = _manifests(enver.manifests)
    return KubernetesNode(
        made_by,
        of,
        enver.cluster_name,
        consumed,
        values,
        release,
        takes_over=tuple(enver.takes_over),
        minutes=enver.minutes,
        stuck_seconds=enver.stuck_seconds,
        undo=enver.undo,
    )


def _manifests(source: ManifestSource) -> tuple[str, str, tuple[str, ...], str]:
    """What makes them, of what; a chart's files of values, and what its release is called."""
    match source:
        case Manifests(folder):
            return "manifests", folder, (), ""
        case Kustomize(folder):
            return "kustomize", folder, (), ""
        case HelmChart(folder, values, release):
            return "helm", folder, tuple(values), release
        case PrintedManifests(command):
            return "program", command, (), ""
