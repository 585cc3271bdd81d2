"""Gives the roles that a template makes their boundary, whatever wrote the template; and leaves it out again."""

from __future__ import annotations

import json
from typing import Final, cast

from odmd.providers.aws.templates import Template, section, to_text

_BOUNDED: Final = frozenset({"AWS::IAM::Role", "AWS::IAM::User"})


def bounded(template: str, boundary: str) -> str:
    """The template with the ARN of a boundary at each role that names none; as it was where it makes no roles."""
    if not any(one in template for one in _BOUNDED):
        return template
    loaded = cast("Template", json.loads(template))
    for resource in section(loaded, "Resources").values():
        if resource.get("Type") in _BOUNDED:
            resource["Properties"] = {"PermissionsBoundary": boundary, **resource.get("Properties", {})}
    return to_text(loaded)


def unbounded(sent: Template, template: Template, boundary: str) -> Template:
    """What was sent, without that boundary at roles to which the template itself gives none."""
    own, resources = section(template, "Resources"), dict(section(sent, "Resources"))
    for id, resource in resources.items():
        given = dict(resource.get("Properties", {}))
        says_none = "PermissionsBoundary" not in own.get(id, {}).get("Properties", {})
        if resource.get("Type") in _BOUNDED and says_none and given.pop("PermissionsBoundary", None) == boundary:
            resources[id] = {**resource, "Properties": given}
    return {**sent, "Resources": resources}
