"""What templates refer to, name and count is read from them, before CloudFormation is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from odmd.control.running.needs import (
    BootstrapNeeded,
    CertificateNeeded,
    ExportsNeeded,
    NeedSort,
    ParametersNeeded,
    PhysicalNamesNeeded,
    Quota,
    QuotaNeeded,
    RunNeed,
    SecretThereNeeded,
    StackNameNeeded,
    StoreKeysNeeded,
)
from odmd.errors import AssemblyUnfit
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import Assembly, Asset, Bootstrap, StackTemplate
from odmd.providers.aws.recipe import to_recipe
from odmd.providers.aws.recipe_needs import recipe_needs
from support.worlds import ACCOUNT, DEV, node, wire

HERE = Target(ACCOUNT.id, DEV.region)
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"


def stack(template: dict[str, Any], name: str = "e0--main") -> StackTemplate:
    return StackTemplate(name, json.dumps(template), tuple(template.get("Parameters", ())), (), ())


def needs(*templates: dict[str, Any], before: Assembly | None = None) -> list[RunNeed]:
    """Of stacks e0--main, e0-part1--main and so on, without their names."""
    stacks = [stack(one, f"e0-part{n}--main" if n else "e0--main") for n, one in enumerate(templates)]
    recipe, enver = to_recipe(Assembly(tuple(stacks), ())), node(0, [wire(1, 0)])
    found = recipe_needs(recipe, enver, {"in1": "text"}, to_recipe(before) if before else None)
    return [one for one in found if not isinstance(one, StackNameNeeded)]


def resources(*kinds: str, **properties: object) -> dict[str, Any]:
    return {"Resources": {f"R{n}": {"Type": kind, "Properties": properties} for n, kind in enumerate(kinds)}}


def runs(template: dict[str, Any]) -> Assembly:
    return Assembly((stack(template),), ())


def test_a_parameter_needs_a_value_unless_it_has_one() -> None:
    parameters = {
        "Limit": {"Type": "String"},
        "Size": {"Type": "String", "Default": ""},
        "OdmdInIn1": {"Type": "String"},
    }
    (found, _) = needs({"Parameters": parameters})
    assert found == ParametersNeeded(HERE, "e0--main", ("Limit",))


def test_what_is_imported_and_not_exported_beside_has_to_be_there() -> None:
    imports = {
        "Resources": {"A": {"Type": "X", "Properties": {"V": [{"Fn::ImportValue": "own"}, {"Fn::ImportValue": "vpc"}]}}}
    }
    exports = {"Outputs": {"O": {"Value": "v", "Export": {"Name": "own"}}}}
    made_up = {"Resources": {"A": {"Type": "X", "Properties": {"V": {"Fn::ImportValue": {"Fn::Sub": "${X}-vpc"}}}}}}
    assert [one for one in needs(imports, exports) if one.sort is NeedSort.REFERENCE] == [ExportsNeeded(HERE, ("vpc",))]
    assert not [one for one in needs(made_up) if one.sort is NeedSort.REFERENCE]


@pytest.mark.parametrize(
    ("said", "need"),
    [
        ("{{resolve:ssm:/shop/limit}}", StoreKeysNeeded(HERE, ("/shop/limit",))),
        ("a{{resolve:ssm:/shop/limit:3}}b", StoreKeysNeeded(HERE, ("/shop/limit",))),
        ("{{resolve:ssm-secure:/shop/key:1}}", StoreKeysNeeded(HERE, ("/shop/key",))),
        ("{{resolve:secretsmanager:orders}}", SecretThereNeeded(HERE, "orders")),
        ("{{resolve:secretsmanager:orders:SecretString:password::}}", SecretThereNeeded(HERE, "orders")),
        (
            "{{resolve:secretsmanager:arn:aws:secretsmanager:us-west-1:111122223333:secret:orders-AbCdEf:SecretString:p}}",
            SecretThereNeeded(HERE, "arn:aws:secretsmanager:us-west-1:111122223333:secret:orders-AbCdEf"),
        ),
        (CERTIFICATE, CertificateNeeded(Target(ACCOUNT.id, "us-east-1"), CERTIFICATE)),
    ],
)
def test_what_a_text_refers_to_has_to_be_there_wherever_it_stands(said: str, need: RunNeed) -> None:
    for value in (said, {"Fn::Join": ["", ["x", said]]}, {"deep": [{"er": said}]}):
        assert need in needs(resources("X", Value=value))


def test_a_parameter_that_is_read_from_the_store_has_to_be_there_unless_the_app_makes_it() -> None:
    reads = {"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/shop/limit"}}}
    assert StoreKeysNeeded(HERE, ("/shop/limit",)) in needs(reads)
    makes = resources("AWS::SSM::Parameter", Name="/shop/limit")
    assert not [one for one in needs(reads, makes) if isinstance(one, StoreKeysNeeded)]
    secret = resources("AWS::SecretsManager::Secret", Name="orders")
    assert not [
        one
        for one in needs(secret, resources("X", V="{{resolve:secretsmanager:orders}}"))
        if one.sort is NeedSort.SECRET
    ]


def test_names_in_plain_text_have_to_be_free_those_put_together_and_conditional_ones_not() -> None:
    template = {
        "Resources": {
            "Plain": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "orders"}},
            "Made": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${AWS::StackName}"}}},
            "Maybe": {"Type": "AWS::S3::Bucket", "Condition": "C", "Properties": {"BucketName": "maybe"}},
            "Unnamed": {"Type": "AWS::S3::Bucket"},
        }
    }
    (found,) = (one for one in needs(template) if isinstance(one, PhysicalNamesNeeded))
    assert found.names == (("Plain", "AWS::S3::Bucket", "orders"),)


def test_as_much_room_is_needed_as_comes_beside_what_runs() -> None:
    role, address = "AWS::IAM::Role", "AWS::EC2::EIP"
    assert QuotaNeeded(HERE, Quota.ROLES, 2) in needs(resources(role, role, address))
    more = needs(resources(role, role, address), before=runs(resources(role)))
    assert [one for one in more if isinstance(one, QuotaNeeded)] == [
        QuotaNeeded(HERE, Quota.ROLES, 1),
        QuotaNeeded(HERE, Quota.ADDRESSES, 1),
    ]
    instances = resources("AWS::EC2::Instance", "AWS::EC2::Instance", InstanceType="m7i.large")
    assert QuotaNeeded(HERE, Quota.CPUS, 0, (("m7i.large", 2),)) in needs(instances)
    assert QuotaNeeded(HERE, Quota.STACKS, 2) in needs({}, {})


def test_an_assembly_needs_what_it_says_of_the_bootstrap_and_its_own_stacks() -> None:
    asset, bootstrap = Asset("a", zip=False, bucket="acme-assets", key="k"), Bootstrap("/acme/version", 6)
    assembly = Assembly((stack({}),), (asset,), bootstraps=(bootstrap,))
    bootstrapped, name, *_ = recipe_needs(to_recipe(assembly), node(0), {}, None)
    assert bootstrapped == BootstrapNeeded(HERE, ("acme-assets",), (("/acme/version", 6),))
    assert name == StackNameNeeded(HERE, "e0--main", "e0/b..main")
    nothing = recipe_needs(to_recipe(replace(assembly, assets=(), bootstraps=())), node(0), {}, None)
    assert not any(isinstance(one, BootstrapNeeded) for one in nothing)


def test_what_is_no_assembly_is_refused_and_what_ran_before_may_be_none() -> None:
    with pytest.raises(AssemblyUnfit):
        recipe_needs(b"{", node(0), {}, None)
    assert recipe_needs(to_recipe(runs({})), node(0), {}, b"{")
