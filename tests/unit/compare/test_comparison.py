"""Two envers held against each other: the same thing in two places does not differ, whatever else changes does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.compare.compare import compare
from odmd.compare.comparison import Because, EnverComparison, Section, SideView
from odmd.compare.locks import packages_in
from odmd.compare.names import Meanings
from odmd.compare.page import page
from odmd.compare.side import ComparedSide, ConsumedValue, Part
from odmd.graph import EnverNode, ProductNode, WireEdge
from odmd.model import naming
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.settings import PlannedSettings
from support.worlds import node, wire

DEV, PROD = ("b..main", "dev", "111122223333", "us-west-1"), ("s..prod", "prod", "444455556666", "eu-central-1")
Place = tuple[str, str, str, str]


def named(place: Place, producer: str = "e0/b..main") -> dict[str, str]:
    """What an app may write into a template: names that its place decides on."""
    slot, stage, account, region = place
    stack = naming.stack_name("e1", slot)
    return {
        "account": account,
        "region": region,
        "stage": stage,
        "slot": naming.short_slot(slot),
        "stack": stack,
        "physical": naming.physical_name("e1", slot, "orders"),
        "arn": f"arn:aws:events:{region}:{account}:event-bus/{stack}-bus",
        "made": f"{stack.replace('-', '')}busE1{'A1B2C3D4' if stage == 'dev' else '00FF00FF'}",
        "address": f"e1/{slot}",
        "label": naming.enver_label(f"e1/{slot}"),
        "value": f"{naming.stack_name(*producer.split('/'))}-bus-of-{account}",
        "time": "2026-11-27T18:00:00Z" if stage == "dev" else "2026-11-28T09:12:13.456+01:00",
    }


NAMES = sorted(named(DEV))
LITERALS = st.text("abxyzé7 _-:/.⟨", min_size=0, max_size=8)
PIECES = st.lists(
    st.one_of(LITERALS.map(lambda text: ("text", text)), st.sampled_from(NAMES).map(lambda n: ("name", n)))
)
LEAVES = st.one_of(PIECES, st.integers(), st.booleans(), st.none())
TEMPLATES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple), st.dictionaries(st.text("abc", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def written(tree: Any, names: Mapping[str, str]) -> Any:
    """A template as one place has it."""
    match tree:
        case list():
            return " | ".join(names[said] if kind == "name" else said for kind, said in tree)
        case tuple():
            return [written(one, names) for one in tree]
        case dict():
            return {key: written(one, names) for key, one in tree.items()}
        case _:
            return tree


def side(
    place: Place = DEV,
    tree: Any = None,
    *,
    commit: str = "c1",
    slice: str = "k",
    inputs: tuple[ConsumedValue, ...] = (),
    settings: PlannedSettings | None = None,
    declared: EnverNode | None = None,
    producer: str = "e0/b..main",
    **more: Any,
) -> ComparedSide:
    slot, stage, account, region = place
    given = ConsumedValue("in0", f"{producer}/out", 1, named(place, producer)["value"])
    said = declared or at(place, producer)
    view = SideView(f"e1/{slot}", 1, 0.0, commit, "work", stage, account, region, runs_now=True, sure=True)
    made = Fingerprint(commit, slice, (), settings=settings or PlannedSettings())
    stack = naming.stack_name("e1", slot)
    parts = None if tree is None else (Part(stack, tree),)
    return ComparedSide(view, made, said, inputs or (given,), parts, **more)


def at(place: Place, producer: str) -> EnverNode:
    slot, stage, account, region = place
    where = {"address": f"e1/{slot}", "slot": slot, "stage": stage, "account": account, "region": region}
    products = (ProductNode(f"e1/{slot}/out", "out", "test:Text"),)
    return node(1, [wire_from(producer)._replace(consumer=f"e1/{slot}")], products=products, **where)


def wire_from(producer: str) -> WireEdge:
    return wire(0, 1)._replace(product=f"{producer}/out", producer=producer)


def said(found: EnverComparison, because: Because) -> list[tuple[Section, str, str, str]]:
    return [(one.section, one.what, one.before, one.after) for one in found.of(because)]


@given(TEMPLATES)
def test_the_same_recipe_in_two_places_does_not_differ(tree: Any) -> None:
    other = "e0/s..prod"
    before = side(DEV, {"It": written(tree, named(DEV))})
    after = side(PROD, {"It": written(tree, named(PROD, other))}, producer=other)
    assert compare(before, after).differences == ()
    assert compare(after, before).differences == ()


@given(TEMPLATES, PIECES, st.text("abxyzé7 _-:/.⟨", min_size=1, max_size=8))
def test_any_literal_that_is_another_one_shows(tree: Any, around: list[tuple[str, str]], more: str) -> None:
    other = "e0/s..prod"
    ours, theirs = named(DEV), named(PROD, other)
    before = side(DEV, {"It": written(tree, ours), "Changed": written(around, ours)})
    changed = written([*around, ("text", more)], theirs)
    after = side(PROD, {"It": written(tree, theirs), "Changed": changed}, producer=other)
    found = compare(before, after)
    assert [(one.what, one.after) for one in found.differences] == [("e1--main Changed", changed)]
    assert found.differences[0].because is Because.UNEXPLAINED, "nothing that is recorded tells them apart"


@given(TEMPLATES)
def test_what_is_the_same_at_two_times_does_not_differ(tree: Any) -> None:
    one = side(DEV, {"It": written(tree, named(DEV))})
    assert compare(one, one).differences == ()


@pytest.mark.parametrize(
    ("before", "after", "alike"),
    [
        ("111122223333", "444455556666", True),
        ("111122223333", "111122223333", True),
        ("a-111122223333-b", "a-444455556666-b", True),
        ("x111122223333", "x444455556666", False),
        ("111122223333", "999900001111", False),
        ("developer", "production", False),
        ("dev", "prod", True),
        ("e1--main-bus", "e1--s--prod-bus", True),
        ("e1--main-bus", "e1--main-box", False),
        ("e1--s--prod-bus", "e1--main-bus", False),
        ("us-west-1/111122223333", "444455556666/eu-central-1", False),
        ("at 2026-11-27T18:00:00Z", "at 2027-01-01T00:00:00+02:00", True),
        ("at 2026-11-27", "at 2027-01-01", False),
        ("", "dev", False),
    ],
)
def test_what_names_stand_for(before: str, after: str, alike: bool) -> None:
    assert Meanings(side(DEV), side(PROD)).alike(before, after) is alike


def test_what_both_name_alike_does_not_differ_and_what_is_of_a_third_one_shows() -> None:
    central, third = ({"Target": f"arn:aws:sqs:us-west-1:{account}:q"} for account in ("111122223333", "777788889999"))
    assert compare(side(DEV, central), side(PROD, central)).differences == ()
    assert [one.what for one in compare(side(DEV, central), side(PROD, third)).differences] == ["e1--main Target"]


class TestWhy:
    """Each difference is there by intent, by age, or for no reason that is recorded."""

    def test_another_revision_is_age(self) -> None:
        before, after = side(tree={"M": 1}), side(tree={"M": 2}, commit="c2")
        assert said(compare(before, after), Because.AGE) == [
            (Section.COMMITS, "source", "c1", "c2"),
            (Section.TEMPLATES, "e1--main M", "1", "2"),
        ]

    def test_contracts_that_say_it_differently_are_intent(self) -> None:
        declared = node(1, [wire_from("e0/b..main")], secrets=("token",))
        found = compare(side(tree={"M": 1}), side(tree={"M": 2}, declared=declared))
        assert said(found, Because.INTENT) == [
            (Section.CONTRACTS, "enver e1@main secret", "", "token"),
            (Section.TEMPLATES, "e1--main M", "1", "2"),
        ]

    def test_config_that_synthesis_reads_is_intent(self) -> None:
        settings = PlannedSettings(synthesis=(("size", "a"),)), PlannedSettings(synthesis=(("size", "b"),))
        found = compare(side(tree={"M": 1}, settings=settings[0]), side(tree={"M": 2}, settings=settings[1]))
        assert [(one.section, one.because) for one in found.differences] == [
            (Section.CONFIG, Because.INTENT),
            (Section.TEMPLATES, Because.INTENT),
        ]

    def test_what_nothing_explains_is_said_to_be_so(self) -> None:
        found = compare(side(tree={"M": 1}), side(tree={"M": 2}))
        assert said(found, Because.UNEXPLAINED) == [(Section.TEMPLATES, "e1--main M", "1", "2")]

    def test_what_an_ephemeral_enver_leaves_behind_is_intent(self) -> None:
        ephemeral = node(1, [wire_from("e0/b..main")], ephemeral=True)
        kept, gone = ({"Resources": {"T": {"Type": "X", "DeletionPolicy": how}}} for how in ("Retain", "Delete"))
        found = compare(side(tree=kept), side(tree=gone, declared=ephemeral))
        assert [one.because for one in found.differences if one.section is Section.TEMPLATES] == [Because.INTENT]


class TestInputs:
    """Consumed values by what they are of, and by their age; never by their texts."""

    @staticmethod
    def given(version: int, behind: int = 0, of: str = "e0/b..main/out") -> tuple[ConsumedValue, ...]:
        return (ConsumedValue("in0", of, version, f"bus-number-{version}", behind),)

    def test_versions_of_one_product_differ_by_age(self) -> None:
        found = compare(side(inputs=self.given(3, 2)), side(inputs=self.given(5)))
        assert said(found, Because.AGE) == [
            (Section.VALUES, "in0", "e0@main/out #3 (#5 is out)", "e0@main/out #5"),
        ]

    def test_each_beside_the_newest_of_its_own_producer_does_not_differ(self) -> None:
        after = side(PROD, inputs=self.given(2, of="e0/s..prod/out"), producer="e0/s..prod")
        assert compare(side(inputs=self.given(7)), after).differences == ()

    def test_who_is_behind_its_own_producer_is_older(self) -> None:
        after = side(PROD, inputs=self.given(2, 1, of="e0/s..prod/out"), producer="e0/s..prod")
        assert [one.because for one in compare(side(inputs=self.given(7)), after).differences] == [Because.AGE]

    def test_another_product_is_intent(self) -> None:
        found = compare(side(inputs=self.given(1)), side(inputs=self.given(1, of="e0/b..main/other")))
        assert said(found, Because.INTENT) == [(Section.VALUES, "in0", "e0@main/out #1", "e0@main/other #1")]

    def test_secrets_are_compared_by_reference(self) -> None:
        one, other = (
            PlannedSettings(secrets=(("token", f"ssm:/e1/{stage}/token@{n}"),))
            for stage, n in (("dev", 1), ("prod", 1))
        )
        newer = PlannedSettings(secrets=(("token", "ssm:/e1/prod/token@2"),))
        assert compare(side(settings=one), side(PROD, settings=other)).differences == ()
        found = compare(side(settings=one), side(PROD, settings=newer))
        assert [(one.section, one.what) for one in found.differences] == [(Section.SECRETS, "token")]


def test_environment_variables_and_scaling_stand_apart() -> None:
    def template(size: int, **variables: str) -> dict[str, Any]:
        more = {"MemorySize": size, "Environment": {"Variables": variables}, "Handler": "a"}
        return {"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": more}}}

    found = compare(side(tree=template(128, A="1")), side(tree=template(256, A="2", B="3"), commit="c2"))
    assert [(one.what, one.before, one.after) for one in found.differences if one.section is Section.RUNNING] == [
        ("e1--main F (AWS::Lambda::Function) MemorySize", "128", "256"),
        ("e1--main F (AWS::Lambda::Function) Environment/Variables/A", "1", "2"),
        ("e1--main F (AWS::Lambda::Function) Environment/Variables/B", "", "3"),
    ]


def test_lists_of_other_lengths_differ_where_they_do() -> None:
    found = compare(side(tree={"L": [1, 2, 3, 4]}), side(tree={"L": [1, 9, 2, 3, 4]}))
    assert [(one.what, one.before, one.after) for one in found.differences] == [("e1--main L/1", "", "9")]


def test_what_was_not_kept_is_said_and_not_guessed() -> None:
    found = compare(side(tree={"M": 1}), replace(side(tree=None), node=None))
    assert not [one for one in found.differences if one.section in (Section.TEMPLATES, Section.CONTRACTS)]
    assert len(found.notes) == 2


def test_a_page_is_inert() -> None:
    found = compare(side(tree={"M": "<script>"}), side(tree={"M": "</td>"}))
    assert "<script>" not in page(found)
    assert "&lt;script&gt;" in page(found)


def test_packages_are_read_of_lock_files() -> None:
    uv = '[[package]]\nname = "boto3"\nversion = "1.2"\n\n[[package]]\nname = "own"\nsource = { editable = "." }\n'
    assert packages_in("uv.lock", uv) == {"boto3": "1.2"}
    npm = {"packages": {"": {}, "node_modules/a": {"version": "1"}, "node_modules/b/node_modules/a": {"version": "2"}}}
    assert packages_in("package-lock.json", json.dumps(npm)) == {"a": "1, 2"}
    assert packages_in("requirements.txt", "# x\nboto3==1.2 ; python_version > '3'\nrich[a]==9 \\\n  --hash=x\n") == {
        "boto3": "1.2",
        "rich": "9",
    }
    assert packages_in("uv.lock", "no toml [") == packages_in("uv.lock", "") == {}


def test_packages_differ_by_age() -> None:
    locks = ({"uv.lock": {"boto3": "1.2", "rich": "9"}}, {"uv.lock": {"boto3": "1.3", "rich": "9"}})
    found = compare(side(packages=locks[0]), side(commit="c2", packages=locks[1]))
    assert (Section.PACKAGES, "boto3", "1.2", "1.3") in said(found, Because.AGE)
