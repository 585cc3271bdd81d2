"""The order processor's template, without a run."""

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from order_processor_stack import OrderProcessorStack

from coffee_shop.services import OrderProcessor
from odmd.cdk import target


@pytest.fixture(scope="module")
def template():
    return Template.from_stack(OrderProcessorStack(cdk.App(), target(OrderProcessor)))


def test_it_publishes_what_was_made(template):
    assert set(template.find_outputs("*")) == {"OdmdOutProcessed"}


def test_the_rule_sits_on_the_consumed_bus(template):
    rule = {"EventBusName": {"Ref": "OdmdInBus"}, "EventPattern": {"detail-type": ["OrderPlaced"]}}
    template.has_resource_properties("AWS::Events::Rule", rule)


def test_the_kitchen_writes_to_the_consumed_counter(template):
    [function] = template.find_resources("AWS::Lambda::Function").values()
    assert function["Properties"]["Environment"]["Variables"]["COUNTER"] == {"Ref": "OdmdInCounter"}
