"""Each rule finds its mistake, with its code and the line of the declaration, and leaves sound contracts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from odmd.errors import ContractsUnsound, Diagnostic, Severity
from odmd.graph import compile_contracts
from odmd.model import (
    Branch,
    CdkEnver,
    Consumes,
    Hub,
    Offer,
    Offers,
    Organisation,
    Produces,
    Requests,
    Stage,
    Tag,
    hub,
    late,
    offered,
    produced,
    requested,
)
from odmd.model.kinds import API_DOC, EventBus, HostName, HttpApi, OpenApi
from support.worlds import ACCOUNT, DEV, build, organisation

MAIN = Branch("main")


class Shop(CdkEnver, build=build("shop")):
    bus: Produces[EventBus[str]] = produced("orders")
    api: Produces[HttpApi] = produced("orders")


class Web(CdkEnver, build=build("web")):
    bus: Consumes[EventBus[str]]


class Ring(CdkEnver, build=build("ring")):
    inner: Consumes[HostName] = late("the other one")
    outer: Produces[HostName] = produced("this one")


class Ping(CdkEnver, build=build("ping")):
    inner: Consumes[HostName] = late("the other one")
    outer: Produces[HostName] = produced("this one")


class Zones(CdkEnver, build=build("zones")):
    names: Hub[HostName] = hub("by client")
    key: Produces[HostName] = produced("one", name="a.b")
    other: Produces[HostName] = produced("one", name="a-b")


def found(made: Organisation) -> list[Diagnostic]:
    with pytest.raises(ContractsUnsound) as unsound:
        compile_contracts(made)
    return list(unsound.value.diagnostics())


def cycle() -> Organisation:
    ring, ping = Ring(on=MAIN, at=DEV), Ping(on=MAIN, at=DEV)
    ring.inner, ping.inner = ping.outer, ring.outer
    return organisation(ring, ping)


def itself() -> Organisation:
    one, two = Ring(on=MAIN, at=DEV), Ring(on=Branch("fix"), at=DEV)
    two.inner, one.inner = one.outer, two.outer.until(HostName("first.example"))
    return organisation(one, two)


def hub_twice() -> Organisation:
    ring, zones = Ring(on=MAIN, at=DEV), Zones(on=MAIN, at=DEV)
    ring.inner = ring.outer
    zones.names["x"] = ring.outer
    zones.names["x"] = ring.outer
    return organisation(zones, ring)


def moving_under_tag() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    return organisation(shop, Web(on=Tag("v1"), at=DEV, bus=shop.bus))


def other_region() -> Organisation:
    shop = Shop(on=MAIN, at=Stage("far", ACCOUNT, "eu-west-1"))
    return organisation(shop, Web(on=MAIN, at=DEV, bus=shop.bus))


def same_names() -> Organisation:
    class One(CdkEnver, build=build("a-b")):
        pass

    class Other(CdkEnver, build=build("a_b")):
        pass

    return organisation(One(on=MAIN, at=DEV), Other(on=MAIN, at=DEV))


def wrong_kinds() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    web = Web(on=MAIN, at=DEV, bus=shop.api)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return organisation(shop, web)


BROKEN: dict[str, Callable[[], Organisation]] = {
    "ODMD010": lambda: organisation(Ring(on=MAIN, at=DEV)),
    "ODMD011": lambda: organisation(Shop(on=MAIN, at=DEV), Shop(on=MAIN, at=DEV)),
    "ODMD012": cycle,
    "ODMD013": lambda: organisation(Web(on=MAIN, at=DEV, bus=Shop(on=MAIN, at=DEV).bus)),
    "ODMD014": lambda: organisation(Shop(on=Branch("fix..it"), at=DEV)),
    "ODMD015": itself,
    "ODMD016": moving_under_tag,
    "ODMD017": other_region,
    "ODMD018": hub_twice,
    "ODMD019": lambda: organisation(Zones(on=MAIN, at=DEV)),
    "ODMD020": same_names,
    "ODMD021": wrong_kinds,
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_rule_finds_its_mistake_at_its_place(code: str) -> None:
    diagnostics = [one for one in found(BROKEN[code]()) if one.code == code]
    assert diagnostics
    for diagnostic in diagnostics:
        assert diagnostic.place
        assert diagnostic.place.file == __file__
        assert diagnostic.next_step


def test_every_mistake_is_found_at_once_in_the_order_of_the_file() -> None:
    shop = Shop(on=Branch("in vain"), at=DEV)
    diagnostics = found(organisation(shop, Ring(on=MAIN, at=DEV), Ping(on=MAIN, at=DEV)))
    mistakes = [one for one in diagnostics if one.severity is Severity.ERROR]
    assert [one.code for one in mistakes] == ["ODMD014", "ODMD010", "ODMD010"]


def test_a_placeholder_closes_a_cycle() -> None:
    ring, ping = Ring(on=MAIN, at=DEV), Ping(on=MAIN, at=DEV)
    ring.inner, ping.inner = ping.outer.until(HostName("first.example")), ring.outer
    graph = compile_contracts(organisation(ping, ring)).graph
    assert list(graph.envers) == ["ring/b..main", "ping/b..main"]


def test_a_consumed_child_is_a_product_of_its_parents_enver() -> None:
    class Docs(CdkEnver, build=build("docs")):
        document: Consumes[OpenApi]

    shop = Shop(on=MAIN, at=DEV)
    docs = Docs(on=MAIN, at=DEV, document=shop.api.child(API_DOC))
    graph = compile_contracts(organisation(shop, docs)).graph
    assert [one.name for one in graph.envers["shop/b..main"].products] == ["bus", "api", "api/api-doc"]


def test_a_slice_changes_with_the_wiring_and_not_with_the_place_in_the_file() -> None:
    def web(at: Stage) -> str:
        shop = Shop(on=MAIN, at=at)
        made = Web(on=MAIN, at=at, bus=shop.bus)
        return compile_contracts(organisation(shop, made)).graph.envers["web/b..main"].slice()

    same = web(DEV)
    assert web(DEV) == same
    assert web(Stage("test", ACCOUNT, "us-west-1")) != same


@dataclass(frozen=True)
class Schema(Offer):
    schema: str
    app: Produces[HostName] = field(init=False)


@dataclass(frozen=True)
class Topic(Offer):
    topic: str


class Shared(CdkEnver, build=build("shared")):
    schemas: Offers[Schema] = offered("schemas")
    topics: Offers[Topic] = offered("topics")


class Client(CdkEnver, build=build("client")):
    db: Requests[Schema] = requested(Schema(schema="client"))


def given_wrongly() -> Iterator[tuple[str, Organisation]]:
    shop, zones, shared = Shop(on=MAIN, at=DEV), Zones(on=MAIN, at=DEV), Shared(on=MAIN, at=DEV)
    zones.names["x"] = cast("Produces[HostName]", shop.api)
    yield "names['x']", organisation(shop, zones)
    yield "db", organisation(shared, Client(on=MAIN, at=DEV, db=cast("Offers[Schema]", shared.topics)))
    ring, ping = Ring(on=MAIN, at=DEV), Ping(on=MAIN, at=DEV)
    ring.inner, ping.inner = ping.outer.until(cast("HostName", HttpApi("http://x"))), ring.outer
    yield "inner", organisation(ring, ping)


def test_hubs_requests_and_placeholders_are_of_the_declared_kind() -> None:
    for name, made in given_wrongly():
        wrong = [one for one in found(made) if one.code == "ODMD021"]
        assert len(wrong) == 1
        assert f"`{name}`" in wrong[0].fact


def test_a_product_of_a_narrower_kind_fits() -> None:
    class Internal(HttpApi):
        pass

    class Inner(CdkEnver, build=build("inner")):
        api: Produces[Internal] = produced("inside only")

    class Uses(CdkEnver, build=build("uses")):
        api: Consumes[HttpApi]

    inner = Inner(on=MAIN, at=DEV)
    compile_contracts(organisation(inner, Uses(on=MAIN, at=DEV, api=inner.api)))
