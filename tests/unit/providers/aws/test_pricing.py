"""Templates are priced by a table: what is known of them, and what is not is said and never taken for nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.running.pricing import CostPart, DailyCost, together
from odmd.providers.aws.pricing import price_template, prices_of

PRICES = prices_of({})
TASK = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Cpu": "256", "Memory": "512"}}
SERVICE = {"TaskDefinition": {"Ref": "Task"}, "LaunchType": "FARGATE", "DesiredCount": 2}


def priced(region: str = "us-east-1", **resources: Any) -> DailyCost:
    return price_template({"Resources": resources}, region, PRICES)


def one(type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type, "Properties": properties}


@pytest.mark.parametrize(
    ("resource", "a_day"),
    [
        (one("AWS::EC2::NatGateway"), "1.08"),
        (one("AWS::ElasticLoadBalancingV2::LoadBalancer"), "0.54"),
        (one("AWS::EKS::Cluster"), "2.40"),
        (one("AWS::KMS::Key"), "0.03"),
        (one("AWS::EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds=["a", "b"]), "0.48"),
        (
            one("AWS::DynamoDB::Table", ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 10}),
            "0.19",
        ),
        (one("AWS::EC2::Instance", InstanceType="t3.medium"), "1.00"),
        (one("AWS::EC2::Volume", Size=100), "0.27"),
        (one("AWS::RDS::DBInstance", DBInstanceClass="db.t4g.micro", AllocatedStorage="20"), "0.46"),
        (one("AWS::EKS::Nodegroup", InstanceTypes=["t3.large"], ScalingConfig={"DesiredSize": 3}), "5.99"),
    ],
)
def test_what_is_there_costs_what_it_says_of_itself(resource: dict[str, Any], a_day: str) -> None:
    cost = priced(It=resource)
    assert (str(cost.a_day), cost.unknown, cost.currency) == (a_day, (), "USD")


def test_a_service_costs_what_its_tasks_do_and_a_cluster_its_least_capacity() -> None:
    assert str(priced(Task=TASK, It=one("AWS::ECS::Service", **SERVICE)).a_day) == "0.59"
    cluster = one("AWS::RDS::DBCluster", ServerlessV2ScalingConfiguration={"MinCapacity": 2, "MaxCapacity": 8})
    writer = one("AWS::RDS::DBInstance", DBInstanceClass="db.serverless", DBClusterIdentifier={"Ref": "Db"})
    cost = priced(Db=cluster, Writer=writer)
    assert (str(cost.a_day), cost.by_use) == ("5.76", ("AWS::RDS::DBCluster",))
    asleep = one("AWS::RDS::DBCluster", ServerlessV2ScalingConfiguration={"MinCapacity": 0, "MaxCapacity": 8})
    assert priced(Db=asleep, Writer=writer).parts == ()


def test_what_is_charged_by_use_is_named_and_has_no_amount() -> None:
    cost = priced(
        F=one("AWS::Lambda::Function"),
        T=one("AWS::DynamoDB::Table", BillingMode="PAY_PER_REQUEST"),
        R=one("AWS::IAM::Role"),
        P=one("AWS::Lambda::Permission"),
    )
    assert (cost.parts, cost.by_use, cost.unknown) == ((), ("AWS::DynamoDB::Table", "AWS::Lambda::Function"), ())


@pytest.mark.parametrize(
    "resource",
    [
        one("AWS::Redshift::Cluster"),
        one("AWS::EC2::Instance", InstanceType="x9.huge"),
        one("AWS::EC2::Instance", InstanceType={"Ref": "Size"}),
        one("AWS::EC2::Volume", Size={"Ref": "Size"}),
        one("AWS::ECS::Service", TaskDefinition="arn:of:another", DesiredCount=1),
        one("AWS::EC2::Volume", Size="NaN-ish"),
    ],
)
def test_what_nobody_knows_is_said_and_is_not_nothing(resource: dict[str, Any]) -> None:
    cost = priced(It=resource)
    assert len(cost.unknown) == 1
    assert cost.unknown[0].startswith("It (")
    assert cost.parts == ()


def test_a_parameter_says_it_by_its_default() -> None:
    template = {
        "Parameters": {"Size": {"Default": "100"}},
        "Resources": {"V": one("AWS::EC2::Volume", Size={"Ref": "Size"})},
    }
    assert str(price_template(template, "us-east-1", PRICES).a_day) == "0.27"


def test_regions_differ_and_an_organisation_has_prices_of_its_own() -> None:
    gate = one("AWS::EC2::NatGateway")
    assert priced("sa-east-1", G=gate).a_day > priced("us-east-1", G=gate).a_day
    assert priced("moon-1", G=gate).a_day == priced("af-south-9", G=gate).a_day
    own = prices_of({"hour": {"AWS::EC2::NatGateway": Decimal(0)}, "instances": {"x9.huge": Decimal(1)}})
    assert price_template({"Resources": {"G": gate}}, "us-east-1", own).parts == ()
    huge = {"Resources": {"M": one("AWS::EC2::Instance", InstanceType="x9.huge")}}
    assert str(price_template(huge, "us-east-1", own).a_day) == "24.00"


COSTS = st.lists(
    st.builds(
        DailyCost,
        st.lists(
            st.builds(CostPart, st.text(max_size=3), st.just("T"), st.decimals(0, 1000, places=2)), max_size=4
        ).map(tuple),
        st.lists(st.sampled_from("ab"), max_size=2).map(tuple),
        st.lists(st.sampled_from("xy"), max_size=2).map(tuple),
        st.just("USD"),
    ),
    max_size=5,
)


@given(COSTS)
def test_together_they_cost_what_they_do_alone(costs: list[DailyCost]) -> None:
    whole = together(costs)
    assert whole.a_day == sum((each.a_day for each in costs), Decimal())
    assert whole.a_day == together(reversed(costs)).a_day
    assert set(whole.unknown) == {said for each in costs for said in each.unknown}
