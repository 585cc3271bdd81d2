"""Which resources of its template a value refers to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final, cast

from odmd.providers.aws.templates import Template, section

_PLACEHOLDER: Final = re.compile(r"\$\{([^!}][^}]*)\}")


def resources_behind(value: object, template: Template) -> list[str]:
    """Logical ids of the resources that a value refers to (Ref, Fn::GetAtt, Fn::Sub, however nested), in order."""
    return _known(value, section(template, "Resources"))


def parameters_behind(value: object, template: Template) -> list[str]:
    """Parameters that a value refers to, in order."""
    return _known(value, section(template, "Parameters"))


def output_value(template: Template, output: str) -> object:
    """The unresolved value of an output, None if there is no such output."""
    return section(section(template, "Outputs"), output).get("Value")


def _known(value: object, names: Collection[str]) -> list[str]:
    return list(dict.fromkeys(name for name in referred(value) if name in names))


def referred(node: object) -> Iterator[str]:
    """The names that a value refers to, be they resources or parameters."""
    if isinstance(node, list):
        for inner in cast("list[object]", node):
            yield from referred(inner)
    elif isinstance(node, dict):
        for key, inner in cast("dict[str, object]", node).items():
            yield from _of_function(key, inner)


def _of_function(key: str, argument: object) -> Iterator[str]:
    match key, argument:
        case "Ref", str(name):
            yield name
        case "Fn::GetAtt", str(path):
            yield path.partition(".")[0]
        case "Fn::GetAtt", list():
            yield str(cast("list[object]", argument)[0])
        case "Fn::Sub", str(text):
            yield from _placeholders(text, {})
        case "Fn::Sub", list():
            text, given = cast("tuple[str, dict[str, object]]", argument)
            yield from _placeholders(text, given)
            yield from referred(list(given.values()))
        case _:
            yield from referred(argument)


def _placeholders(text: str, given: Mapping[str, object]) -> Iterator[str]:
    for found in _PLACEHOLDER.finditer(text):
        name = found.group(1).strip()
        if name not in given:
            yield name.partition(".")[0]
