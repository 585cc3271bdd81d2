"""What reaches what over which network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from odmd.graph import EnverNode, ProductNode
from odmd.graph.views.reach import NetworkReach
from odmd.model.kinds import EksCluster, IpamPool, Namespace, OidcProvider, Subnets, TransitGateway, Vpc, VpcId
from support.worlds import graph_of, node, wire

KINDS = {kind.__name__: kind for kind in (Vpc, VpcId, Subnets, TransitGateway, IpamPool, EksCluster, Namespace)}
KINDS["Oidc"] = OidcProvider


def reach(**said: tuple[str, str]) -> NetworkReach:
    """Envers by name, each with what it makes (kinds' names, numbered if need be) and joins (`<maker>/<kind>`)."""
    envers = [_enver(name, makes.split(), joins.split()) for name, (makes, joins) in said.items()]
    return NetworkReach(graph_of(envers), KINDS)


def _enver(name: str, makes: Sequence[str], joins: Sequence[str]) -> EnverNode:
    products = tuple(ProductNode(f"{name}/{kind}", kind, _kind(kind)) for kind in makes)
    wires = tuple(
        wire(0, 1)._replace(consumer=name, name=made, product=made, producer=made[0], kind=_kind(made[2:]))
        for made in joins
    )
    return replace(node(0), address=name, products=products, wires=wires)


def _kind(name: str) -> str:
    return name.rstrip("0123456789")


@pytest.mark.parametrize(
    ("said", "way"),
    [
        pytest.param({"a": ("Vpc", ""), "b": ("", "a/Vpc")}, ["a/Vpc"], id="one VPC"),
        pytest.param({"a": ("Vpc VpcId Subnets", ""), "b": ("", "a/Subnets")}, ["a/Vpc"], id="a VPC's subnets"),
        pytest.param(
            {"g": ("TransitGateway", ""), "a": ("Vpc", "g/TransitGateway"), "b": ("Vpc", "g/TransitGateway")},
            ["a/Vpc", "g/TransitGateway", "b/Vpc"],
            id="two VPCs of a gateway",
        ),
        pytest.param(
            {"g": ("TransitGateway", ""), "a": ("", "g/TransitGateway"), "b": ("", "g/TransitGateway")},
            ["a", "g/TransitGateway", "b"],
            id="VPCs that are no products",
        ),
        pytest.param(
            {
                "g": ("TransitGateway", ""),
                "h": ("TransitGateway", "g/TransitGateway"),
                "a": ("Vpc", "g/TransitGateway"),
                "b": ("Vpc", "h/TransitGateway"),
            },
            ["a/Vpc", "g/TransitGateway", "h/TransitGateway", "b/Vpc"],
            id="peered gateways",
        ),
        pytest.param({"a": ("Vpc", ""), "b": ("Vpc", "a/Vpc")}, ["a/Vpc"], id="who joins is in it"),
        pytest.param(
            {"a": ("Vpc", ""), "m": ("Vpc", "a/Vpc"), "b": ("", "m/Vpc")}, ["a/Vpc", "m/Vpc"], id="peered VPCs"
        ),
        pytest.param(
            {"a": ("Vpc", ""), "m": ("Vpc", "a/Vpc"), "n": ("Vpc", "m/Vpc"), "b": ("", "n/Vpc")},
            [],
            id="peering is not transitive",
        ),
        pytest.param(
            {
                "g": ("TransitGateway", ""),
                "h": ("TransitGateway", ""),
                "m": ("Vpc", "g/TransitGateway h/TransitGateway"),
                "a": ("Vpc", "g/TransitGateway"),
                "b": ("Vpc", "h/TransitGateway"),
            },
            [],
            id="a VPC between two gateways passes nothing on",
        ),
        pytest.param({"a": ("Vpc Vpc2", ""), "c": ("", "a/Vpc"), "b": ("", "a/Vpc2")}, ["a/Vpc2"], id="two VPCs"),
        pytest.param({"p": ("IpamPool", ""), "a": ("Vpc", "p/IpamPool"), "b": ("Vpc", "p/IpamPool")}, [], id="a pool"),
        pytest.param({"a": ("Vpc EksCluster", ""), "b": ("", "a/EksCluster")}, ["a/Vpc"], id="on a cluster"),
        pytest.param(
            {"a": ("Vpc EksCluster", ""), "m": ("Namespace", "a/EksCluster"), "b": ("", "m/Namespace")},
            ["a/Vpc"],
            id="in a namespace of a cluster",
        ),
        pytest.param({"a": ("Oidc", ""), "b": ("", "a/Oidc")}, [], id="an identity provider without a network"),
    ],
)
def test_two_envers_reach_each_other(said: dict[str, tuple[str, str]], way: Sequence[str]) -> None:
    made = reach(**said)
    assert list(made.way("a", "b")) == way
    assert list(made.way("b", "a")) == way[::-1]


def test_a_place_tells_what_it_reaches_and_by_which_gateways() -> None:
    made = reach(
        g=("TransitGateway", ""), h=("TransitGateway", "g/TransitGateway"),
        a=("Vpc", "g/TransitGateway"), b=("Vpc", "h/TransitGateway"), c=("Vpc", "a/Vpc"),
    )  # fmt: skip
    assert dict(made.reached_from("a/Vpc")) == {
        "c/Vpc": (),
        "g": ("g/TransitGateway",),
        "h": ("g/TransitGateway",),
        "b/Vpc": ("g/TransitGateway", "h/TransitGateway"),
    }
