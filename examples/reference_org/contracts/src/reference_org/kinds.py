"""Kinds that only this organisation needs."""

from odmd.model.kinds import TextKind, UrlKind


class ClusterEndpoint(UrlKind):
    """Where a cluster's Kubernetes API answers."""

    schemes = "https"


class ImageDigest(TextKind):
    """One version of an image, without its repository."""

    pattern = r"sha256:[0-9a-f]{64}"
