"""The rules about stages, teams, build types, clones, documents and schemas: what breaks each, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from odmd.errors import ContractsUnsound, Diagnostic, Severity
from odmd.graph import compile_contracts
from odmd.model import (
    WRITE,
    Account,
    Actions,
    AsInstalled,
    Branch,
    Build,
    CdkEnver,
    CommandEnver,
    Consumes,
    ContractsEnver,
    Enver,
    Hub,
    ImageEnver,
    Installed,
    KubernetesEnver,
    NeededSecret,
    Offer,
    Offers,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Requests,
    Stage,
    Tag,
    Team,
    consumed,
    hub,
    late,
    needed,
    offered,
    produced,
    requested,
)
from odmd.model.kinds import EventBus, HostName, Image, NameServers, PythonPackage
from support.worlds import ACCOUNT, DEV, build

MAIN = Branch("main")
PROD = Stage("prod", Account("prod", "444455556666"), "us-west-1")
ALONE = Stage("alone", ACCOUNT, "us-west-1", reaches=())
FAR = Stage("far", ACCOUNT, "eu-west-1")


@dataclass(frozen=True)
class OrderV1:
    id: str


@dataclass(frozen=True)
class OrderV2(OrderV1):
    price: int


@dataclass(frozen=True)
class OrderV3:
    number: int


class Shop(CdkEnver, build=build("shop")):
    host: Produces[HostName] = produced("of the shop", external=True)


class Packaged(CdkEnver, build=Build("packaged", source=Installed("acme_shop", Team("one")))):
    host: Produces[HostName] = produced("of the shop", external=True)


class Web(CdkEnver, build=build("web")):
    host: Consumes[HostName]


class Bus(CdkEnver, build=build("bus")):
    bus: Produces[EventBus[OrderV1]] = produced("orders")


class BusV2(CdkEnver, build=build("bus")):
    bus: Produces[EventBus[OrderV2]] = produced("orders")


class BusV3(CdkEnver, build=build("bus")):
    bus: Produces[EventBus[OrderV3]] = produced("orders", regions=("eu-west-1",))


class Reader(CdkEnver, build=build("reader")):
    bus: Consumes[EventBus[OrderV1]]


class Writer(CdkEnver, build=build("writer")):
    bus: Consumes[EventBus[OrderV1]] = consumed("orders", access=WRITE)


class Images(ImageEnver, build=build("images")):
    host: Consumes[HostName]
    app: Produces[Image] = produced("the application", external=True)


class Puller(CdkEnver, build=build("puller")):
    app: Consumes[Image] = consumed("what it runs", access=WRITE)


class ImagesAlone(ImageEnver, build=build("images")):
    app: Produces[Image] = produced("the application", external=True)


class Contracts(ContractsEnver, build=build("contracts")):
    """The organisation's own."""


class Published(ContractsEnver, build=build("contracts")):
    package: Produces[PythonPackage] = produced("what services install", external=True)


class PublishedAgain(ContractsEnver, build=build("contracts-again")):
    package: Produces[PythonPackage] = produced("what services install", external=True)


class SecretWithSpace(CdkEnver, build=build("secretive")):
    key: NeededSecret = needed("a key", name="a key")


class TwoSecrets(CdkEnver, build=build("secretive")):
    key: NeededSecret = needed("a key", name="signing-key")
    other: NeededSecret = needed("another key", name="signing_key", restarts=True)


class PublishedElsewise(ContractsEnver, build=build("contracts")):
    host: Produces[HostName] = produced("no package", external=True)


INDEX = {
    "distribution": "acme-contracts",
    "entry_point": "acme.contracts:acme",
    "index": "https://pypi.acme.dev/simple/",
    "upload": "https://pypi.acme.dev/",
}


def published(**other: str) -> Organisation:
    return acme(Published(on=MAIN, at=DEV, **{**INDEX, **other}))


def published_twice(**other: str) -> Organisation:
    return acme(Published(on=MAIN, at=DEV, **INDEX), PublishedAgain(on=MAIN, at=DEV, **{**INDEX, **other}))


class Late(CdkEnver, build=build("late")):
    host: Consumes[HostName] = late("where to look")


class Zones(CdkEnver, build=build("zones")):
    zones: Hub[NameServers] = hub("by subdomain")


class Vpc(CdkEnver, build=build("vpc")):
    servers: Produces[NameServers] = produced("of its zone")


