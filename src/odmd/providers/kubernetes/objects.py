"""Objects of a cluster as JSON, and what is known of their kinds without asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Object: TypeAlias = dict[str, Json]

LABEL: Final = "odmd/enver"
"""On everything that odmd brings into a namespace; its value is the namespace, as an enver has one of its own."""
RECORD: Final = "odmd-release"
"""The ConfigMap in which a release is recorded."""
CLUSTER_WIDE: Final = frozenset({
    "Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition",
    "StorageClass", "IngressClass", "PriorityClass", "RuntimeClass", "APIService", "CSIDriver", "CSINode",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "PodSecurityPolicy", "CertificateSigningRequest", "FlowSchema",
    "PriorityLevelConfiguration", "VolumeAttachment", "ClusterIssuer", "ClusterSecretStore",
})  # fmt: skip
"""Kinds of the whole cluster; of others its discovery says it."""
_ORDER: Final = (
    "ResourceQuota", "LimitRange", "NetworkPolicy", "ServiceAccount", "Role", "RoleBinding", "Secret", "ConfigMap",
    "PersistentVolumeClaim", "Service", "PodDisruptionBudget",
)  # fmt: skip
_LAST: Final = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Ingress", "HorizontalPodAutoscaler")
ROLLED_OUT: Final = ("Deployment", "StatefulSet", "DaemonSet", "Job")
"""Kinds whose objects serve only when their pods do."""
_OWN_GROUPS: Final = frozenset({"", "apps", "batch", "autoscaling", "policy", "extensions"})


@dataclass(frozen=True, slots=True, order=True)
class Id:
    """By which a cluster knows an object of one namespace, whichever version of its API one speaks."""

    group: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def id_of(of: Object) -> Id:
    """By which its cluster knows it."""
    return Id(group_of(str(of["apiVersion"])), str(of["kind"]), name_of(of))


def name_of(of: Object) -> str:
    """Its name in its namespace."""
    return text_at(of, "metadata", "name")


def group_of(api_version: str) -> str:
    """`apps` of `apps/v1`, nothing of `v1`."""
    return api_version.rpartition("/")[0]


def at(value: Json, *path: str) -> Json:
    """What stands there; None where nothing does."""
    for key in path:
        if isinstance(value, list):
            value = value[int(key)] if key.isdigit() and int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def text_at(value: Json, *path: str) -> str:
    """What stands there as a text; an empty one where nothing does."""
    found = at(value, *path)
    return "" if found is None else str(found)


def number_at(value: Json, *path: str, default: int = 0) -> int:
    """The number that stands there."""
    found = at(value, *path)
    return found if isinstance(found, int) else default


def list_at(value: Json, *path: str) -> list[Json]:
    """The list that stands there; an empty one where none does."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def map_at(value: Json, *path: str) -> dict[str, Json]:
    """The object that stands there; an empty one where none does."""
    found = at(value, *path)
    return found if isinstance(found, dict) else {}


def as_object(said: object) -> Object:
    """What JSON said, where it is an object; else an empty one."""
    return cast("Object", said) if isinstance(said, dict) else {}


def place_in_order(of: Object) -> tuple[int, str, str]:
    """First what others need, last what needs others."""
    kind = str(of["kind"])
    if kind in _ORDER:
        rank = _ORDER.index(kind)
    else:
        rank = len(_ORDER) + 1 + _LAST.index(kind) if kind in _LAST else len(_ORDER)
    return rank, kind, name_of(of)


def holds_data(one: Id, live: Mapping[str, Json] | None = None) -> bool:
    """Whether data goes with it: a claim, a set that takes its claims along, and what no Kubernetes comes with, as
    nobody knows that."""
    if one.kind == "PersistentVolumeClaim" and not one.group:
        return True
    if one.kind == "StatefulSet" and one.group == "apps":
        policy = at(dict(live or {}), "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
        return policy == "Delete"
    return one.group not in _OWN_GROUPS and not one.group.endswith(".k8s.io")


def is_paused(said: Object) -> bool:
    """Whether its manifest wants nothing of it rolled out."""
    return said.get("kind") == "Deployment" and at(said, "spec", "paused") is True


def is_rolled_out(said: Object) -> bool:
    """Whether it serves only when its pods do."""
    return said.get("kind") in ROLLED_OUT and not is_paused(said)
