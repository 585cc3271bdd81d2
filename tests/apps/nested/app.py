"""Nested stacks, files that are bundled, lookups with and without an answer in git: it knows nothing of odmd."""

import os
import shutil
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from constructs import Construct

HERE = cdk.Environment(account=os.environ["CDK_DEFAULT_ACCOUNT"], region=os.environ["CDK_DEFAULT_REGION"])
FUNCTION = Path(__file__).parent / "function"


@jsii.implements(cdk.ILocalBundling)
class Copied:
    """Bundles without a container, as apps do for those who have none."""

    def try_bundle(self, output_dir: str, *_how: object, **_options: object) -> bool:
        shutil.copytree(FUNCTION, output_dir, dirs_exist_ok=True)
        (Path(output_dir) / "version.txt").write_text("7\n")
        return True


class Oven(cdk.NestedStack):
    """A function in a stack of its own."""

    def __init__(self, scope: Construct, id: str, subnet: str) -> None:
        super().__init__(scope, id)
        code = lambda_.Code.from_asset(
            str(FUNCTION),
            bundling=cdk.BundlingOptions(image=cdk.DockerImage.from_registry("scratch"), local=Copied()),
        )
        self.function = lambda_.Function(
            self, "Bake", runtime=lambda_.Runtime.PYTHON_3_12, handler="bake.handler", code=code,
            environment={"SUBNET": subnet},
        )  # fmt: skip


class Kitchen(cdk.Stack):
    """Gives the nested stack what it looked up, and publishes what that made."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, env=HERE)
        found = ssm.StringParameter.value_from_lookup(self, "/kitchen/subnet")
        oven = Oven(self, "Oven", found)
        cdk.CfnOutput(self, "Bake", value=oven.function.function_name)
        self._say_what_the_account_has()

    def _say_what_the_account_has(self) -> None:
        """Nobody committed an answer to this; ids are left out, as each account has its own."""
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
Kitchen(app, "kitchen")
app.synth()
