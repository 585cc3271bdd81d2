"""ODMD363: an enver of a repository follows a branch or a tag of it, and one of a package what is installed."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import naming


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds envers that follow what their source has not."""
    for node in draft.nodes:
        if not node.promoted_from and (wrong := _wrong(node)):
            yield Diagnostic("ODMD363", f"{node.label} {wrong[0]}", node.place, wrong[1])


def _wrong(node: EnverNode) -> tuple[str, str] | None:
    how, _, name = node.revision.partition(":")
    if naming.is_package(node.repo):
        if how == "installed" and name == node.repo:
            return None
        return f"follows {how} {name}, and {node.repo} is a package", "write on=AsInstalled(); no package is cloned"
    if how != "installed":
        return None
    return f"follows what is installed, and {node.repo} is a repository", 'write on=Branch("main")'
