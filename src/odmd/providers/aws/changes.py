"""The lines of a change set, in a few words each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from odmd.control.deployment import ResourceChange
from odmd.providers.aws.data_types import KEPT_ON_DELETION, holds_data
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
    return tuple(_line(one, before, after, path) for one in changes)


def _line(change: ResourceChangeTypeDef, before: Template, after: Template, path: str) -> ResourceChange:
    name, type, action = change.get("LogicalResourceId", ""), change.get("ResourceType", ""), change.get("Action", "")
    said = {
        **section(section(before if action == "Remove" else after, "Resources"), name),
        "Type": type,  # of what is there: it counts where metadata says nothing
    }
    kept = said.get("DeletionPolicy") in KEPT_ON_DELETION or change.get("PolicyAction") in ("Retain", "Snapshot")
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
