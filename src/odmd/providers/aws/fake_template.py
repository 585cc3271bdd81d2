"""Evaluates templates for the fake: enough of CloudFormation's functions for buses, tables, queues and rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from odmd.control.scheduler.values import Resource
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.templates import Template, section

NAMES: Final = ("Name", "TableName", "QueueName", "BucketName", "TopicName", "RoleName", "FunctionName")
"""Properties that are a resource's physical name: another one makes another resource."""

_PLACEHOLDER: Final = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(slots=True)
class Made:
    """A resource that a stack has."""

    resource: Resource
    properties: object
    retained: bool


@dataclass(slots=True)
class TemplateScope:
    """What references can refer to."""

    stack: StackTemplate
    parameters: Mapping[str, str]
    target: Target
    made: dict[str, Made] = field(default_factory=dict[str, Made])

    def value(self, node: object) -> object:
        """A node with its functions evaluated, as far as what they refer to is made."""
        if isinstance(node, list):
            return [self.value(inner) for inner in cast("list[object]", node)]
        if not isinstance(node, dict):
            return node
        given = cast("dict[str, object]", node)
        if len(given) == 1 and (evaluated := self._function(*next(iter(given.items())))) is not None:
            return evaluated
        return {key: self.value(inner) for key, inner in given.items()}

    def _function(self, function: str, argument: object) -> str | None:
        match function, argument:
            case "Ref", str(name):
                return self._ref(name)
            case "Fn::GetAtt", [str(name), str(attribute)]:
                return self._attribute(name, attribute)
            case "Fn::Join", list():
                glue, parts = cast("tuple[str, list[object]]", argument)
                return glue.join(str(self.value(part)) for part in parts)
            case "Fn::Sub", str(text):
                return _PLACEHOLDER.sub(lambda found: self._placeholder(found.group(1)), text)
            case _:
                return None

    def _ref(self, name: str) -> str:
        pseudo = {
            "AWS::AccountId": self.target.account,
            "AWS::Region": self.target.region,
            "AWS::StackName": self.stack.name,
            "AWS::Partition": "aws",
        }
        if name in self.made:
            return self.made[name].resource.physical_id
        return self.parameters.get(name) or pseudo.get(name) or f"${{{name}}}"

    def _attribute(self, name: str, attribute: str) -> str:
        if name not in self.made:
            return f"${{{name}.{attribute}}}"
        id = self.made[name].resource.physical_id
        return arn(self.made[name].resource) if attribute == "Arn" else id

    def _placeholder(self, path: str) -> str:
        name, _, attribute = path.partition(".")
        return self._attribute(name, attribute) if attribute else self._ref(name)


def arn(resource: Resource) -> str:
    """An address as AWS would give it, roughly."""
    service, _, kind = resource.type.removeprefix("AWS::").partition("::")
    return f"arn:aws:{service.lower()}:{resource.region}:{resource.account}:{kind.lower()}/{resource.physical_id}"


def parameters(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Declared parameters with the values given, else their defaults."""
    declared = section(template, "Parameters")
    defaults = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
    return defaults | {name: text for name, text in given.items() if name in declared}


def physical_name(properties: object) -> str:
    """The name that properties ask for, '' if they leave it to CloudFormation."""
    if not isinstance(properties, dict):
        return ""
    named = cast("dict[str, object]", properties)
    return next((str(named[key]) for key in NAMES if key in named), "")
