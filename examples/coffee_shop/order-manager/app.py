"""The order manager's CDK app."""

import aws_cdk as cdk
from order_manager_stack import OrderManagerStack

from coffee_shop.services import OrderManager
from odmd.cdk import target

app = cdk.App()
OrderManagerStack(app, target(OrderManager))
app.synth()
