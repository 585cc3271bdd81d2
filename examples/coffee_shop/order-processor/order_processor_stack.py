"""The kitchen: a rule on the bus, a function, and a table of what was made."""

from pathlib import Path

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from coffee_shop.services import OrderProcessor
from odmd.cdk import EnverStack, consume, publish

FUNCTIONS = str(Path(__file__).parent / "functions")


class OrderProcessorStack(EnverStack):
    """Reads the bus, counts, and keeps what was made."""

    def __init__(self, scope: Construct, enver: OrderProcessor) -> None:
        super().__init__(scope, enver)
        bus = events.EventBus.from_event_bus_name(self, "Bus", consume(self, enver.bus))
        counter = dynamodb.Table.from_table_name(self, "Counter", consume(self, enver.counter))
        processed = dynamodb.Table(
            self,
            "Processed",
            table_name=enver.name("processed"),
            partition_key=dynamodb.Attribute(name="order_id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        )
        kitchen = lambda_.Function(
            self,
            "Kitchen",
            function_name=enver.name("kitchen"),
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="kitchen.handler",
            code=lambda_.Code.from_asset(FUNCTIONS),
            environment={"PROCESSED": processed.table_name, "COUNTER": counter.table_name},
        )
        processed.grant_read_write_data(kitchen)
        counter.grant_read_write_data(kitchen)
        events.Rule(
            self,
            "Orders",
            event_bus=bus,
            event_pattern=events.EventPattern(detail_type=["OrderPlaced"]),
            targets=[targets.LambdaFunction(kitchen)],
        )
        publish(self, enver.processed, processed.table_name)
