"""Values live until nobody runs with them, so the resources behind published outputs survive their replacement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from odmd.providers.aws.references import output_value, resources_behind
from odmd.providers.aws.templates import Template, section

POLICIES: Final = {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "RetainExceptOnCreate"}
"""A creation that is rolled back takes along what it made: kept, it would stand in the way of the next try."""


def retain(template: Template, published: Iterable[str]) -> Template:
    """The template with what stands behind published outputs kept, unless its author said otherwise."""
    behind = {name for output in published for name in resources_behind(output_value(template, output), template)}
    resources = {
        name: {**resource, **{policy: kept for policy, kept in POLICIES.items() if policy not in resource}}
        if name in behind
        else resource
        for name, resource in section(template, "Resources").items()
    }
    return {**template, "Resources": resources} if resources else template
