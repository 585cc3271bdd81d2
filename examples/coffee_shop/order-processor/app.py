"""The order processor's CDK app."""

import aws_cdk as cdk
from order_processor_stack import OrderProcessorStack

from coffee_shop.services import OrderProcessor
from odmd.cdk import target

app = cdk.App()
OrderProcessorStack(app, target(OrderProcessor))
app.synth()
