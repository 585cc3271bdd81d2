"""The lines of a change set, in a few words each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from odmd.control.deployment import ResourceChange
from odmd.providers.aws.data_types import HOLDS_DATA

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        ChangeTypeDef,
        ResourceChangeDetailTypeDef,
        ResourceChangeTypeDef,
    )


def resource_changes(changes: Iterable[ChangeTypeDef]) -> tuple[ResourceChange, ...]:
    """What a change set says of resources, in its order."""
    return tuple(_line(change["ResourceChange"]) for change in changes if "ResourceChange" in change)


def _line(change: ResourceChangeTypeDef) -> ResourceChange:
    type = change.get("ResourceType", "")
    return ResourceChange(
        action=str(change.get("Action", "")),
        logical_id=change.get("LogicalResourceId", ""),
        type=type,
        replacement=str(change.get("Replacement", "")),
        cause=", ".join(dict.fromkeys(_cause(detail) for detail in change.get("Details", ()))),
        holds_data=type in HOLDS_DATA,
    )


def _cause(detail: ResourceChangeDetailTypeDef) -> str:
    """`Name (OdmdInBus)`: the property, and what made it change if that is not the template itself."""
    target = detail.get("Target", {})
    what = target.get("Name") or target.get("Attribute", "")
    entity = detail.get("CausingEntity", "")
    return f"{what} ({entity})" if entity else what
