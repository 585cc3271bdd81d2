"""Right contracts: the hard cases, which mypy and pyright must accept without a cast or an ignore."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, assert_type

from coffee_shop import foundation, order_manager, order_processor
from coffee_shop.kinds import Function
from coffee_shop.schemas import MenuItem, OrderPlaced, ProcessedOrder
from odmd.model import (
    READ_WRITE,
    Account,
    Branch,
    Build,
    CdkEnver,
    CloneSet,
    CommandEnver,
    Config,
    Consumes,
    Dockerfile,
    Enver,
    Hub,
    ImageEnver,
    KubernetesEnver,
    NeededSecret,
    Offer,
    Offers,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Requests,
    Revision,
    Stage,
    Tag,
    Team,
    Wire,
    configured,
    consumed,
    hub,
    late,
    needed,
    offered,
    produced,
    requested,
)
from odmd.model.kinds import (
    API_DOC,
    Cidr,
    EksCluster,
    EventBus,
    HostName,
    HttpApi,
    Image,
    IpamPool,
    NameServers,
    OpenApi,
    Secret,
    Table,
)

platform, baristas = Team("platform"), Team("baristas")
dev = Stage("dev", Account("dev", "111111111111"), "us-west-1")
test = Stage("test", Account("test", "222222222222"), "us-west-1")
prod = Stage("prod", Account("prod", "333333333333"), "us-west-1")


# 1. Networking <-> VPC: a keyed hub, typed placeholder
class Network(CdkEnver, build=Build("networking", Repo("acme/networking", platform))):
    pool: Produces[IpamPool] = produced("address pool", name="share-pool")
    name_servers: Hub[NameServers] = hub("zones to delegate, by subdomain")


# 2. Shared VPC + database: a client asks, the shared enver makes
@dataclass(frozen=True)
class PgSchema(Offer):
    schema: str
    app: Produces[Secret] = field(init=False)
    migrate: Produces[Secret] = field(init=False)


class SharedDb(CdkEnver, build=Build("default-vpc-rds", Repo("acme/default-vpc-rds", platform))):
    pool: Consumes[IpamPool]
    zone: Produces[NameServers] = produced("name servers of the VPC's zone")
    host: Produces[HostName] = produced("writer endpoint")
    allowed: Hub[Cidr] = hub("networks let in, by client")
    schemas: Offers[PgSchema] = offered("a schema with its users")


# 3. Two images of one repository; a build in a folder of the other's
pay_repo = Repo("acme/payments", baristas)


class PayImages(ImageEnver, build=Build("payments-img", pay_repo)):
    app: Produces[Image] = produced("application", source=Dockerfile("app/Dockerfile"))
    migration: Produces[Image] = produced("migration", source=Dockerfile("db/Dockerfile"))


class Payments(CdkEnver, build=Build("payments", pay_repo, folder="cdk")):
    app: Consumes[Image]
    migration: Consumes[Image]
    db_host: Consumes[HostName]
    db: Requests[PgSchema] = requested(PgSchema(schema="payments"))
    api: Produces[HttpApi] = produced("payments API", name="endpoint")


class Web(CdkEnver, build=Build("web", Repo("acme/web", baristas))):
    api: Consumes[HttpApi]
    api_doc: Consumes[OpenApi]


# 5. Matrix: one function, three stages, identity by stage; the revision moves by promotion
class Shop(NamedTuple):
    images: PayImages
    payments: Payments
    web: Web


def shop(at: Stage, shared: SharedDb, after: Shop | None = None, by: Team | None = None) -> Shop:
    def rev(of: Enver | None) -> Revision:
        return Promoted(of, by) if of else Branch("main")

    img = PayImages(on=rev(after and after.images), at=at)
    pay = Payments(
        on=rev(after and after.payments),
        at=at,
        app=img.app,
        migration=img.migration,
        db_host=shared.host,
        db=shared.schemas,
    )
    web = Web(on=rev(after and after.web), at=at, api=pay.api, api_doc=pay.api.child(API_DOC))
    return Shop(img, pay, web)


def shared_db(at: Stage) -> SharedDb:
    network = Network(on=Branch("main"), at=at)
    shared = SharedDb(on=Branch("main"), at=at, pool=network.pool)
    network.name_servers["shop"] = shared.zone.until(NameServers(("ns.example",)))
    return shared


main = Branch("main")
d = shop(dev, shared_db(dev))
t = shop(test, shared_db(test), after=d)
p = shop(prod, shared_db(prod), after=t, by=baristas)

# 4. A clone, and a constellation of clones
fix = d.web.clone(Branch("fix-1"))
pair = CloneSet(Branch("fix-2"), d.payments, d.web)
fix.api = pair[d.payments].api


# schema evolution: a v1 reader on a v2 bus
@dataclass(frozen=True)
class OrderV1:
    order_id: str


@dataclass(frozen=True)
class OrderV2(OrderV1):
    priority: int = 0


class Foundation(CdkEnver, build=Build("foundation", Repo("acme/foundation", baristas))):
    bus: Produces[EventBus[OrderV2]] = produced("orders")


class Reader(CdkEnver, build=Build("reader", Repo("acme/reader", baristas))):
    bus: Consumes[EventBus[OrderV1]]


Reader(on=Tag("v1.0.0"), at=dev, bus=Foundation(on=main, at=dev).bus)
assert d.payments.db.app.owner is d.payments.db


# 6. Wired late, by hand, after an approval; a table that is read and written
class Report(CdkEnver, build=Build("report", Repo("acme/report", baristas))):
    """What the tables say."""

    orders: Consumes[Table[ProcessedOrder]] = consumed("what was made", access=READ_WRITE, name="made-orders")
    menu: Consumes[Table[MenuItem]] = late("the menu, wired once there is one")
    pages: Produces[HttpApi] = produced("the report")


report = Report(on=main, at=dev, orders=order_processor.processed.manual())
report.menu = foundation.config
report.menu = foundation.config.gated(by=platform)


# 7. What no contract holds the value of; a product replicated elsewhere, one that tells who uses it; other build types
@dataclass(frozen=True)
class Scaling:
    most: int = 4


class Till(CdkEnver, build=Build("till", Repo("acme/till", baristas), documents=("till.md",))):
    """Takes the money."""

    scaling: Config[Scaling] = configured("how many instances run")
    stripe: NeededSecret = needed("key of the payment provider", name="stripe-key")
    receipts: Produces[Table[OrderV1]] = produced("receipts", regions=("eu-west-1",), tells_consumers=True)


class Chart(KubernetesEnver, build=Build("chart", Repo("acme/chart", platform))):
    """Brings the web into a cluster."""

    cluster: Consumes[EksCluster]


class Migration(CommandEnver, build=Build("migration", Repo("acme/migration", platform))):
    """Moves data once."""


till = Till(on=main, at=dev, documents=("night-shift.md",))
migration = Migration(on=main, at=dev, commands=("make migrate",), ephemeral=True)
far = Stage("far", prod.account, "eu-west-1", reaches=(prod,))
acme = Organisation(
    "acme",
    central=dev.account,
    envers=[till, migration, *d, *t, *p],
    stages=[dev, test, prod],
    teams=[Team("night-shift", contacts=("night@acme.example",))],
)
assert_type(till.scaling, Config[Scaling])
assert_type(till.scaling.schema, type[Scaling])
assert_type(till.stripe, NeededSecret)

# What an application developer's editor shows.
assert_type(foundation.bus, Produces[EventBus[OrderPlaced]])
assert_type(order_manager.bus, Wire[EventBus[OrderPlaced]])
assert_type(order_manager.config, Wire[Table[MenuItem]])
assert_type(order_manager.place_order, Produces[Function])
assert_type(report.menu, Wire[Table[MenuItem]])
assert_type(shared_db(dev).zone.until(NameServers(("ns.example",))), Wire[NameServers])
assert_type(d.payments.api.child(API_DOC), Produces[OpenApi])
assert_type(d.payments.db, PgSchema)
assert_type(d.payments.db.app, Produces[Secret])
assert_type(fix, Web)
assert_type(pair[d.payments], Payments)
