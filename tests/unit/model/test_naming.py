"""Names that CloudFormation takes, and that no two envers share."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.model import naming

BUILDS = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_-]{0,30}", fullmatch=True)
REVISIONS = st.from_regex(r"[a-zA-Z0-9_.-]{1,30}", fullmatch=True).filter(
    lambda name: not any(part in name for part in ("..", "_-", "-_"))
)
SLOTS = st.one_of(
    REVISIONS.map("b..{}".format),
    REVISIONS.map("t..{}".format),
    REVISIONS.map("s..{}".format),
    st.tuples(REVISIONS, REVISIONS).map(lambda pair: f"b..{pair[0]}-_b..{pair[1]}"),
    st.tuples(REVISIONS, REVISIONS).map(lambda pair: f"t..{pair[0]}-_b..{pair[1]}"),
    st.tuples(REVISIONS, REVISIONS).map(lambda pair: f"s..{pair[0]}-_b..{pair[1]}"),
    REVISIONS.map("b..s-_b..{}".format),
)
INPUTS = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_./-]{0,60}", fullmatch=True)
STACK = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,127}")


@given(INPUTS)
def test_parameters_and_outputs_are_logical_ids_of_cloudformation(name: str) -> None:
    for made in (naming.parameter_name(name), naming.output_name(name), naming.synth_mark(name)):
        assert re.fullmatch(r"[A-Za-z0-9]{1,255}", made)


@pytest.mark.parametrize(
    ("declared", "parameter"),
    [
        ("bus", "OdmdInBus"),
        ("db_host", "OdmdInDbHost"),
        ("central-Vpc-Cidr", "OdmdInCentralVpcCidr"),
        ("name_servers/shop", "OdmdInNameServersShop"),
    ],
)
def test_a_parameter_is_named_after_its_input(declared: str, parameter: str) -> None:
    assert naming.parameter_name(declared) == parameter


@given(BUILDS, SLOTS)
def test_a_stack_name_is_one_of_cloudformation(build: str, slot: str) -> None:
    assert STACK.fullmatch(naming.stack_name(build, slot))
    assert STACK.fullmatch(naming.stack_name(build, slot, "data"))


@given(BUILDS, st.sets(SLOTS, min_size=2, max_size=2))
def test_envers_of_one_build_share_no_stack(build: str, slots: set[str]) -> None:
    assert len({naming.stack_name(build, slot) for slot in slots}) == 2


@given(BUILDS, st.sets(SLOTS, min_size=2, max_size=2), st.from_regex(r"[a-z][a-z-]{0,50}", fullmatch=True))
def test_envers_of_one_build_share_no_physical_name(build: str, slots: set[str], resource: str) -> None:
    assert len({naming.physical_name(build, slot, resource) for slot in slots}) == 2


@given(BUILDS, SLOTS, st.from_regex(r"[a-z][a-z-]{0,90}", fullmatch=True))
def test_a_physical_name_is_short(build: str, slot: str, resource: str) -> None:
    assert len(naming.physical_name(build, slot, resource)) <= 60


@pytest.mark.parametrize(
    ("slot", "short"),
    [
        ("b..main", "main"),
        ("b..main-_b..fix-1", "main--fix-1"),
        ("b..feature-x", "feature-x"),
        ("s..prod", "s--prod"),
        ("s..prod-_b..fix-1", "s--prod--fix-1"),
    ],
)
def test_ordinary_slots_are_named_as_people_say_them(slot: str, short: str) -> None:
    assert naming.short_slot(slot) == short


def test_a_clone_that_looks_like_a_stage_has_another_name() -> None:
    assert naming.short_slot("b..s-_b..prod") != naming.short_slot("s..prod")
    assert naming.short_slot("b..s-_b..prod").startswith("s--prod-")
    assert naming.short_slot("b..s") == "s"


def test_a_branch_that_looks_like_a_clone_has_another_name() -> None:
    assert naming.short_slot("b..main--fix-1") != naming.short_slot("b..main-_b..fix-1")


@pytest.mark.parametrize(
    ("typed", "address"),
    [("orders@main", "orders/b..main"), ("orders@t..v1", "orders/t..v1"), ("orders/b..main", "orders/b..main")],
)
def test_what_people_type_is_an_address(typed: str, address: str) -> None:
    assert naming.enver_address(typed) == address


@given(BUILDS, SLOTS)
def test_a_label_is_another_way_to_write_the_address(build: str, slot: str) -> None:
    assert naming.enver_address(naming.enver_label(f"{build}/{slot}")) == f"{build}/{slot}"


def test_a_slot_without_its_prefix_is_a_branch_or_else_the_stage_or_tag_that_is_known() -> None:
    known = {"orders/s..prod", "orders/t..v1", "orders/b..main"}
    assert naming.enver_address("orders@prod", known) == "orders/s..prod"
    assert naming.enver_address("orders@v1", known) == "orders/t..v1"
    assert naming.enver_address("orders@prod", {*known, "orders/b..prod"}) == "orders/b..prod"
    assert naming.enver_address("orders@other", known) == "orders/b..other"


@pytest.mark.parametrize("name", ["bus", "api/document", "offers.b..main/db/schema"])
def test_a_product_is_its_envers_however_many_parts_its_name_has(name: str) -> None:
    assert naming.enver_of(f"orders/b..main/{name}") == "orders/b..main"


def test_a_version_is_told_from_a_commit_and_quoted_whole() -> None:
    version = naming.version_id("2026.11.1rc1+local", "0f" * 16)
    assert naming.is_version(version)
    assert naming.short_commit(version) == "2026.11.1rc1+local"
    assert not naming.is_version("0f" * 20)
    assert naming.short_commit("0f" * 20) == "0f0f0f0"


def test_a_package_is_told_from_a_repository() -> None:
    assert all(map(naming.is_package, ("acme", "odmd.services.postgres")))
    assert not any(map(naming.is_package, ("acme/x", "", ".", "a..b", "a-b", "a b", "../a", "a." * 200 + "a")))
