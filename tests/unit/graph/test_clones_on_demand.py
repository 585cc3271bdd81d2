"""Clones that were made on demand are as those that the contracts' text declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from odmd.errors import Place
from odmd.graph import Compiled, compile_contracts
from odmd.graph.clones import with_clones, wrong_with_clones
from odmd.graph.nodes import CloneNode, CloneSetNode, EnverNode
from odmd.model import (
    WRITE,
    Account,
    Approval,
    Branch,
    Build,
    CdkEnver,
    CloneSet,
    Consumes,
    Enver,
    Hub,
    ImageEnver,
    KubernetesEnver,
    NpmEnver,
    Offer,
    Offers,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Requests,
    Stage,
    Team,
    consumed,
    hub,
    offered,
    produced,
    requested,
)
from odmd.model.kinds import API_DOC, Cidr, EksCluster, HostName, HttpApi, Image, NpmPackage, OpenApi, Secret

TEAM = Team("baristas")
ACCOUNT = Account("workloads", "111122223333")
DEV, PROD = Stage("dev", ACCOUNT, "us-west-1"), Stage("prod", ACCOUNT, "eu-west-1")
MAIN = Branch("main")
NOWHERE = Place("", 0)


def build(name: str) -> Build:
    return Build(name, Repo(f"acme/{name}", TEAM))


@dataclass(frozen=True)
class Schema(Offer):
    schema: str
    app: Produces[Secret] = field(init=False)
    host: Produces[HostName] = field(init=False)


@dataclass(frozen=True)
class Noted(Offer):
    """Makes nothing."""

    what: str


class Database(CdkEnver, build=build("database")):
    host: Produces[HostName] = produced("writer")
    allowed: Hub[Cidr] = hub("networks let in")
    notes: Offers[Noted] = offered("a note")
    schemas: Offers[Schema] = offered("a schema")


class Images(ImageEnver, build=build("images")):
    app: Produces[Image] = produced("the app")


class Client(NpmEnver, build=build("client")):
    package: Produces[NpmPackage] = produced("client")


class Shop(CdkEnver, build=build("shop")):
    app: Consumes[Image]
    host: Consumes[HostName]
    client: Consumes[NpmPackage]
    db: Requests[Schema] = requested(Schema(schema="shop"))
    note: Requests[Noted] = requested(Noted(what="hello"))
    api: Produces[HttpApi] = produced("orders", name="endpoint")
    network: Produces[Cidr] = produced("where it lives", external=True)


class Pages(KubernetesEnver, build=build("pages")):
    doc: Consumes[OpenApi] = consumed("what the shop can", name="shop-doc")
    api: Consumes[HttpApi] = consumed("the shop", access=WRITE)
    cluster: Consumes[EksCluster]


class Cluster(CdkEnver, build=build("cluster")):
    cluster: Produces[EksCluster] = produced("where things run")


@dataclass(frozen=True)
class Forms:
    """In which ways the organisation is declared."""

    gated: bool
    approval: bool
    placeholder: bool
    stacks: bool
    promoted: bool


def envers(said: Forms) -> Sequence[Enver]:
    shared = Database(on=MAIN, at=DEV)
    images, client = (
        Images(on=MAIN, at=DEV),
        Client(on=MAIN, at=DEV, package_name="@acme/client", registry="https://npm/"),
    )
    shop = Shop(
        on=MAIN,
        at=DEV,
        app=images.app.gated(by=Approval(TEAM, count=2) if said.approval else TEAM) if said.gated else images.app,
        host=shared.host,
        client=client.package,
        db=shared.schemas,
        note=shared.notes,
        stack="shop-of-old" if said.stacks else "",
    )
    cluster = Cluster(on=MAIN, at=DEV)
    if said.placeholder:
        shared.allowed["shop"] = shop.network.until(Cidr("10.0.0.0/16"))
    pages = Pages(on=MAIN, at=DEV, doc=shop.api.child(API_DOC), api=shop.api, cluster=cluster.cluster)
    more = [Database(on=Promoted(shared), at=PROD)] if said.promoted else []
    return [shared, images, client, shop, cluster, pages, *more]


def compiled(*listed: Enver) -> Compiled:
    return compile_contracts(Organisation("acme", central=ACCOUNT, envers=listed, stages=[DEV, PROD]))


def nodes(found: Compiled) -> dict[str, EnverNode]:
    return dict(found.graph.envers)


forms = st.builds(Forms, *[st.booleans()] * 5)
chosen = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True), min_size=1, max_size=3)


@given(forms, chosen)
def test_they_equal_those_that_are_declared(said: Forms, sets: list[list[int]]) -> None:
    text, with_text = envers(said), envers(said)
    wanted, declared = list[CloneSetNode](), list[Enver]()
    for number, places in enumerate(sets):
        origins = [at for at in places if at < len(text)] or [0]
        made = CloneSet(branch := Branch(f"fix/{number}"), *(with_text[at] for at in origins))
        declared += [made[with_text[at]] for at in origins]
        clones = tuple(CloneNode(text[at].address, branch.name) for at in origins)
        wanted.append(CloneSetNode(branch.short, clones))
    there, here = compiled(*with_text, *declared), with_clones(compiled(*text), wanted)
    assert nodes(here).keys() == nodes(there).keys()
    for address, node in nodes(there).items():
        assert _without_places(here.graph.envers[address]) == _without_places(node)
        assert here.graph.slice(address) == node.slice() == here.graph.envers[address].slice()
    assert here.graph.digest() == there.graph.digest()
    assert here.graph.moves_after == there.graph.moves_after
    assert [one.address for one in here.graph.clones] == [one.address for one in wanted]
    assert not wrong_with_clones(here)
    assert with_clones(here, wanted) == here
    assert with_clones(here, ()).graph.digest() == compiled(*text).graph.digest()


def _without_places(node: EnverNode) -> tuple[object, ...]:
    wires = [wire._replace(place=NOWHERE) for wire in node.wires]
    return node.products, wires, node.asked, node.built, node.revision, node.origin, node.ephemeral
