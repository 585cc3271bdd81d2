"""The foundation's CDK app."""

import aws_cdk as cdk
from foundation_stack import FoundationStack

from coffee_shop.services import Foundation
from odmd.cdk import target

app = cdk.App()
FoundationStack(app, target(Foundation))
app.synth()
