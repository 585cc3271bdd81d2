"""What an enver is called, consumes and produces."""

from __future__ import annotations

import pytest
from shop import Database, Orders, PgSchema, database, dev, main, orders, prod, team

from odmd.errors import ContractsNotLoaded
from odmd.model import READ, WRITE, Branch, Build, CdkEnver, Produces, Promoted, Repo, Tag, produced
from odmd.model.kinds import Cidr, HostName
from odmd.model.wiring import Mode


def test_an_address_is_build_and_slot() -> None:
    shared = database()
    assert shared.address == "database/b..main"
    assert str(shared) == "database@main"
    assert Database(on=Tag("v1.2.0"), at=dev).slot == "t..v1.2.0"
    assert Database(on=Promoted(shared), at=prod).slot == "s..prod"
    assert shared.clone(Branch("fix")).slot == "b..main-_b..fix"


def test_names_follow_the_address() -> None:
    shared = database()
    assert shared.name("cluster") == "database-main-cluster"
    assert shared.stack_name() == "database--main"
    assert shared.stack_name("data") == "database-data--main"


def test_a_product_has_its_declared_name_and_belongs_to_its_enver() -> None:
    shared = database()
    assert (shared.host.name, shared.host.kind, shared.host.about) == ("writer-endpoint", HostName, "writer endpoint")
    assert shared.host.owner is shared


def test_an_input_is_a_wire_from_the_product() -> None:
    shared = database()
    made = orders(shared)
    assert made.db_host.producer is shared.host
    assert made.db_host.mode is Mode.AUTOMATIC


def test_access_and_declared_name_stand_in_the_field() -> None:
    fields = Orders.declaration.consumes
    assert (fields["payments"][0].alias, fields["payments"][0].access) == ("payments-api", WRITE)
    assert (fields["db_host"][0].alias, fields["db_host"][0].access) == ("", READ)


def test_a_wire_may_be_gated_manual_or_hold_a_placeholder() -> None:
    host = database().host
    assert (host.gated(by=team).mode, host.gated(by=team).gate) == (Mode.GATED, team)
    assert host.manual().mode is Mode.MANUAL
    assert host.until(HostName("db.example.com")).placeholder == HostName("db.example.com")


def test_an_input_may_be_wired_late() -> None:
    made = orders(database())
    with pytest.raises(AttributeError, match="orders@main consumes audit, which nothing is wired to yet"):
        _ = made.audit
    made.audit = made.api
    assert made.audit.producer is made.api


def test_a_misspelled_input_is_refused_where_it_stands() -> None:
    with pytest.raises(ContractsNotLoaded, match="Orders takes no db_hst") as refused:
        Orders(on=main, at=dev, db_hst=database().host)  # type: ignore[call-arg]  # this is the mistake
    assert "db_host" in refused.value.next_step
    assert refused.value.place is not None
    assert refused.value.place.file == __file__


def test_what_is_no_kind_is_no_product() -> None:
    with pytest.raises(TypeError, match="int'> is no kind"):

        class Wrong(CdkEnver, build=Build("wrong", Repo("acme/wrong", team))):
            count: Produces[int] = produced("a number")  # type: ignore[type-var]  # this is the mistake


def test_kinds_and_schemas_may_be_local_to_a_function() -> None:
    class Mark(HostName):
        pass

    class Local(CdkEnver, build=Build("local", Repo("acme/local", team))):
        mark: Produces[Mark] = produced("a kind of this function")

    assert Local(on=main, at=dev).mark.kind is Mark


def test_a_hub_keeps_its_wires_by_key_and_remembers_keys_used_twice() -> None:
    shared = database()
    made = orders(shared)
    assert list(shared.allowed) == ["orders"]
    assert shared.allowed["orders"].producer is made.network
    shared.allowed["orders"] = made.network.until(Cidr("10.0.0.0/8"))
    assert [key for key, _ in shared.allowed.set_twice()] == ["orders"]


def test_every_client_that_asks_gets_its_own() -> None:
    shared = database()
    first, second = orders(shared), orders(shared).clone(Branch("fix"))
    assert first.db is not second.db
    assert first.db.app.owner is first.db
    assert {asked.client for asked in shared.schemas.asked} >= {first, second}
    assert [asked.offer.schema for asked in shared.schemas.asked] == ["orders"] * 3


def test_a_client_that_asks_elsewhere_no_longer_asks_here() -> None:
    here, there = database(), database()
    made = orders(here)
    made.db = there.schemas
    assert [asked.client for asked in here.schemas.asked] == []
    assert [asked.client for asked in there.schemas.asked] == [made]


def test_an_offer_makes_products_of_the_kinds_it_declares() -> None:
    assert set(PgSchema.products) == {"app", "migrate"}
    assert orders(database()).db.migrate.name == "migrate"
