"""Lookups as an AWS answers them: what an app is told of a network is what the CDK command line tells it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from odmd.errors import LookupFailed
from odmd.model.targets import Target
from odmd.providers.aws import Emulator, Sessions
from odmd.providers.aws.lookups import look_up
from odmd.providers.aws.lookups.query import Query

_accounts = itertools.count(300000000001)


@dataclass
class Account:
    """An account with a VPC of three kinds of subnets in two zones, and a few things with names."""

    emulator: Emulator
    target: Target

    def client(self, service: str) -> Any:
        session = boto3.Session(self.target.account, "x", region_name=self.target.region)
        return session.client(service, endpoint_url=self.emulator.endpoint)

    def __post_init__(self) -> None:
        ec2 = self.client("ec2")
        tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "shared"}]}]
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.public = [self.subnet(number) for number in (1, 0)]
        self.private = [self.subnet(number) for number in (2, 3)]
        self.isolated = [self.subnet(number) for number in (4, 5)]
        nat = ec2.create_nat_gateway(SubnetId=self.public[0], AllocationId="eipalloc-1")["NatGateway"]["NatGatewayId"]
        self.to_world = self.route(self.public, GatewayId=gateway)
        self.to_nat = self.route(self.private, NatGatewayId=nat)
        self.group = ec2.create_security_group(GroupName="web", Description="web", VpcId=self.vpc)["GroupId"]

    def subnet(self, number: int) -> str:
        zone = f"{self.target.region}{'ab'[number % 2]}"
        made = self.client("ec2").create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)
        return made["Subnet"]["SubnetId"]

    def route(self, subnets: list[str], **to: str) -> str:
        ec2 = self.client("ec2")
        table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **to)
        for subnet in subnets:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def ask(self, provider: str, **said: Any) -> Any:
        place = {"account": self.target.account, "region": self.target.region}
        sessions = Sessions(endpoint=self.emulator.endpoint, emulated=True)
        return json.loads(look_up(Query("the-key", provider, {**place, **said}), sessions, self.target))


@pytest.fixture(scope="module")
def account(emulator: Emulator) -> Account:
    return Account(emulator, Target(str(next(_accounts)), "us-west-1"))


class TestAVpc:
    def test_is_told_by_its_groups_of_subnets_each_by_zone(self, account: Account) -> None:
        found = account.ask("vpc-provider", filter={"tag:Name": "shared"}, returnAsymmetricSubnets=True)
        groups = {group["name"]: group for group in found.pop("subnetGroups")}
        assert found == {
            "vpcId": account.vpc,
            "vpcCidrBlock": "10.0.0.0/16",
            "ownerAccountId": account.target.account,
            "availabilityZones": [],
        }
        assert {name: group["type"] for name, group in groups.items()} == dict(zip(groups, groups, strict=True))
        assert groups["Public"]["subnets"] == [
            {
                "subnetId": account.public[1],
                "cidr": "10.0.0.0/24",
                "availabilityZone": "us-west-1a",
                "routeTableId": account.to_world,
            },
            {
                "subnetId": account.public[0],
                "cidr": "10.0.1.0/24",
                "availabilityZone": "us-west-1b",
                "routeTableId": account.to_world,
            },
        ]
        assert [one["routeTableId"] for one in groups["Private"]["subnets"]] == [account.to_nat] * 2
        assert [one["subnetId"] for one in groups["Isolated"]["subnets"]] == account.isolated

    def test_is_told_to_older_apps_as_lists(self, account: Account) -> None:
        found = account.ask("vpc-provider", filter={"vpc-id": account.vpc})
        assert found["availabilityZones"] == ["us-west-1a", "us-west-1b"]
        assert found["publicSubnetIds"] == account.public[::-1]
        assert found["privateSubnetNames"] == ["Private"]
        assert len(found["isolatedSubnetRouteTableIds"]) == 2
        assert "subnetGroups" not in found
        assert "vpnGatewayId" not in found

    def test_that_is_not_there_is_refused_with_its_filter(self, account: Account) -> None:
        with pytest.raises(LookupFailed, match="the-key finds 0 VPCs with tag:Name=none, and needs one"):
            account.ask("vpc-provider", filter={"tag:Name": "none"})

    def test_whose_subnets_lack_the_tag_of_their_groups_is_refused(self, account: Account) -> None:
        with pytest.raises(LookupFailed, match="has no tag Tier"):
            account.ask("vpc-provider", filter={"vpc-id": account.vpc}, subnetGroupNameTag="Tier")


def test_a_security_group_is_found_by_its_name_and_by_its_id(account: Account) -> None:
    by_name = account.ask("security-group", securityGroupName="web", vpcId=account.vpc)
    assert by_name == account.ask("security-group", securityGroupId=account.group)
    assert by_name == {"securityGroupId": account.group, "allowAllOutbound": False}  # over IP version 4 only
    with pytest.raises(LookupFailed, match="finds 0 security groups sg-0, and needs one"):
        account.ask("security-group", securityGroupId="sg-0")


def test_zones_are_those_of_the_region_and_of_a_service(account: Account) -> None:
    zones = account.ask("availability-zones")
    assert zones[:2] == ["us-west-1a", "us-west-1b"]
    assert account.ask("endpoint-service-availability-zones", serviceName="com.amazonaws.us-west-1.s3") == zones


def test_things_are_found_by_their_names(account: Account) -> None:
    account.client("ssm").put_parameter(Name="/plain", Value="a\nb", Type="String")
    account.client("ssm").put_parameter(Name="/secret", Value="hidden", Type="SecureString")
    key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]
    account.client("kms").create_alias(AliasName="alias/data", TargetKeyId=key)
    zone = account.client("route53").create_hosted_zone(Name="example.org", CallerReference="1")["HostedZone"]["Id"]
    assert account.ask("ssm", parameterName="/plain") == "a\nb"
    assert account.ask("key-provider", aliasName="alias/data") == {"keyId": key}
    assert account.ask("hosted-zone", domainName="example.org") == {"Id": zone, "Name": "example.org."}
    with pytest.raises(LookupFailed, match="SecureString") as refused:
        account.ask("ssm", parameterName="/secret")
    assert "hidden" not in str(refused.value)


@pytest.fixture(scope="module")
def made(account: Account) -> Mapping[str, Any]:
    balancers = account.client("elbv2")
    tags = [{"Key": "app", "Value": "shop"}, {"Key": "more", "Value": "yes"}]
    made = balancers.create_load_balancer(
        Name="shop", Subnets=account.public, SecurityGroups=[account.group], Tags=tags
    )["LoadBalancers"][0]
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]
    for port in (80, 8080):
        balancers.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"], Port=port, Protocol="HTTP", DefaultActions=answer
        )
    return made


class TestALoadBalancer:
    TAGS = ({"key": "app", "value": "shop"},)

    def test_is_found_by_arn_and_by_tags(self, account: Account, made: Mapping[str, Any]) -> None:
        arn = made["LoadBalancerArn"]
        found = account.ask("load-balancer", loadBalancerArn=arn, loadBalancerType="application")
        assert found == account.ask("load-balancer", loadBalancerTags=self.TAGS, loadBalancerType="application")
        assert found["loadBalancerArn"] == arn
        assert found["loadBalancerDnsName"] == made["DNSName"]
        assert found["securityGroupIds"] == [account.group]
        with pytest.raises(LookupFailed, match="finds 0 load balancers"):
            account.ask("load-balancer", loadBalancerArn=arn, loadBalancerType="network")

    def test_its_listener_is_found_by_port_and_by_arn(self, account: Account, made: Mapping[str, Any]) -> None:
        asked = {"loadBalancerTags": self.TAGS, "loadBalancerType": "application"}
        found = account.ask("load-balancer-listener", listenerPort=8080, **asked)
        assert found["listenerPort"] == 8080
        assert found["securityGroupIds"] == [account.group]
        by_arn = account.ask("load-balancer-listener", listenerArn=found["listenerArn"], loadBalancerType="application")
        assert by_arn == found
        with pytest.raises(LookupFailed, match="finds 2 listeners, and needs one"):
            account.ask("load-balancer-listener", **asked)