@dataclass(frozen=True)
class Schema(Offer):
    schema: str
    app: Produces[HostName] = field(init=False)


class Shared(CdkEnver, build=build("shared")):
    schemas: Offers[Schema] = offered("schemas")


class Client(CdkEnver, build=build("client")):
    db: Requests[Schema] = requested(Schema(schema="client"))


class Commands(CommandEnver, build=Build("commands", Repo("acme/commands", Team("ops")), documents=("nowhere.md",))):
    """Does something."""


def acme(*envers: Enver, **more: object) -> Organisation:
    return Organisation("acme", central=ACCOUNT, envers=envers, **more)  # type: ignore[arg-type]


def shop_and_web(shop_at: Stage, web_at: Stage, **more: object) -> Organisation:
    shop = Shop(on=MAIN, at=shop_at)
    return acme(shop, Web(on=MAIN, at=web_at, host=shop.host), **more)


def wired_twice() -> Organisation:
    shop, other = Shop(on=MAIN, at=DEV), Shop(on=Branch("other"), at=DEV)
    late = Late(on=MAIN, at=DEV)
    late.host = shop.host
    late.host = other.host
    return acme(shop, other, late)


def gated() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    return acme(shop, Web(on=MAIN, at=DEV, host=shop.host.gated(by=Team("nobody"))))


def promoted_by_nobody() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    return acme(shop, Shop(on=Promoted(shop, by=Team("nobody")), at=PROD))


def asks_the_unlisted() -> Organisation:
    return acme(Client(on=MAIN, at=DEV, db=Shared(on=MAIN, at=DEV).schemas))


def image_that_consumes() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    return acme(shop, Images(on=MAIN, at=DEV, host=shop.host))


def clone_of_a_clone() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    clone = shop.clone(Branch("fix-1"))
    return acme(shop, clone, clone.clone(Branch("fix-2")))


def many_clones() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    return acme(shop, *(shop.clone(Branch(f"fix-{n}")) for n in range(3)), clones_per_enver=2)


def zones(*keys: str) -> Organisation:
    made, vpc = Zones(on=MAIN, at=DEV), Vpc(on=MAIN, at=DEV)
    for key in keys:
        made.zones[key] = vpc.servers
    return acme(vpc, made)


def read(bus: Bus | BusV2 | BusV3) -> Organisation:
    return acme(bus, Reader(on=MAIN, at=DEV, bus=bus.bus))  # type: ignore[arg-type]


def pulls() -> Organisation:
    images = ImagesAlone(on=MAIN, at=DEV)
    return acme(images, Puller(on=MAIN, at=DEV, app=images.app))


def named_after_its_account() -> Organisation:
    class Named(CdkEnver, build=build(f"shop-{ACCOUNT.id}")):
        pass

    return acme(Named(on=MAIN, at=DEV))


def clone_on_the_same_branch() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    return acme(shop, shop.clone(MAIN))


def namespace_with_a_dash() -> Organisation:
    class Chart(KubernetesEnver, build=build("_chart")):
        pass

    return acme(Chart(on=MAIN, at=DEV))


def image_in_no_repository() -> Organisation:
    class Oddly(ImageEnver, build=build("a--b")):
        pass

    return acme(Oddly(on=MAIN, at=DEV))


def capitals() -> Organisation:
    class Small(CdkEnver, build=build("till")):
        pass

    class Capital(CdkEnver, build=build("Till")):
        pass

    return acme(Small(on=MAIN, at=DEV), Capital(on=MAIN, at=DEV))


def capitals_in_branches() -> Organisation:
    return acme(Shop(on=Branch("Fix"), at=DEV), Shop(on=Branch("fix"), at=DEV))


def one_stack_in_two() -> Organisation:
    other = Stage("other", ACCOUNT, DEV.region)
    return acme(Shop(on=MAIN, at=DEV), Shop(on=Branch("fix"), at=other, stack="shop--main"))


def image_with_a_stack() -> Organisation:
    class Pictures(ImageEnver, build=build("pictures")):
        pass

    return acme(Pictures(on=MAIN, at=DEV, stack="pictures--main"))


def stack_with_a_digit() -> Organisation:
    class Digit(CdkEnver, build=build("2till")):
        pass

    return acme(Digit(on=MAIN, at=DEV))


def clone_of_a_package() -> Organisation:
    shop = Packaged(on=AsInstalled(), at=DEV)
    return acme(shop, shop.clone(Branch("fix")))


