"""The site's CDK app."""

import aws_cdk as cdk
from site_stack import SiteStack

from odmd.cdk import target
from tea_house.services import Site

app = cdk.App()
SiteStack(app, target(Site))
app.synth()
