"""What odmd itself adds to a template that it sends is no difference to what it meant; what others add is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from odmd.providers.aws.bounded import bounded, unbounded
from odmd.providers.aws.change_sets import _nudged, without_nudge  # pyright: ignore[reportPrivateUsage]

OWN, OTHER = "arn:aws:iam::1:policy/odmd-boundary", "arn:aws:iam::1:policy/of-somebody"
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}},
        "Own": {"Type": "AWS::IAM::Role", "Properties": {"PermissionsBoundary": OWN}},
        "Topic": {"Type": "AWS::SNS::Topic", "Metadata": {"a": "b"}},
    }
}


def meant(sent: dict[str, Any]) -> dict[str, Any]:
    return without_nudge(unbounded(sent, TEMPLATE, OWN))


def test_boundary_and_nudge_are_left_out_again() -> None:
    sent = json.loads(_nudged(bounded(json.dumps(TEMPLATE), OWN), {}))
    assert sent != TEMPLATE
    assert meant(sent) == TEMPLATE


@pytest.mark.parametrize("boundary", [OTHER, None])
def test_another_boundary_and_none_where_one_was_meant_are_seen(boundary: str | None) -> None:
    for role in ("Role", "Own"):
        sent = json.loads(json.dumps(TEMPLATE))
        sent["Resources"][role]["Properties"].pop("PermissionsBoundary", None)
        if boundary:
            sent["Resources"][role]["Properties"]["PermissionsBoundary"] = boundary
        assert (meant(sent) == TEMPLATE) == (role == "Role" and boundary is None)
