"""Wrong contracts: every line with a `wrong:` mark must be refused by mypy and by pyright, and no other line."""

from __future__ import annotations

from right import (
    Foundation,
    Migration,
    Network,
    OrderV1,
    OrderV2,
    Payments,
    PgSchema,
    Scaling,
    SharedDb,
    Till,
    Web,
    baristas,
    d,
    fix,
)

from coffee_shop import dev, foundation, main
from coffee_shop.schemas import OrderPlaced
from coffee_shop.services import OrderManager, OrderProcessor
from odmd.model import (
    Branch,
    Build,
    CdkEnver,
    CloneSet,
    Consumes,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Stage,
    Team,
    consumed,
    produced,
)
from odmd.model.kinds import API_DOC, Cidr, EventBus, Table

repo = Repo("acme/wrong", baristas)
network = Network(on=main, at=dev)
shared = SharedDb(on=main, at=dev, pool=network.pool)


class ReaderOfV2(CdkEnver, build=Build("reader-of-v2", repo)):
    bus: Consumes[EventBus[OrderV2]]


class BusOfV1(CdkEnver, build=Build("bus-of-v1", repo)):
    bus: Produces[EventBus[OrderV1]] = produced("first schema only")


class TableOfOrders(CdkEnver, build=Build("table-of-orders", repo)):
    table: Consumes[Table[OrderPlaced]] = consumed("a table is read and written, so its schema fits exactly")


v1 = BusOfV1(on=main, at=dev)
app, api = d.images.app, d.payments.api
bus, config, counter = foundation.bus, foundation.config, foundation.counter

# the wrong product
OrderManager(on=main, at=dev, bus=counter, config=config)  # wrong: Table\[Counter\].+EventBus\[OrderPlaced\]
OrderManager(on=main, at=dev, bus=bus, config=counter)  # wrong: Table\[Counter\].+Table\[MenuItem\]
OrderProcessor(on=main, at=dev, bus=shared.host, counter=counter)  # wrong: HostName.+EventBus\[OrderPlaced\]
OrderManager(on=main, at=dev, bus="orders", config=config)  # wrong: (str|Literal).+EventBus\[OrderPlaced\]
ReaderOfV2(on=main, at=dev, bus=v1.bus)  # wrong: OrderV1.+OrderV2
TableOfOrders(on=main, at=dev, table=counter)  # wrong: Table\[Counter\].+Table\[OrderPlaced\]
Web(on=main, at=dev, api=api, api_doc=shared.host.child(API_DOC))  # wrong: HttpApi.+HostName
Payments(on=main, at=dev, app=app, migration=app, db_host=shared.host, db=shared.allowed)  # wrong: Hub.+Offers
fix.api = app  # wrong: Image.+HttpApi

# into a hub, with a placeholder, after an approval
network.name_servers["shop"] = shared.host  # wrong: HostName.+NameServers
network.name_servers["shop"] = shared.zone.until(Cidr("10.0.0.0/8"))  # wrong: Cidr.+NameServers
network.name_servers[1] = shared.zone  # wrong: (int|Literal).+str
shared.pool = network.pool.gated(by="platform")  # wrong: (str|Literal).+Team

# misspelled, missing, too much
OrderManager(on=main, at=dev, bus=bus, config=config, confg=config)  # wrong: confg
OrderManager(on=main, at=dev, bus=bus, confg=config)  # wrong: confg
OrderManager(on=main, at=dev, bus=bus)  # wrong: config
OrderManager(on=main, at=dev, bus=foundation.buss, config=config)  # wrong: buss
Foundation(on=main, at=dev, bus=v1.bus)  # wrong: bus
fix.ap = api  # wrong: ap
nope = CloneSet(Branch("x"), d.web)[d.web].nope  # wrong: nope

# not a revision, not a stage, not a build
Web(on="main", at=dev, api=api, api_doc=api.child(API_DOC))  # wrong: (str|Literal).+(Branch|Revision)
Foundation(on=main, at="dev")  # wrong: (str|Literal).+Stage
Foundation(on=Promoted("foundation"), at=dev)  # wrong: (str|Literal).+Enver
foundation.clone("fix-1")  # wrong: (str|Literal).+Branch
PgSchema()  # wrong: schema


# what an organisation and its stages take
Organisation("acme", central="dev", envers=[])  # wrong: (str|Literal).+Account
Organisation("acme", central=dev.account, envers=[Foundation])  # wrong: type\[Foundation\].+Enver
Organisation("acme", central=dev.account, envers=[], stages=["dev"])  # wrong: (str|Literal).+Stage
Stage("far", dev.account, "eu-west-1", reaches="dev")  # wrong: (str|Literal).+(tuple|Stage)
Team("night-shift", contacts="night@acme.example")  # wrong: (str|Literal).+tuple
Migration(on=main, at=dev)  # wrong: commands
Till(on=main, at=dev, scaling=Scaling())  # wrong: scaling
Till(on=main, at=dev, stripe="sk_live")  # wrong: stripe


class NamedByText(CdkEnver, build="named-by-text"):  # wrong: (str|Literal).+Build
    bus: Consumes[EventBus[OrderV1]]


class OfNoKind(CdkEnver, build=Build("of-no-kind", repo)):
    count: Produces[int] = produced("a number")  # wrong: int.+(Kind|Produces)