def of_build(of: Build, more: Build | None = None) -> Organisation:
    class One(CdkEnver, build=of):
        pass

    if more is None:
        return acme(One(on=MAIN, at=DEV))

    class Other(CdkEnver, build=more):
        pass

    return acme(One(on=MAIN, at=DEV), Other(on=Branch("other"), at=DEV))


def in_stages(*stages: Stage) -> Organisation:
    return acme(*[Shop(on=Branch(f"b{n}"), at=stage) for n, stage in enumerate(stages)])


ONE_TEAM = Team("one")
BROKEN: dict[str, tuple[str, Callable[[], Organisation]]] = {
    "a build in two repositories": (
        "ODMD040",
        lambda: of_build(Build("x", Repo("acme/x", ONE_TEAM)), Build("x", Repo("acme/y", ONE_TEAM))),
    ),
    "a build in two folders": (
        "ODMD040",
        lambda: of_build(Build("x", Repo("acme/x", ONE_TEAM)), Build("x", Repo("acme/x", ONE_TEAM), folder="y")),
    ),
    "a repository of two teams": (
        "ODMD040",
        lambda: of_build(Build("x", Repo("acme/x", ONE_TEAM)), Build("y", Repo("acme/x", Team("other")))),
    ),
    "two stages of one name": ("ODMD040", lambda: in_stages(DEV, Stage("dev", ACCOUNT, "eu-west-1"))),
    "two accounts of one name": (
        "ODMD040",
        lambda: in_stages(DEV, Stage("next", Account(ACCOUNT.name, "999988887777"), DEV.region)),
    ),
    "a repository without an owner": ("ODMD041", lambda: of_build(Build("x", Repo("just-a-name", ONE_TEAM)))),
    "a branch of a package": ("ODMD363", lambda: acme(Packaged(on=MAIN, at=DEV))),
    "a clone of a package": ("ODMD363", clone_of_a_package),
    "a repository as it is installed": ("ODMD363", lambda: acme(Shop(on=AsInstalled(), at=DEV))),
    "a build of a repository and of a package": (
        "ODMD040",
        lambda: of_build(Build("x", Repo("acme/x", ONE_TEAM)), Build("x", source=Installed("acme_x", ONE_TEAM))),
    ),
    "jobs of a package": (
        "ODMD178",
        lambda: of_build(Build("x", source=Installed("acme_x", ONE_TEAM), runs_on=Actions())),
    ),
    "a slot of an installed one that cannot be": ("ODMD014", lambda: acme(Packaged(on=AsInstalled("a/b"), at=DEV))),
    "a folder outside": ("ODMD041", lambda: of_build(Build("x", Repo("acme/x", ONE_TEAM), folder="../../etc"))),
    "an absolute folder": ("ODMD041", lambda: of_build(Build("x", Repo("acme/x", ONE_TEAM), folder="/etc"))),
    "a region that is not known": ("ODMD042", lambda: in_stages(Stage("far", ACCOUNT, "us-wset-1"))),
    "an account id that is too short": (
        "ODMD014",
        lambda: in_stages(Stage("far", Account("far", "12345"), "us-west-1")),
    ),
    "a namespace that begins with a dash": ("ODMD014", namespace_with_a_dash),
    "an image in no repository": ("ODMD014", image_in_no_repository),
    "a stack that begins with a digit": ("ODMD014", stack_with_a_digit),
    "names that differ in capitals only": ("ODMD020", capitals),
    "branches that differ in capitals only": ("ODMD020", capitals_in_branches),
    "a stack that two go on with": ("ODMD020", one_stack_in_two),
    "a stack that cannot be": ("ODMD014", lambda: acme(Shop(on=MAIN, at=DEV, stack="shop--a_b"))),
    "a stack of an image": ("ODMD014", image_with_a_stack),
    "a slot that cannot be": ("ODMD014", lambda: acme(Shop(on=Branch("a/b", slot="a/b"), at=DEV))),
    "an image that is written": ("ODMD022", pulls),
    "a stage that reaches nobody": ("ODMD023", lambda: shop_and_web(DEV, ALONE)),
    "a later stage": ("ODMD024", lambda: shop_and_web(PROD, DEV, stages=[DEV, PROD])),
    "a stage without a place in the order": ("ODMD024", lambda: shop_and_web(DEV, DEV, stages=[PROD])),
    "a gate of nobody": ("ODMD025", gated),
    "a promotion by nobody": ("ODMD025", promoted_by_nobody),
    "a request to the unlisted": ("ODMD026", asks_the_unlisted),
    "a product that nobody consumes": ("ODMD027", lambda: acme(Bus(on=MAIN, at=DEV))),
    "an input wired twice": ("ODMD028", wired_twice),
    "a schema that does not fit": ("ODMD030", lambda: read(BusV3(on=MAIN, at=DEV))),
    "a document that is nowhere": ("ODMD031", lambda: acme(Commands(on=MAIN, at=DEV, commands=("true",)))),
    "an image that consumes": ("ODMD032", image_that_consumes),
    "a region without contracts": ("ODMD033", lambda: acme(Contracts(on=MAIN, at=DEV), Shop(on=MAIN, at=FAR))),
    "a clone of a clone": ("ODMD034", clone_of_a_clone),
    "a clone on its origin's branch": ("ODMD034", clone_on_the_same_branch),
    "a promotion of another build": ("ODMD034", lambda: acme(Web(on=Promoted(Shop(on=MAIN, at=DEV)), at=PROD))),
    "an account id in a name": ("ODMD035", named_after_its_account),
    "a zone in capitals": ("ODMD036", lambda: zones("Shop")),
    "a zone in a zone": ("ODMD036", lambda: zones("shop", "a.shop")),
    "too many clones": ("ODMD037", many_clones),
    "a package without a name": ("ODMD055", lambda: published(distribution="")),
    "a package that is no package": ("ODMD055", lambda: published(distribution="acme contracts")),
    "a package with an option": ("ODMD055", lambda: published(distribution="--index-url=x")),
    "an organisation in a file": ("ODMD055", lambda: published(entry_point="contracts.py")),
    "an index that is a folder": ("ODMD055", lambda: published(index="/srv/packages")),
    "an index on this machine's disk": ("ODMD055", lambda: published(index="file:///srv/packages")),
    "an index with a password": ("ODMD055", lambda: published(index="https://me:secret@pypi.acme.dev/simple/")),
    "an index that anybody may answer": ("ODMD055", lambda: published(index="http://pypi.acme.dev/simple/")),
    "an upload to nowhere": ("ODMD055", lambda: published(upload="")),
    "an upload to no port": ("ODMD055", lambda: published(upload="https://pypi.acme.dev:x/")),
    "contracts that produce a host": ("ODMD056", lambda: acme(PublishedElsewise(on=MAIN, at=DEV, **INDEX))),
    "a secret that no parameter is called after": ("ODMD014", lambda: acme(SecretWithSpace(on=MAIN, at=DEV))),
    "two secrets that are one variable": ("ODMD019", lambda: acme(TwoSecrets(on=MAIN, at=DEV))),
    "one package of two builds": ("ODMD057", lambda: published_twice(distribution="Acme_Contracts")),
}


