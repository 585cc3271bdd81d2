"""A clone has the same wires; a set of clones is wired within itself."""

from __future__ import annotations

from shop import database, orders, prod

from odmd.model import Branch, CloneSet, Promoted

fix = Branch("fix")


def test_a_clone_keeps_wires_and_has_products_of_its_own() -> None:
    origin = orders(database())
    twin = origin.clone(fix)
    assert (twin.origin, twin.at, twin.on) == (origin, origin.at, fix)
    assert twin.db_host is origin.db_host
    assert twin.api.owner is twin
    assert twin.api.name == "endpoint"
    assert (origin.ephemeral, twin.ephemeral) == (False, True)


def test_rewiring_a_clone_leaves_its_origin_alone() -> None:
    shared, elsewhere = database(), database()
    origin = orders(shared)
    twin = origin.clone(fix)
    twin.db_host = elsewhere.host
    assert origin.db_host.producer is shared.host


def test_a_clone_has_hubs_and_offers_of_its_own() -> None:
    shared = database()
    client = orders(shared)
    twin = shared.clone(fix)
    twin.allowed["guest"] = client.network
    assert list(twin.allowed) == ["orders", "guest"]
    assert list(shared.allowed) == ["orders"]
    assert (twin.schemas.owner, twin.schemas.asked) == (twin, [])


def test_members_of_a_set_are_wired_to_members() -> None:
    shared = database()
    client = orders(shared)
    pair = CloneSet(fix, shared, client)
    assert pair[client].db_host.producer.owner is pair[shared]
    assert pair[shared].allowed["orders"].producer.owner is pair[client]
    assert [asked.client for asked in pair[shared].schemas.asked] == [pair[client]]
    assert [asked.client for asked in shared.schemas.asked] == [client]


def test_wires_out_of_a_set_stay_as_they_are() -> None:
    shared = database()
    client = orders(shared)
    alone = CloneSet(fix, client)
    assert alone[client].db_host.producer is shared.host


def test_a_wire_within_a_set_keeps_its_mode_and_placeholder() -> None:
    shared = database()
    client = orders(shared)
    client.db_host = shared.host.manual()
    wire = CloneSet(fix, shared, client)[client].db_host
    assert (wire.mode, wire.producer.name) == (client.db_host.mode, "writer-endpoint")


def test_a_promoted_enver_is_no_clone() -> None:
    shared = database()
    promoted = type(shared)(on=Promoted(shared), at=prod)
    assert (promoted.origin, promoted.ephemeral) == (None, False)
