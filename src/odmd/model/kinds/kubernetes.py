"""Kinds of Kubernetes clusters and what is in them."""

from __future__ import annotations

from typing import Final

from odmd.model.kinds.base import READ_ONLY, Concern, Handover, TextKind

_LABEL: Final = r"[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
_NAME: Final = r"[a-z0-9]([a-z0-9.\-]{0,251}[a-z0-9])?"


class EksCluster(TextKind):
    """An EKS cluster by name."""

    pattern = r"[A-Za-z0-9][A-Za-z0-9_\-]{0,99}"
    looks_like = "a cluster's name of 1 to 100 letters, digits and - _"
    handover = Handover.NONE


class Namespace(TextKind):
    """A namespace of a cluster."""

    pattern = _LABEL
    looks_like = "a namespace of 1 to 63 small letters, digits and -"
    handover = Handover.NONE


class ServiceAccount(TextKind):
    """A service account in a namespace."""

    pattern = rf"{_LABEL}/{_NAME}"
    looks_like = "namespace/name"
    concern = Concern.IDENTITY
    accesses = READ_ONLY


class HelmRelease(TextKind):
    """A release of a Helm chart in a namespace."""

    pattern = rf"{_LABEL}/[a-z0-9]([a-z0-9.\-]{{0,51}}[a-z0-9])?"
    looks_like = "namespace/release"


class KubernetesService(TextKind):
    """A service by its name inside the cluster, with or without a port."""

    pattern = rf"{_LABEL}\.{_LABEL}\.svc(\.{_LABEL})*(:[0-9]{{1,5}})?"
    looks_like = "a name like orders.shop.svc.cluster.local:8080"
    concern = Concern.NETWORK
