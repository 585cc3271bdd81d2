"""The bus, the menu and the counter that the coffee shop's services share."""

from pathlib import Path

from aws_cdk import CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from coffee_shop.services import Foundation
from odmd.cdk import EnverStack, config, publish

BUS = "orders"
HERE = Path(__file__).parent


class FoundationStack(EnverStack):
    """One stack for all three: they live and die together."""

    def __init__(self, scope: Construct, enver: Foundation) -> None:
        super().__init__(scope, enver)
        self.enver, self.paid = enver, config(enver.tables)
        bus = events.EventBus(self, "Bus", event_bus_name=enver.name(BUS))
        menu = self.table("Config", key="drink")
        counter = self.table("Counter", key="counter")
        self.fill(menu)
        publish(self, enver.bus, bus.event_bus_name)
        publish(self, enver.config, menu.table_name)
        publish(self, enver.counter, counter.table_name)

    def table(self, id: str, *, key: str) -> dynamodb.Table:
        """A table with one text as key."""
        provisioned = self.paid.mode == "provisioned"
        return dynamodb.Table(
            self,
            id,
            table_name=self.enver.name(id.lower()),
            partition_key=dynamodb.Attribute(name=key, type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PROVISIONED if provisioned else dynamodb.BillingMode.PAY_PER_REQUEST,
            read_capacity=self.paid.reads if provisioned else None,
            write_capacity=self.paid.writes if provisioned else None,
        )

    def fill(self, table: dynamodb.Table) -> None:
        """Makes the table hold `menu.json`, at every deployment that changes the file."""
        filler = lambda_.Function(
            self,
            "FillMenu",
            function_name=self.enver.name("fill-menu"),
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="fill_menu.handler",
            code=lambda_.Code.from_asset(str(HERE / "functions")),
            timeout=Duration.seconds(30),
        )
        table.grant_write_data(filler)
        menu = CustomResource(
            self,
            "Menu",
            service_token=filler.function_arn,
            resource_type="Custom::Menu",
            removal_policy=RemovalPolicy.DESTROY,
            properties={"Table": table.table_name, "Menu": (HERE / "menu.json").read_text()},
        )
        menu.node.add_dependency(filler)
