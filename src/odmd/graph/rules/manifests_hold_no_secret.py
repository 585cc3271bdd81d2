"""ODMD061: what goes into manifests is no secret: who can read a namespace can read them."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.built import KubernetesNode
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds envers in Kubernetes that consume a sensitive value."""
    for node in draft.nodes:
        for wire in node.wires if isinstance(node.built, KubernetesNode) else ():
            if draft.kinds[wire.kind].sensitive:
                yield Diagnostic(
                    "ODMD061",
                    f"{node.label} consumes `{wire.name}`, which nobody shall see, and would write it into manifests",
                    wire.place,
                    "consume a reference to the secret, and let something in the cluster fetch it",
                )
