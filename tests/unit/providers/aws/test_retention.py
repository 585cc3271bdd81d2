"""What stands behind published outputs survives its replacement."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.providers.aws.references import parameters_behind, resources_behind
from odmd.providers.aws.retention import retain

KEPT = {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "RetainExceptOnCreate"}

REFERENCES = [
    {"Ref": "Bus"},
    {"Fn::GetAtt": ["Bus", "Arn"]},
    {"Fn::GetAtt": "Bus.Arn"},
    {"Fn::Sub": "https://${Bus}/x"},
    {"Fn::Sub": "${Bus.Arn}"},
    {"Fn::Sub": ["${name}", {"name": {"Ref": "Bus"}}]},
]

values = st.recursive(
    st.sampled_from(REFERENCES),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"Fn::Join": ["-", parts]}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda one: {"Fn::Select": [0, {"Fn::Split": ["/", one]}]}, inner),
        st.builds(lambda a, b: {"Fn::If": ["Condition", a, b]}, inner, inner),
    ),
)


def template(value: Any, **bus: Any) -> Any:
    return {
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {"Bus": {"Type": "AWS::Events::EventBus", **bus}, "Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"OdmdOutBus": {"Value": value}, "Other": {"Value": {"Ref": "Queue"}}},
    }


@given(values)
def test_however_an_output_refers_to_a_resource_it_is_kept(value: Any) -> None:
    resources = retain(template(value), ["OdmdOutBus"])["Resources"]

    assert resources["Bus"] == {"Type": "AWS::Events::EventBus", **KEPT}
    assert resources["Queue"] == {"Type": "AWS::SQS::Queue"}


@given(values)
def test_keeping_twice_is_keeping_once(value: Any) -> None:
    once = retain(template(value), ["OdmdOutBus"])

    assert retain(once, ["OdmdOutBus"]) == once


def test_what_is_not_published_is_left_alone() -> None:
    assert retain(template({"Ref": "Bus"}), ["OdmdOutElse"]) == template({"Ref": "Bus"})


def test_the_authors_word_counts() -> None:
    kept = retain(template({"Ref": "Bus"}, DeletionPolicy="Delete"), ["OdmdOutBus"])

    assert kept["Resources"]["Bus"] == {
        "Type": "AWS::Events::EventBus",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
    }


@pytest.mark.parametrize(
    "value",
    ["Bus", {"Ref": "Name"}, {"Ref": "AWS::Region"}, {"Fn::Sub": "${!Bus}"}, {"Fn::Sub": ["${Bus}", {"Bus": "x"}]}],
)
def test_what_only_looks_like_a_reference_is_none(value: Any) -> None:
    assert resources_behind(value, template(value)) == []


def test_parameters_are_told_from_resources() -> None:
    value = {"Fn::Join": ["", [{"Ref": "Name"}, {"Ref": "Bus"}, {"Ref": "Name"}]]}

    assert parameters_behind(value, template(value)) == ["Name"]
    assert resources_behind(value, template(value)) == ["Bus"]
