"""The function that takes orders."""

from pathlib import Path

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from coffee_shop.services import OrderManager
from odmd.cdk import EnverStack, config_text, consume, publish, secret, secret_version

FUNCTIONS = str(Path(__file__).parent / "functions")


class OrderManagerStack(EnverStack):
    """Reads the menu, writes to the bus."""

    def __init__(self, scope: Construct, enver: OrderManager) -> None:
        super().__init__(scope, enver)
        bus = events.EventBus.from_event_bus_name(self, "Bus", consume(self, enver.bus))
        menu = dynamodb.Table.from_table_name(self, "Menu", consume(self, enver.config))
        key = secret(self, enver.receipt_key)
        place_order = lambda_.Function(
            self,
            "PlaceOrder",
            function_name=enver.name("place-order"),
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="place_order.handler",
            code=lambda_.Code.from_asset(FUNCTIONS),
            environment={
                "BUS": bus.event_bus_name,
                "MENU": menu.table_name,
                "PRICES": config_text(self, enver.prices),
                "RECEIPT_KEY": key.secret_arn,
                "RECEIPT_KEY_VERSION": secret_version(self, enver.receipt_key),
            },
        )
        bus.grant_put_events_to(place_order)
        menu.grant_read_data(place_order)
        key.grant_read(place_order)
        publish(self, enver.place_order, place_order.function_name)
