"""ODMD014: names fit where they will stand: addresses, parameter paths, stack names."""

import re
from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode

_BUILD = re.compile(r"[a-zA-Z0-9_-]+")
_PRODUCT = re.compile(r"[a-zA-Z0-9_./-]+")
_REVISION = re.compile(r"[a-zA-Z0-9_.-]+")
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds names with characters or words that are kept for something else."""
    for node in draft.nodes:
        for wrong in _wrong_names(node):
            yield Diagnostic("ODMD014", f"{node.label}: {wrong}", node.place, "choose another name")
        for wrong in _wrong_place(node):
            yield Diagnostic("ODMD014", f"stage {node.stage}: {wrong}", node.stage_place, "correct the stage")


def _wrong_names(node: EnverNode) -> Iterator[str]:
    if not _BUILD.fullmatch(node.build) or node.build == "config":
        yield f"build name {node.build!r} must be letters, digits, _ and -, and not `config`"
    how, _, revision = node.revision.partition(":")
    if how != "promoted":
        if not _REVISION.fullmatch(revision) or any(part in revision for part in ("..", "_-", "-_")):
            yield f"{how} {revision!r} must be letters, digits, _ . and -, without `..`, `_-` and `-_`"
        if how == "branch" and revision.startswith("v"):
            yield f"branch {revision!r} begins with v, which is kept for tags"
    for product in node.products:
        if not _PRODUCT.fullmatch(product.name):
            yield f"product name {product.name!r} must be letters, digits and _ . / -"


def _wrong_place(node: EnverNode) -> Iterator[str]:
    if not _ACCOUNT.fullmatch(node.account):
        yield f"account id {node.account!r} must be 12 digits"
    if not _REGION.fullmatch(node.region):
        yield f"region {node.region!r} is not one of AWS"
