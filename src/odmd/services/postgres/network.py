"""Where the cluster is: in subnets that are there, or in a small VPC of its own without a way out."""

from __future__ import annotations

from aws_cdk import Fn, Stack
from aws_cdk.aws_ec2 import CfnSecurityGroup, CfnSubnet, CfnVPC
from aws_cdk.aws_rds import CfnDBSubnetGroup

from odmd.services.postgres.acknowledged import acknowledge
from odmd.services.postgres.contracts import PostgresConfig

_ZONES = 2
_HOST_BITS = "5"
"""Of a subnet: 32 addresses, of which AWS keeps five."""


def subnet_group(stack: Stack, config: PostgresConfig) -> tuple[CfnDBSubnetGroup, CfnSecurityGroup]:
    """The cluster's subnets, and its security group, which lets nobody in: clients come through IAM and the wires."""
    vpc, subnets = (config.vpc, list(config.subnets)) if config.vpc else _own(stack, config.cidr)
    about = "Where the cluster is"
    group = CfnDBSubnetGroup(stack, "Subnets", db_subnet_group_description=about, subnet_ids=subnets)
    guard = CfnSecurityGroup(
        stack,
        "Guard",
        group_description="Who reaches the cluster",
        vpc_id=vpc,
        security_group_egress=[{"cidrIp": "127.0.0.1/32", "ipProtocol": "-1", "description": "nowhere"}],
    )
    return group, guard


def _own(stack: Stack, cidr: str) -> tuple[str, list[str]]:
    vpc = CfnVPC(stack, "Vpc", cidr_block=cidr, enable_dns_hostnames=True, enable_dns_support=True)
    acknowledge(vpc, "AwsSolutions-VPC7", "there is no way in or out, and nobody in it but the cluster")
    blocks = Fn.cidr(cidr, _ZONES, _HOST_BITS)
    subnets = [
        CfnSubnet(
            stack,
            f"Subnet{number}",
            vpc_id=vpc.ref,
            cidr_block=Fn.select(number, blocks),
            availability_zone=Fn.select(number, Fn.get_azs()),
        ).ref
        for number in range(_ZONES)
    ]
    return vpc.ref, subnets
