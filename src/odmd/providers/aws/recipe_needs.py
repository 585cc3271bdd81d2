"""What the templates of an assembly need: CloudFormation would say so one by one, after stacks have moved."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from odmd.control.running.needs import (
    BootstrapNeeded,
    CertificateNeeded,
    ExportsNeeded,
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
from odmd.graph import EnverNode
from odmd.model.naming import config_parameter
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import Assembly, StackTemplate
from odmd.providers.aws.recipe import from_recipe
from odmd.providers.aws.secret_parameters import parameters_of
from odmd.providers.aws.templates import Template, is_large, parsed, section, walk

NAMED: Final[Mapping[str, str]] = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::Events::EventBus": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SSM::Parameter": "Name",
}
"""Type → the property that names it. Who proves needs knows how each is asked for. Of a queue SQS takes the same name
for the same queue, so none is in the way."""
_COUNTED: Final[Mapping[str, Quota]] = {
    "AWS::IAM::Role": Quota.ROLES,
    "AWS::EC2::EIP": Quota.ADDRESSES,
    "AWS::EC2::VPC": Quota.VPCS,
    "AWS::CloudFormation::Stack": Quota.STACKS,
}
_STORE: Final = "AWS::SSM::Parameter::Value<"
_DYNAMIC: Final = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):(arn:[^}]*?:secret:[^:}]+|[^:}]+)[^}]*\}\}")
_CERTIFICATE: Final = re.compile(r"(arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate/[0-9a-f-]{36})")


def recipe_needs(recipe: bytes, enver: EnverNode, texts: Mapping[str, str], before: bytes | None) -> Sequence[RunNeed]:
    """Those of a kept assembly, for a run with some values.

    Raises:
        AssemblyUnfit
    """
    assembly, target = from_recipe(recipe), enver.target
    given = {wire.parameter for wire in enver.wires if wire.name in texts}
    given |= parameters_of(enver.secrets) | {config_parameter(one.name) for one in enver.configs}
    return list(_of_assembly(assembly, _kept(before), enver, target, given))


def _of_assembly(
    assembly: Assembly, before: Assembly | None, enver: EnverNode, target: Target, given: Collection[str]
) -> Iterator[RunNeed]:
    templates = {stack.name: parsed(stack.template) for stack in assembly.stacks}
    runs = {stack.name: parsed(stack.template) for stack in before.stacks} if before else {}
    large = {stack.bucket for stack in assembly.stacks if is_large(stack.template)}
    buckets, versions = large | {asset.bucket for asset in assembly.assets}, assembly.bootstraps
    if buckets or versions:
        said = tuple(sorted({(one.parameter, one.version) for one in versions}))
        yield BootstrapNeeded(target, tuple(sorted(buckets)), said)
    for stack in assembly.stacks:
        yield StackNameNeeded(target, stack.name, enver.address)
        yield from _of_stack(stack, templates[stack.name], target, given)
    yield from _references(templates.values(), target)
    yield from _quotas(templates, runs, target)


def _of_stack(stack: StackTemplate, template: Template, target: Target, given: Collection[str]) -> Iterator[RunNeed]:
    wants = [name for name, one in section(template, "Parameters").items() if "Default" not in one]
    if lacking := tuple(sorted(name for name in wants if name not in given)):
        yield ParametersNeeded(target, stack.name, lacking)
    if names := tuple(sorted(_names(template))):
        yield PhysicalNamesNeeded(target, stack.name, names)


def _names(template: Template) -> Iterator[tuple[str, str, str]]:
    """Names in plain text; what is put together of others' has its own ways to be free. A condition may leave out what
    it is on."""
    for id, resource in section(template, "Resources").items():
        kind = str(resource.get("Type", ""))
        name = section(resource, "Properties").get(NAMED.get(kind, ""))
        if isinstance(name, str) and name and "Condition" not in resource:
            yield id, kind, name


def _references(templates: Collection[Template], target: Target) -> Iterator[RunNeed]:
    """What templates refer to and none of them makes."""
    exports, keys, secrets, certificates = set[str](), set[str](), set[str](), set[tuple[str, str]]()
    own_exports = {_text(section(output, "Export").get("Name")) for one in templates for output in _outputs(one)}
    own_names = {name for one in templates for _, _, name in _names(one)}
    for template in templates:
        for parameter in section(template, "Parameters").values():
            if str(parameter.get("Type", "")).startswith(_STORE) and (name := _text(parameter.get("Default"))):
                keys.add(name)
        exports.update(_text(inner) for key, inner in walk(template) if key == "Fn::ImportValue")
        for text in _texts(template):
            for how, name in _DYNAMIC.findall(text):
                (secrets if how == "secretsmanager" else keys).add(name)
            certificates.update(_CERTIFICATE.findall(text))
    if wanted := tuple(sorted(exports - own_exports - {""})):
        yield ExportsNeeded(target, wanted)
    if wanted := tuple(sorted(keys - own_names)):
        yield StoreKeysNeeded(target, wanted)
    for id in sorted(secrets - own_names):
        yield SecretThereNeeded(target, id)
    for arn, region in sorted(certificates):
        yield CertificateNeeded(Target(target.account, region), arn)


def _quotas(templates: Mapping[str, Template], runs: Mapping[str, Template], target: Target) -> Iterator[RunNeed]:
    """By how much more a run makes than there is; what it takes away goes last, and makes no room for it."""
    new_stacks = [name for name in templates if name not in runs]
    more: dict[Quota, int] = {Quota.STACKS: len(new_stacks)} if new_stacks else {}
    instances: dict[str, int] = {}
    for name, template in templates.items():
        there = section(runs.get(name, {}), "Resources")
        for id, resource in section(template, "Resources").items():
            if id in there:
                continue
            if quota := _COUNTED.get(str(resource.get("Type"))):
                more[quota] = more.get(quota, 0) + 1
            type_ = _text(section(resource, "Properties").get("InstanceType"))
            if resource.get("Type") == "AWS::EC2::Instance" and type_:
                instances[type_] = instances.get(type_, 0) + 1
    for quota, count in more.items():
        yield QuotaNeeded(target, quota, count)
    if instances:
        yield QuotaNeeded(target, Quota.CPUS, 0, tuple(sorted(instances.items())))


def _outputs(template: Template) -> Iterator[Template]:
    for output in section(template, "Outputs").values():
        yield cast("dict[str, Any]", output)


def _texts(node: object) -> Iterator[str]:
    """Every text inside, but for names of what is said."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for inner in cast("dict[str, object]", node).values():
            yield from _texts(inner)
    elif isinstance(node, list):
        for inner in cast("list[object]", node):
            yield from _texts(inner)


def _text(said: object) -> str:
    """What is plain text in a template; empty for what CloudFormation puts together."""
    return said if isinstance(said, str) else ""


def _kept(before: bytes | None) -> Assembly | None:
    try:
        return from_recipe(before) if before else None
    except AssemblyUnfit:
        return None