def findings(made: Organisation) -> list[Diagnostic]:
    try:
        return list(compile_contracts(made).warnings)
    except ContractsUnsound as unsound:
        return list(unsound.diagnostics())


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_rule_finds_its_mistake_at_its_place(mistake: str) -> None:
    code, make = BROKEN[mistake]
    found = [one for one in findings(make()) if one.code == code]
    assert found
    for one in found:
        assert one.place is not None
        assert one.place.file == __file__
        assert one.next_step


def clone_wired_anew() -> Organisation:
    shop, other = Shop(on=MAIN, at=DEV), Shop(on=Branch("other"), at=DEV)
    web = Web(on=MAIN, at=DEV, host=shop.host)
    fix = web.clone(Branch("fix-1"))
    fix.host = other.host
    return acme(shop, other, web, fix)


def replicated() -> Organisation:
    class Far(CdkEnver, build=build("far")):
        bus: Consumes[EventBus[OrderV3]]

    bus = BusV3(on=MAIN, at=DEV)
    return acme(bus, Far(on=MAIN, at=FAR, bus=bus.bus))


def known_gate() -> Organisation:
    shop = Shop(on=MAIN, at=DEV)
    return acme(shop, Web(on=MAIN, at=DEV, host=shop.host.gated(by=Team("ops"))), teams=[Team("ops")])


def placeholder_from_a_later_stage() -> Organisation:
    shop = Shop(on=MAIN, at=PROD)
    web = Web(on=MAIN, at=DEV, host=shop.host.until(HostName("first.example")))
    return acme(shop, web, stages=[DEV, PROD])


