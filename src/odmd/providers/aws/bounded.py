"""Gives the roles that a template makes their boundary, whatever wrote the template."""

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
