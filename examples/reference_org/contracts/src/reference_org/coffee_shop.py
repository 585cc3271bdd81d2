"""The reference organisation's own coffee shop: what two services share, and the two."""

from odmd.model import READ_WRITE, Build, CdkEnver, Consumes, Produces, consumed, produced
from odmd.model.kinds import EventBus, EventSource, Table
from reference_org.landscape import repo


class Foundation(CdkEnver, build=Build("coffee-shop-foundation", repo("coffee-shop--foundation"))):
    """What the coffee shop stands on. Its contracts say nothing of what travels and lies there: anything may."""

    bus: Produces[EventBus[object]] = produced("what happens in the shop", name="bus-src")
    bus_source: Produces[EventSource] = produced("what its events say that they come from", name="bus-src/ev-src")
    config: Produces[Table[object]] = produced("the menu, and whether the shop is open", name="config-table")
    config_source: Produces[EventSource] = produced("unused", name="config-table/ev-src", external=True)
    count: Produces[Table[object]] = produced("the last order's number", name="count-table")
    count_source: Produces[EventSource] = produced("unused", name="count-table/ev-src", external=True)


class OrderProcessor(CdkEnver, build=Build("coffeeShopOrderProcessor", repo("coffee-shop--order-processor"))):
    """Brings orders through the kitchen."""

    bus: Consumes[EventBus[object]] = consumed("where orders move on", access=READ_WRITE, name="eventBus")
    source: Consumes[EventSource] = consumed("which events to look at", name="eventSrc")
    config: Consumes[Table[object]] = consumed("the menu", name="configTableName")
    count: Consumes[Table[object]] = consumed("numbers orders", access=READ_WRITE, name="countTableName")


class OrderManager(CdkEnver, build=Build("coffeeShopOrderManager", repo("coffee-shop--order-manager"))):
    """Takes orders, and says how they stand."""

    bus: Consumes[EventBus[object]] = consumed("where orders move on", access=READ_WRITE, name="eventBus")
    source: Consumes[EventSource] = consumed("which events to look at", name="eventSrc")
    config: Consumes[Table[object]] = consumed("the menu", name="configTableName")
    count: Consumes[Table[object]] = consumed("the last order's number", name="countTableName")
