"""The coffee shop as an organisation: its account, its stage, and its services wired together."""

from coffee_shop.services import Foundation, OrderManager, OrderProcessor
from odmd.model import Account, Branch, Organisation, Stage

__version__ = "0.1.0"

workloads = Account("workloads", "111122223333")
dev = Stage("dev", workloads, "us-west-1")
main = Branch("main")

foundation = Foundation(on=main, at=dev)
order_manager = OrderManager(on=main, at=dev, bus=foundation.bus, config=foundation.config)
order_processor = OrderProcessor(on=main, at=dev, bus=foundation.bus, counter=foundation.counter)

organisation = Organisation(
    "coffee-shop",
    central=workloads,
    envers=[foundation, order_manager, order_processor],
)
