"""The lines of a change set, in a few words each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from odmd.control.running.proposal import ResourceChange
from odmd.providers.aws.data_types import holds_data, is_kept
from odmd.providers.aws.templates import Template, section

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        ResourceChangeDetailTypeDef,
        ResourceChangeTypeDef,
    )


def resource_changes(
    changes: Iterable[ResourceChangeTypeDef], before: Template, after: Template, path: str = ""
) -> tuple[ResourceChange, ...]:
    """What a change set says of resources, in its order; `path` ends in `/` for those of a stack inside."""
    return with_heirs(tuple(_line(one, before, after, path) for one in changes))


def with_heirs(lines: tuple[ResourceChange, ...]) -> tuple[ResourceChange, ...]:
    """The changes of one stack, in which what goes knows what comes as one of its type: under another logical id it is
    a new one for CloudFormation."""
    comes = {one.type: one.logical_id.rpartition("/")[2] for one in reversed(lines) if one.action == "Add"}
    return tuple(
        replace(one, heir=comes.get(one.type, "")) if one.action == "Remove" and one.holds_data else one
        for one in lines
    )


def _line(change: ResourceChangeTypeDef, before: Template, after: Template, path: str) -> ResourceChange:
    name, type, action = change.get("LogicalResourceId", ""), change.get("ResourceType", ""), change.get("Action", "")
    said = {
        **section(section(before if action == "Remove" else after, "Resources"), name),
        "Type": type,  # of what is there: it counts where metadata says nothing
    }
    kept = is_kept(said) or change.get("PolicyAction") in ("Retain", "Snapshot")
    return ResourceChange(
        action=str(action),
        logical_id=path + name,
        type=type,
        replacement=str(change.get("Replacement", "")),
        cause=", ".join(dict.fromkeys(_cause(detail) for detail in change.get("Details", ()))),
        holds_data=holds_data(said),
        kept=action == "Remove" and kept,
    )


def _cause(detail: ResourceChangeDetailTypeDef) -> str:
    """`Name (OdmdInBus)`: the property, and what made it change if that is not the template itself."""
    target = detail.get("Target", {})
    what = target.get("Name") or target.get("Attribute", "")
    entity = detail.get("CausingEntity", "")
    return f"{what} ({entity})" if entity else what
