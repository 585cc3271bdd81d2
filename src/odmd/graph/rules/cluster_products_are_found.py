"""ODMD062: what an enver in Kubernetes produces stands in an object of its own."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.built import KubernetesNode
from odmd.graph.draft import Draft
from odmd.model.adopted import IN_CLUSTER


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds products that say no object of the cluster, and envers of other types whose products say one."""
    for node in draft.nodes:
        in_cluster = isinstance(node.built, KubernetesNode)
        for product in node.products:
            found = product.of.startswith(IN_CLUSTER)
            if found == in_cluster:
                continue
            if in_cluster:
                what, hint = "does not say in which object of its cluster it stands", "write of=ServiceAddress(…), …"
            else:
                what, hint = f"is of {product.of}, and {node.label} is in no cluster", "derive it from KubernetesEnver"
            yield Diagnostic("ODMD062", f"{node.label}: `{product.name}` {what}", node.place, hint)
