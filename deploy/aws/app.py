"""The control plane in a central account: `cdk deploy -c image=… -c certificate=… -c hostname=… -c accounts=…`."""

from __future__ import annotations

from aws_cdk import App, Environment, Validations
from cdk_nag import AwsSolutionsChecks
from control_plane import ControlPlane
from wanted import Wanted


def main() -> None:
    """Nothing is written where cdk-nag finds what nobody gave a reason for."""
    app = App(context={"@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True})  # an ACL is how it was done once
    wanted = Wanted.of(app.node.try_get_context)
    ControlPlane(app, "odmd", wanted, env=Environment(account=wanted.account, region=wanted.region))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


main()
