"""What travels over the bus and lies in the tables."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MenuItem:
    """A drink on the menu; the key is `drink`."""

    drink: str
    cents: int


@dataclass(frozen=True)
class OrderPlaced:
    """A guest ordered a drink that is on the menu."""

    order_id: str
    drink: str
    cents: int
    guest: str


@dataclass(frozen=True)
class ProcessedOrder:
    """An order that was made; the key is `order_id`."""

    order_id: str
    drink: str


@dataclass(frozen=True)
class Counter:
    """A number that only grows; the key is `counter`."""

    counter: str
    value: int