ANY = (
    "feature/foo#1",
    "Feature/Foo#1",
    "feature-foo-1",
    "dependabot/npm_and_yarn/@types/node-20.1",
    "x" * 150,
    "a_-b",
    "v2",
)


def packaged_at_two_stages() -> Organisation:
    first = Packaged(on=AsInstalled(), at=DEV)
    second = Packaged(on=AsInstalled("try"), at=DEV)
    return acme(first, second, Packaged(on=Promoted(first), at=PROD))


SOUND: dict[str, Callable[[], Organisation]] = {
    "a package, followed and promoted": packaged_at_two_stages,
    "an earlier stage": lambda: shop_and_web(DEV, PROD, stages=[DEV, PROD]),
    "a placeholder from a later stage": placeholder_from_a_later_stage,
    "a stage that is reached": lambda: shop_and_web(DEV, Stage("next", ACCOUNT, "us-west-1", reaches=(DEV,))),
    "a known gate": known_gate,
    "a reader of what extends it": lambda: read(BusV2(on=MAIN, at=DEV)),
    "branches of any name": lambda: acme(*[Shop(on=Branch(name), at=DEV) for name in ANY]),
    "a slot for each of two that differ in capitals only": lambda: acme(
        Shop(on=Branch("Fix", slot="fix-2"), at=DEV), Shop(on=Branch("fix"), at=DEV)
    ),
    "tag and branch of one name": lambda: acme(Shop(on=Branch("v/1"), at=DEV), Shop(on=Tag("v/1"), at=DEV)),
    "zones side by side": lambda: zones("shop", "payments"),
    "a clone wired anew": clone_wired_anew,
    "a replicated product": replicated,
    "published contracts": published,
    "contracts that are published from this machine to itself": lambda: published(
        index="http://localhost:8080/simple/", upload="http://127.0.0.1:8080/"
    ),
    "two packages of two builds": lambda: published_twice(distribution="other"),
    "one package of one build": lambda: acme(
        Published(on=MAIN, at=DEV, **INDEX), Published(on=Branch("next"), at=DEV, **INDEX)
    ),
    "contracts in each region": lambda: acme(Contracts(on=MAIN, at=DEV), Shop(on=MAIN, at=DEV)),
}  # fmt: skip


@pytest.mark.parametrize("sound", SOUND)
def test_what_is_right_is_left_alone(sound: str) -> None:
    assert not [one for one in findings(SOUND[sound]()) if one.severity is Severity.ERROR]


def test_a_writer_promises_what_readers_rely_on() -> None:
    bus = BusV2(on=MAIN, at=DEV)
    found = findings(acme(bus, Writer(on=MAIN, at=DEV, bus=bus.bus)))
    assert "price is not there" in next(one for one in found if one.code == "ODMD030").fact


def test_envers_that_are_declared_and_not_listed_are_told() -> None:
    shop, forgotten = Shop(on=MAIN, at=DEV), Shop(on=Branch("other"), at=DEV)
    with pytest.raises(ContractsUnsound) as unsound:
        compile_contracts(acme(shop), declared=[shop, forgotten])
    assert [one.code for one in unsound.value.diagnostics()] == ["ODMD029"]


def test_schema_documents_are_found_beside_their_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs.yaml").write_text("type: object\nrequired: [id]\nproperties: {id: {type: string}}\n")
    (tmp_path / "mine.json").write_text('{"type": "object", "required": ["id", "when"]}')
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "documented.py").write_text(DOCUMENTED)
    import documented  # type: ignore[import-not-found]  # pyright: ignore[reportMissingImports]

    (found,) = [one for one in findings(documented.acme) if one.severity is Severity.ERROR]
    assert (found.code, "when is not there" in found.fact) == ("ODMD030", True)


DOCUMENTED = """
from odmd.model import *
from odmd.model.kinds import EventBus
team, dev = Team("t"), Stage("dev", Account("dev", "111122223333"), "us-west-1")
class Bus(CdkEnver, build=Build("bus", Repo("acme/bus", team))):
    bus: Produces[EventBus[str]] = produced("orders", schema="theirs.yaml")
class Reader(CdkEnver, build=Build("reader", Repo("acme/reader", team))):
    bus: Consumes[EventBus[str]] = consumed("orders", schema="mine.json")
bus = Bus(on=Branch("main"), at=dev)
acme = Organisation("acme", central=dev.account, envers=[bus, Reader(on=Branch("main"), at=dev, bus=bus.bus)])
"""
