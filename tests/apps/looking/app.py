"""Looks up a network and a name in its account, and commits no answer: it knows nothing of odmd."""

import os

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm
from constructs import Construct

HERE = cdk.Environment(account=os.environ["CDK_DEFAULT_ACCOUNT"], region=os.environ["CDK_DEFAULT_REGION"])


class Guests(cdk.Stack):
    """Says what it found: the ids are another account's business."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, env=HERE)
        network = ec2.Vpc.from_lookup(self, "Network", tags={"Name": "kitchen"})
        house = ssm.StringParameter.value_from_lookup(self, "/kitchen/house")
        found = [
            f"{kind} {subnet.availability_zone} {subnet.ipv4_cidr_block}"
            for kind, subnets in (("public", network.public_subnets), ("isolated", network.isolated_subnets))
            for subnet in subnets
        ]
        told = ssm.StringParameter(self, "Told", string_value=f"{house}: {network.vpc_cidr_block}: {', '.join(found)}")
        cdk.CfnOutput(self, "House", value=told.string_value)


app = cdk.App()
Guests(app, "guests")
app.synth()
