"""ODMD014: names fit where they will stand: addresses, parameter paths, names of stacks, images and namespaces."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode, ProductNode
from odmd.model import AsInstalled, Enver, Promoted, Revision, naming
from odmd.model.build_types import DerivedName
from odmd.model.checked import an

_BUILD = re.compile(r"[a-zA-Z0-9_-]+")
_PRODUCT = re.compile(r"[a-zA-Z0-9_./-]+")
_SECRET = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}")
_MUST_HAVE = "must be a letter or digit, and up to 99 more with _ . and -"
_MUST_BE_PLAIN = "must be letters, digits, _ . and -, without `..`, `_-` and `-_`"
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")
_MIRROR = f"{naming.SHARE}/"
_LONGEST_PARAMETER = 1011
_DEEPEST_PARAMETER = 15

Derived = Sequence[tuple[DerivedName, str]]


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds names with characters or words that are kept for something else."""
    wrong_stage = cache(wrong_place)  # most envers share it with others
    for node, enver, derived in zip(draft.nodes, draft.organisation.envers, draft.derived_names, strict=True):
        for what in (*_wrong_revision(enver.on, node.stage), *wrong_names(node, derived), *_wrong_stack(enver, node)):
            yield Diagnostic("ODMD014", f"{node.label}: {what}", node.place, "choose another name")
        for what in wrong_stage(node.account, node.region):
            yield Diagnostic("ODMD014", f"stage {node.stage}: {what}", node.stage_place, "correct the stage")


def wrong_names(node: EnverNode, derived: Derived) -> Sequence[str]:
    """What is wrong with the names of an enver, its products, and what is named after it."""
    wrong = [*_wrong_build(node.build), *_wrong_derived_names(derived)]
    for product in node.products:
        if not _is_product(name := product.name) or (".." in name and not _is_asked_for(product, node)):
            wrong.append(f"product name {name!r} must be letters, digits and _ . / -, without `..`")
        path = product.address
        if len(path) > _LONGEST_PARAMETER - len(_MIRROR) or path.count("/") > _DEEPEST_PARAMETER - 2:
            wrong.append(f"{_MIRROR}{path} is too long or too deep for the parameter store")
    wrong += [f"secret {name!r} {_MUST_HAVE}" for name in node.secrets if not _SECRET.fullmatch(name)]
    return wrong


@lru_cache(maxsize=4096)
def _is_product(name: str) -> bool:
    return _PRODUCT.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def _wrong_build(build: str) -> Sequence[str]:
    if _BUILD.fullmatch(build) and build != "config":
        return ()
    return (f"build name {build!r} must be letters, digits, _ and -, and not `config`",)


def _wrong_revision(on: Revision, stage: str) -> Sequence[str]:
    if isinstance(on, Promoted):
        return () if naming.is_plain(stage) else (f"stage {stage!r} {_MUST_BE_PLAIN}",)
    if isinstance(on, AsInstalled):
        slot = on.slot or stage
        return () if naming.is_plain(slot) else (f"slot {slot!r} {_MUST_BE_PLAIN}",)
    wrong: list[str] = []
    if not naming.is_ref(on.name):
        wrong.append(f"git takes no {type(on).__name__.lower()} by the name {on.name!r}")
    if on.slot and not naming.is_plain(on.slot):
        wrong.append(f"slot {on.slot!r} {_MUST_BE_PLAIN}")
    return wrong


def _is_asked_for(product: ProductNode, node: EnverNode) -> bool:
    """Whether it is made on a client's request, and named after the client."""
    return product.name.startswith(tuple(f"{asked.key}/" for asked in node.asked))


def _wrong_derived_names(derived: Derived) -> Sequence[str]:
    """What is named after build and slot, where it will stand."""
    return [f"{one.what} {name!r} must {one.must}" for one, name in derived if not one.form.fullmatch(name)]


def _wrong_stack(enver: Enver, node: EnverNode) -> Sequence[str]:
    if not enver.stack or node.type.has_stacks:
        return ()
    return (f"it goes on with stack {enver.stack!r}, and {an(node.build_type or 'untyped')} enver has none",)


def wrong_place(account: str, region: str) -> Sequence[str]:
    """What is wrong with an account and region."""
    wrong: list[str] = []
    if not _ACCOUNT.fullmatch(account):
        wrong.append(f"account id {account!r} must be 12 digits")
    if not _REGION.fullmatch(region):
        wrong.append(f"region {region!r} is not one of AWS")
    return wrong
