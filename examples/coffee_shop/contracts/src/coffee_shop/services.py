"""The coffee shop's services: what each consumes and produces, and who owns it."""

from coffee_shop.config import Prices, Tables
from coffee_shop.kinds import Function
from coffee_shop.schemas import Counter, MenuItem, OrderPlaced, ProcessedOrder
from odmd.model import (
    READ_WRITE,
    WRITE,
    Build,
    CdkEnver,
    Config,
    Consumes,
    NeededSecret,
    Produces,
    Repo,
    Team,
    configured,
    consumed,
    needed,
    produced,
)
from odmd.model.kinds import EventBus, Table

platform, baristas = Team("platform"), Team("baristas")


class Foundation(CdkEnver, build=Build("foundation", Repo("coffee-shop/foundation", platform))):
    """What all of the coffee shop stands on: the bus, the menu and the counter."""

    bus: Produces[EventBus[OrderPlaced]] = produced("orders, from the counter to the kitchen")
    config: Produces[Table[MenuItem]] = produced("the menu")
    counter: Produces[Table[Counter]] = produced("how many orders were made")
    tables: Config[Tables] = configured("how its tables are paid for")


class OrderManager(CdkEnver, build=Build("order-manager", Repo("coffee-shop/order-manager", baristas))):
    """Takes orders for what is on the menu."""

    bus: Consumes[EventBus[OrderPlaced]] = consumed("where orders are put", access=WRITE)
    config: Consumes[Table[MenuItem]] = consumed("the menu")
    prices: Config[Prices] = configured("what drinks cost here, whatever the menu says", read="deploy")
    receipt_key: NeededSecret = needed("key that receipts are signed with", name="receipt-key", restarts=True)
    place_order: Produces[Function] = produced("takes an order", name="place-order", external=True)


class OrderProcessor(CdkEnver, build=Build("order-processor", Repo("coffee-shop/order-processor", baristas))):
    """Makes what was ordered, each order once."""

    bus: Consumes[EventBus[OrderPlaced]] = consumed("where orders arrive")
    counter: Consumes[Table[Counter]] = consumed("how many orders were made", access=READ_WRITE)
    processed: Produces[Table[ProcessedOrder]] = produced("orders that were made", external=True)
