"""A branch or a tag of any name that git takes has a slot, which is short, stays, and is nobody else's."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odmd.model import Branch, CdkEnver, Tag, naming
from support.worlds import DEV, build

NASTY = st.text(st.sampled_from("aAbBvx01-_./#@+{}é ~^:?*[\\"), min_size=1, max_size=20)
REFS = st.one_of(NASTY, st.text(min_size=1, max_size=200)).filter(naming.is_ref)
LOOK_ALIKE = st.tuples(REFS, st.sampled_from((str.lower, str.upper, str.title, naming.slug))).map(
    lambda pair: {pair[0], pair[1](pair[0])}
)
SLOT = re.compile(r"[A-Za-z0-9_.-]{1,125}")
STACK = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,127}")
NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
BUILDS = st.from_regex(r"[a-z][a-z0-9-]{0,150}[a-z0-9]", fullmatch=True)


class Shop(CdkEnver, build=build("shop")):
    """An enver on the branch or tag that a test is about."""


def kept(ref: str) -> bool:
    """Whether a ref has capitals and is called what it always was; ODMD020 refuses two that differ in nothing else."""
    return naming.slug(ref) == ref != ref.lower()


@given(REFS)
def test_a_slot_is_legal_and_short(ref: str) -> None:
    slug = naming.slug(ref)
    assert SLOT.fullmatch(slug)
    assert not any(reserved in slug for reserved in ("..", "_-", "-_"))
    assert slug == ref or len(slug) <= 50


@given(REFS)
def test_a_slot_is_a_ref_and_stays_what_it_is(ref: str) -> None:
    assert naming.is_plain(naming.slug(ref))
    assert Shop(on=Branch(ref), at=DEV).slot == Shop(on=Branch(ref), at=DEV).slot == f"b..{naming.slug(ref)}"


@given(st.one_of(LOOK_ALIKE, st.sets(REFS, min_size=2, max_size=5)))
@example({"feature/foo#1", "Feature/Foo#1", "feature-foo-1"})
@example({"a/b", naming.slug("a/b")})
@example({"é", "è", "ü"})
def test_no_two_refs_share_a_slot_whatever_their_case(refs: set[str]) -> None:
    refs = {ref for ref in refs if naming.is_ref(ref) and not kept(ref)}
    assert len({naming.slug(ref).lower() for ref in refs}) == len(refs)
    assert len({Shop(on=Branch(ref), at=DEV).stack_name().lower() for ref in refs}) == len(refs)
    assert len({Shop(on=Branch(ref), at=DEV).name("x").lower() for ref in refs}) == len(refs)


@given(REFS)
def test_a_tag_and_a_branch_of_one_name_are_two_envers(ref: str) -> None:
    branch, tag = Shop(on=Branch(ref), at=DEV), Shop(on=Tag(ref), at=DEV)
    assert branch.address != tag.address
    assert branch.stack_name().lower() != tag.stack_name().lower()


@given(BUILDS, REFS, REFS)
def test_every_derived_name_fits_where_it_stands(build: str, ref: str, other: str) -> None:
    for slot in (f"b..{naming.slug(ref)}", f"t..{naming.slug(ref)}", f"b..{naming.slug(ref)}-_b..{naming.slug(other)}"):
        for part in ("", "data", "p" * 140):
            stack = naming.stack_name(build, slot, part)
            assert STACK.fullmatch(stack)
            assert stack.startswith(naming.stack_head(build)[:110])
        assert STACK.fullmatch(naming.bridge_stack(f"{build}/{slot}/{'bus' * 60}", 1_000_000))
        assert NAMESPACE.fullmatch(naming.namespace(build, slot))
        assert len(naming.physical_name(build, slot, "bucket")) <= 60
        assert len(f"/odmd-share/{build}/{slot}/bus") <= 1011


@given(st.text(st.sampled_from("ab/-."), min_size=250, max_size=400))
def test_a_long_input_or_product_is_a_logical_id_still(name: str) -> None:
    for made in (naming.parameter_name(f"x{name}"), naming.output_name(f"x{name}"), naming.synth_mark(f"x{name}")):
        assert re.fullmatch(r"[A-Za-z0-9]{1,255}", made)


def test_two_products_share_no_bridge() -> None:
    assert naming.bridge_stack("x/b..y/z-w", 1) != naming.bridge_stack("x/b..y-z/w", 1)
    assert naming.bridge_stack("x/b..y/z", 1) != naming.bridge_stack("x/b..y/z", 11)


@pytest.mark.parametrize(
    ("ref", "slug"),
    [
        ("main", "main"),
        ("fix-1", "fix-1"),
        ("PROJ-123", "PROJ-123"),
        ("feature_x", "feature_x"),
        ("release-2024.1", "release-2024.1"),
        ("release-20240101", "release-20240101"),
        ("v1.0.0", "v1.0.0"),
        ("x" * 125, "x" * 125),
        ("release/2024.1", "release-2024-1-x8473d605"),
        ("feature/foo#1", "feature-foo-1-x2edecb96"),
        ("Feature/Foo#1", "feature-foo-1-x0166ba11"),
        ("dependabot/npm_and_yarn/@types/node-20.1", "dependabot-npm-and-yarn-types-node-20-1-x051a606f"),
        ("x" * 150, "x" * 40 + "-xa09244d5"),
    ],
)
def test_what_a_ref_is_called_by_never_changes(ref: str, slug: str) -> None:
    assert naming.slug(ref) == slug


NAMED = [
    ("b..main", "main"),
    ("b..PROJ-123", "PROJ-123"),
    ("b..feature_x", "feature-x-1db6132e"),
    ("b..release-2024.1", "release-2024-1-caa876e1"),
    ("t..v1.0.0", "t--v1-0-0-f590a986"),
    ("t..2024-11-26", "t--2024-11-26-b836598d"),
    ("s..prod", "s--prod"),
    ("s..prod-_b..fix-1", "s--prod--fix-1"),
    ("b..main-_b..fix-1", "main--fix-1"),
    ("b..s--prod", "s--prod-43d0366d"),
]


@pytest.mark.parametrize(("slot", "short"), NAMED)
def test_what_is_named_after_a_slot_never_changes(slot: str, short: str) -> None:
    assert naming.stack_name("orders", slot) == f"orders--{short}"
    assert naming.stack_name("orders", slot, "data") == f"orders-data--{short}"
    assert naming.physical_name("orders", slot, "bucket") == f"orders-{short}-bucket"
    assert naming.namespace("orders", slot) == f"orders-{short}".lower()


def test_a_slot_can_be_chosen() -> None:
    branch = Branch("release/2024.1", slot="r2024-1")
    shop = Shop(on=branch, at=DEV)
    assert (shop.address, shop.stack_name()) == ("shop/b..r2024-1", "shop--r2024-1")
    assert Shop(on=Tag("1/2", slot="one"), at=DEV).slot == "t..one"
    assert shop.clone(Branch("fix/1", slot="fix")).slot == "b..r2024-1-_b..fix"


def test_what_people_type_may_be_the_ref_itself() -> None:
    known = {f"shop/b..{naming.slug('release/2024.1')}", f"shop/t..{naming.slug('1/2')}"}
    assert naming.enver_address("shop@release/2024.1", known) in known
    assert naming.enver_address("shop@1/2", known) in known


def test_an_enver_goes_on_with_a_stack_that_was_there() -> None:
    shop = Shop(on=Branch("ipam_west1"), at=DEV, stack="net--ipam-west1")
    assert (shop.stack_name(), shop.stack_name("nat")) == ("net--ipam-west1", "net-nat--ipam-west1")
    assert shop.address == "shop/b..ipam_west1"
    clone = shop.clone(Branch("fix"))
    assert (clone.stack, shop.clone(Branch("fix"), stack="net--fix").stack_name()) == ("", "net--fix")
