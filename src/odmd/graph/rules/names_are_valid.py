"""ODMD014: names fit where they will stand: addresses, parameter paths, names of stacks, images and namespaces."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode, ProductNode
from odmd.model import naming

_BUILD = re.compile(r"[a-zA-Z0-9_-]+")
_PRODUCT = re.compile(r"[a-zA-Z0-9_./-]+")
_REVISION = re.compile(r"[a-zA-Z0-9_.-]+")
_ACCOUNT = re.compile(r"\d{12}")
_STACK = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,127}")
_REPOSITORY = re.compile(r"(?=.{2,256}$)[a-z0-9]+([._/-][a-z0-9]+)*")
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_MIRROR = "/odmd-share/"
_LONGEST_PARAMETER = 1011
_DEEPEST_PARAMETER = 15


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds names with characters or words that are kept for something else."""
    # Most envers share these with others: each is looked at once.
    wrong_build, wrong_revision, wrong_place = cache(_wrong_build), cache(_wrong_revision), cache(_wrong_place)
    is_product = cache(_PRODUCT.fullmatch)
    for node in draft.nodes:
        wrong = [*wrong_build(node.build), *wrong_revision(node.revision), *_wrong_derived_names(node)]
        for product in node.products:
            if not is_product(product.name) or (".." in product.name and not _is_asked_for(product, node)):
                wrong.append(f"product name {product.name!r} must be letters, digits and _ . / -, without `..`")
            path = product.address
            if len(path) > _LONGEST_PARAMETER - len(_MIRROR) or path.count("/") > _DEEPEST_PARAMETER - 2:
                wrong.append(f"{_MIRROR}{path} is too long or too deep for the parameter store")
        for what in wrong:
            yield Diagnostic("ODMD014", f"{node.label}: {what}", node.place, "choose another name")
        for what in wrong_place(node.account, node.region):
            yield Diagnostic("ODMD014", f"stage {node.stage}: {what}", node.stage_place, "correct the stage")


def _wrong_build(build: str) -> Sequence[str]:
    if _BUILD.fullmatch(build) and build != "config":
        return ()
    return (f"build name {build!r} must be letters, digits, _ and -, and not `config`",)


def _wrong_revision(said: str) -> Sequence[str]:
    how, _, revision = said.partition(":")
    wrong: list[str] = []
    if how != "promoted":
        if not _REVISION.fullmatch(revision) or any(part in revision for part in ("..", "_-", "-_")):
            wrong.append(f"{how} {revision!r} must be letters, digits, _ . and -, without `..`, `_-` and `-_`")
        if how == "branch" and revision.startswith("v"):
            wrong.append(f"branch {revision!r} begins with v, which is kept for tags")
    return wrong


def _is_asked_for(product: ProductNode, node: EnverNode) -> bool:
    """Whether it is made on a client's request, and named after the client."""
    return product.name.startswith(tuple(f"{asked.key}/" for asked in node.asked))


def _wrong_derived_names(node: EnverNode) -> Sequence[str]:
    """What is named after build and slot, where it will stand."""
    wrong: list[str] = []
    if not _STACK.fullmatch(stack := naming.stack_name(node.build, node.slot)):
        wrong.append(f"stack name {stack!r} must begin with a letter and have at most 128 letters, digits and -")
    if node.build_type == "image" and not _REPOSITORY.fullmatch(repository := naming.repository_name(node.build)):
        wrong.append(
            f"ECR repository {repository!r} must be 2 to 256 small letters and digits, with single - _ . / between"
        )
    if node.build_type == "kubernetes" and not _NAMESPACE.fullmatch(space := naming.namespace(node.build, node.slot)):
        wrong.append(f"Kubernetes namespace {space!r} must be at most 63 small letters, digits and - between them")
    return wrong


def _wrong_place(account: str, region: str) -> Sequence[str]:
    wrong: list[str] = []
    if not _ACCOUNT.fullmatch(account):
        wrong.append(f"account id {account!r} must be 12 digits")
    if not _REGION.fullmatch(region):
        wrong.append(f"region {region!r} is not one of AWS")
    return wrong
