"""Each rule finds its mistake, with its code and the line of the declaration, and leaves sound contracts alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from odmd.errors import ContractsUnsound, Diagnostic
from odmd.graph import compile_contracts
from odmd.model import Branch, CdkEnver, Consumes, Hub, Organisation, Produces, Stage, Tag, hub, late, produced
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
    shop = Shop(on=Branch("vain"), at=DEV)
    diagnostics = found(organisation(shop, Ring(on=MAIN, at=DEV), Ping(on=MAIN, at=DEV)))
    assert [one.code for one in diagnostics] == ["ODMD014", "ODMD010", "ODMD010"]


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
