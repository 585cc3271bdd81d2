"""ODMD014: names fit where they will stand: addresses, parameter paths, names of stacks, images and namespaces."""

import re
from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import naming

_BUILD = re.compile(r"[a-zA-Z0-9_-]+")
_PRODUCT = re.compile(r"[a-zA-Z0-9_./-]+")
_REVISION = re.compile(r"[a-zA-Z0-9_.-]+")
_ACCOUNT = re.compile(r"\d{12}")
_STACK = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,127}")
_REPOSITORY = re.compile(r"(?=.{2,256}$)[a-z0-9]+([._/-][a-z0-9]+)*")
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_PARAMETER = 1011
_DEEPEST_PARAMETER = 15
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds names with characters or words that are kept for something else."""
    for node in draft.nodes:
        for wrong in (*_wrong_names(node), *_wrong_derived_names(node)):
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
    keys = tuple(f"{asked.key}/" for asked in node.asked)
    for product in node.products:
        declared = not product.name.startswith(keys)
        if not _PRODUCT.fullmatch(product.name) or (declared and ".." in product.name):
            yield f"product name {product.name!r} must be letters, digits and _ . / -, without `..`"
        if len(path := f"/odmd-share/{product.address}") > _LONGEST_PARAMETER or path.count("/") > _DEEPEST_PARAMETER:
            yield f"{path} is too long or too deep for the parameter store"


def _wrong_derived_names(node: EnverNode) -> Iterator[str]:
    """What is named after build and slot, where it will stand."""
    if not _STACK.fullmatch(stack := naming.stack_name(node.build, node.slot)):
        yield f"stack name {stack!r} must begin with a letter and have at most 128 letters, digits and -"
    if node.build_type == "image" and not _REPOSITORY.fullmatch(repository := naming.repository_name(node.build)):
        yield f"ECR repository {repository!r} must be 2 to 256 small letters and digits, with single - _ . / between"
    if node.build_type == "kubernetes" and not _NAMESPACE.fullmatch(space := naming.namespace(node.build, node.slot)):
        yield f"Kubernetes namespace {space!r} must be at most 63 small letters, digits and - between them"


def _wrong_place(node: EnverNode) -> Iterator[str]:
    if not _ACCOUNT.fullmatch(node.account):
        yield f"account id {node.account!r} must be 12 digits"
    if not _REGION.fullmatch(node.region):
        yield f"region {node.region!r} is not one of AWS"
