"""The foundation's template, without a run."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template
from foundation_stack import HERE, FoundationStack

from coffee_shop.services import Foundation
from odmd.cdk import target


@pytest.fixture(scope="module")
def template():
    return Template.from_stack(FoundationStack(cdk.App(), target(Foundation)))


def test_it_publishes_the_bus_and_both_tables(template):
    assert set(template.find_outputs("*")) == {"OdmdOutBus", "OdmdOutConfig", "OdmdOutCounter"}


def test_it_consumes_nothing(template):
    assert not [name for name in template.find_parameters("*") if name.startswith("OdmdIn")]


def test_the_menu_is_part_of_the_template(template):
    menu = (HERE / "menu.json").read_text()
    template.has_resource_properties("Custom::Menu", {"Menu": menu, "Table": Match.any_value()})


def test_the_menu_has_a_price_for_every_drink():
    menu = json.loads((HERE / "menu.json").read_text())
    assert menu
    assert all(item["drink"] and item["cents"] > 0 for item in menu)


def test_its_tables_are_paid_for_as_it_is_configured(template):
    template.has_resource_properties("AWS::DynamoDB::Table", {"BillingMode": "PAY_PER_REQUEST"})
