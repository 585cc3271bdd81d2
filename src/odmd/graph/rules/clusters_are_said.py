"""ODMD060: an enver in Kubernetes says which cluster it is in, where its manifests come from, and what it waits for."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from odmd.errors import Diagnostic
from odmd.graph.built import KubernetesNode
from odmd.graph.draft import Draft

_MOST_MINUTES = 24 * 60


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds envers without one cluster, with manifests outside of their folder, or with a time that is none."""
    for node in draft.nodes:
        for what, hint in _wrong(node.built) if isinstance(node.built, KubernetesNode) else ():
            yield Diagnostic("ODMD060", f"{node.label}: {what}", node.place, hint)


def _wrong(said: KubernetesNode) -> Iterator[tuple[str, str]]:
    if not (said.cluster or said.cluster_input):
        yield (
            "nothing says which cluster it is in, or several inputs do",
            'consume one EksCluster, or say cluster_name="…"',
        )
    if said.made_by == "program" and (not said.of.strip() or "\0" in said.of):
        yield "the command that prints its manifests is missing", 'say what to run: PrintedManifests("…")'
    if said.made_by != "program":
        for path in (said.of, *said.values):
            if not path or path.startswith("/") or ".." in PurePosixPath(path).parts:
                yield f"{path!r} is no path inside of its folder", "write it as seen from the build's folder"
    if not 0 < said.minutes <= _MOST_MINUTES:
        yield f"it cannot have {said.minutes:g} minutes until it serves", "give it more than none, and a day at most"
    if not 0 <= said.stuck_seconds <= said.minutes * 60:
        yield f"its pods cannot be stuck for {said.stuck_seconds:g} seconds", "give them less than all may take"
