"""The order manager's template, without a run."""

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template
from order_manager_stack import OrderManagerStack

from coffee_shop.services import OrderManager
from odmd.cdk import target


@pytest.fixture(scope="module")
def template():
    return Template.from_stack(OrderManagerStack(cdk.App(), target(OrderManager)))


def test_it_publishes_the_function(template):
    assert set(template.find_outputs("*")) == {"OdmdOutPlaceOrder"}


def test_the_function_gets_what_is_consumed(template):
    environment = {
        "BUS": {"Ref": "OdmdInBus"},
        "MENU": {"Ref": "OdmdInConfig"},
        "PRICES": {"Ref": "OdmdConfigPrices"},
        "RECEIPT_KEY": {"Ref": "OdmdSecretReceiptKey"},
        "RECEIPT_KEY_VERSION": {"Ref": "OdmdVersionOfReceiptKey"},
    }
    template.has_resource_properties("AWS::Lambda::Function", {"Environment": {"Variables": environment}})


def test_it_may_put_events_and_only_read_the_menu_and_the_key(template):
    [policy] = template.find_resources("AWS::IAM::Policy").values()
    allowed = {action for said in policy["Properties"]["PolicyDocument"]["Statement"] for action in actions(said)}
    assert "events:PutEvents" in allowed
    assert {"dynamodb:GetItem", "secretsmanager:GetSecretValue"} <= allowed
    assert not [action for action in allowed if "Put" in action and action != "events:PutEvents"]
    template.has_resource_properties("AWS::IAM::Role", {"AssumeRolePolicyDocument": Match.any_value()})


def actions(statement):
    said = statement["Action"]
    return [said] if isinstance(said, str) else said
