"""Guests: place orders with the deployed system, steadily, and account for every one."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from odmd.errors import DemoFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient

_SECONDS_BETWEEN_ORDERS: Final = 0.25
_SECONDS_TO_MAKE_THE_LAST: Final = 180.0


@dataclass(slots=True)
class Guests:
    """One guest after another, in a thread of their own."""

    place_order: str
    """Name of the Lambda that takes orders."""
    processed: str
    """Name of the table where they come out."""
    functions: LambdaClient
    tables: DynamoDBClient
    drink: str = "espresso"
    placed: set[str] = field(default_factory=set[str])
    turned_away: int = 0
    """Orders that the system did not take, told to the guest: not lost, but not served."""
    newest: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The receipt of the order that was taken last."""
    _leave: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def come(self) -> None:
        """Begins to order."""
        self._thread = threading.Thread(target=self._order_steadily, name="guests", daemon=True)
        self._thread.start()

    def price(self) -> str:
        """What the drink costs now, on the receipt of one more order."""
        return _priced(self._order())

    def wait_for_price(self, cents: int) -> str:
        """Until a guest pays so much for the drink; the receipt.

        Raises:
            DemoFailed: none does.
        """
        if self._wait(lambda: set() if self.newest.get("cents") == cents else {"another price"}):
            raise DemoFailed(f"the drink costs {_priced(self.newest)}")
        return _priced(self.newest)

    def leave(self) -> None:
        """Places no more orders."""
        self._leave.set()
        if self._thread:
            self._thread.join()

    def made(self) -> set[str]:
        """Orders that came out."""
        pages = self.tables.get_paginator("scan").paginate(TableName=self.processed, ConsistentRead=True)
        return {str(item["order_id"].get("S")) for page in pages for item in page["Items"]}

    def wait_for_the_last(self) -> set[str]:
        """Waits until every order came out; returns those that did not."""
        return self._wait(lambda: self.placed - self.made())

    def wait_for_the_first(self) -> None:
        """Waits until orders come out at all.

        Raises:
            DemoFailed: none does.
        """
        if self._wait(lambda: set() if self.placed and self.made() else {"the first order"}):
            raise DemoFailed(f"no order came out: {len(self.placed)} placed, {self.turned_away} turned away")

    def _wait(self, missing: Callable[[], set[str]]) -> set[str]:
        deadline = time.monotonic() + _SECONDS_TO_MAKE_THE_LAST
        while (still := missing()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return still

    def _order_steadily(self) -> None:
        while not self._leave.wait(_SECONDS_BETWEEN_ORDERS):
            self._order()

    def _order(self) -> Mapping[str, Any]:
        """The receipt; nothing, if the order was not taken."""
        order = {"order_id": uuid.uuid4().hex, "drink": self.drink}
        try:
            answer = self.functions.invoke(FunctionName=self.place_order, Payload=json.dumps(order).encode())
            taken = json.loads(answer["Payload"].read())
        except Exception:  # a guest who gets no answer asks again later, as people do
            taken = dict[str, object]()
        if taken.get("accepted"):
            self.placed.add(str(taken["order_id"]))
            self.newest = taken
            return taken
        self.turned_away += 1
        return {}


def _priced(receipt: Mapping[str, Any]) -> str:
    if not receipt:
        return "nobody knows how much"
    return f"{int(receipt['cents']) / 100:.2f}, receipt {receipt['receipt'][:8]}…"
