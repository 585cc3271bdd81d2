"""CloudFormation templates as data: what they declare, and what odmd takes out or refuses to reuse."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from odmd.model.naming import SYNTH_PREFIX

Template = dict[str, Any]
"""A parsed template: JSON objects all the way down."""

_BOOTSTRAP_PARAMETER: Final = "BootstrapVersion"
_BOOTSTRAP_RULE: Final = "CheckBootstrapVersion"
_LARGEST_INLINE: Final = 51_200
_USAGE_TYPE: Final = "AWS::CDK::Metadata"
_USAGE_CONDITION: Final = "CDKMetadataAvailable"


def section(template: Mapping[str, Any], name: str) -> Template:
    """A section of a template, empty if it is not there."""
    found = template.get(name)
    return cast("Template", found) if isinstance(found, dict) else {}


def parsed(body: object) -> Template:
    """A template as somebody gives it; empty if it is not JSON."""
    try:
        loaded: object = json.loads(body) if isinstance(body, str | bytes) else body
    except ValueError:  # YAML, of a stack that somebody else made
        return {}
    return cast("Template", loaded) if isinstance(loaded, dict) else {}


def strip(template: Template) -> Template:
    """The template without CDK's bootstrap check (odmd proves it itself) and without CDK's usage reporting
    (it changes with every CDK release, and would make equal templates differ)."""
    stripped = dict(template)
    _without(stripped, "Parameters", {_BOOTSTRAP_PARAMETER})
    _without(stripped, "Rules", {_BOOTSTRAP_RULE})
    usage = {name for name, one in section(template, "Resources").items() if one.get("Type") == _USAGE_TYPE}
    if usage and len(usage) < len(section(template, "Resources")):
        _without(stripped, "Resources", usage)
        _without(stripped, "Conditions", {_USAGE_CONDITION})
    return stripped


def needs_synth(template: Template) -> str:
    """Why new parameters alone may not be enough for this template; empty when they are."""
    if "Transform" in template:
        return f"it uses the macro {template['Transform']}"
    if any(key == "Fn::Transform" for key, _ in walk(template)):
        return "it uses Fn::Transform"
    for name, resource in section(template, "Resources").items():
        if resource.get("Type") == "AWS::CloudFormation::Stack":
            return f"{name} is a nested stack"
    for name, parameter in section(template, "Parameters").items():
        if str(parameter.get("Type", "")).startswith("AWS::SSM::Parameter::"):
            return f"its parameter {name} is read from SSM"
    read = [name for name in section(template, "Metadata") if name.startswith(SYNTH_PREFIX)]
    return f"synthesis read {read[0].removeprefix(SYNTH_PREFIX)}" if read else ""


def policies(template: Template) -> Mapping[str, Mapping[str, object]]:
    """By logical id: what is to happen to a resource that goes or is replaced, where its author says so."""
    said = {
        name: {policy: one[policy] for policy in ("DeletionPolicy", "UpdateReplacePolicy") if policy in one}
        for name, one in section(template, "Resources").items()
    }
    return {name: one for name, one in said.items() if one}


def as_kept(part: object) -> str:
    """A part of a template as CloudFormation gives it back: with `?` for every character that is not ASCII."""
    text = json.dumps(part, sort_keys=True, ensure_ascii=False)
    return "".join(char if char.isascii() else "?" for char in text)


def to_text(template: Template) -> str:
    """JSON that is the same for the same template."""
    return json.dumps(template, separators=(",", ":"))


def is_large(text: str) -> bool:
    """Whether a template cannot be sent along with its change set."""
    return len(text.encode()) > _LARGEST_INLINE


def walk(node: object) -> Iterator[tuple[str, object]]:
    """Every key of every object inside, with its value."""
    if isinstance(node, dict):
        for key, inner in cast("dict[str, object]", node).items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(node, list):
        for inner in cast("list[object]", node):
            yield from walk(inner)


def _without(template: Template, name: str, gone: set[str]) -> None:
    """Takes entries out of a section, and the section with its last entry."""
    kept = {key: one for key, one in section(template, name).items() if key not in gone}
    if kept:
        template[name] = kept
    else:
        template.pop(name, None)
