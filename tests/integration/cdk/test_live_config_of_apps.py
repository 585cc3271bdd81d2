"""What a CDK app makes of config that its service reads live: the right to read one parameter, and where it is."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from odmd.cdk import EnverStack, config_location, live_config, target
from odmd.errors import NotInRun
from odmd.model import Build, CdkEnver, Config, Repo, Team, configured


@dataclass
class Flags:
    beta: bool = False


class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", Team("baristas")))):
    flags: Config[Flags] = configured("what is open to whom", read="live")
    size: Config[Flags] = configured("how large it is", read="deploy")


def test_its_reader_may_read_that_parameter_alone_and_is_told_where() -> None:
    enver = target(Orders)
    stack = EnverStack(cdk.App(), enver)
    role = iam.Role(stack, "role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))

    told = live_config(stack, enver.flags, role)

    path = config_location(enver.flags)
    assert told == {"ODMD_LIVE_FLAGS": path}
    assert path.endswith("/config/flags")
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "ssm:GetParameter")
    assert f":parameter{path}" in str(statement["Resource"])
    assert "*" not in str(statement["Resource"])


def test_what_is_not_read_live_stands_nowhere() -> None:
    enver = target(Orders)
    stack = EnverStack(cdk.App(), enver)
    role = iam.Role(stack, "role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    with pytest.raises(NotInRun, match="config size is read at deploy"):
        live_config(stack, enver.size, role)
