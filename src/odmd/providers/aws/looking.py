"""Looks at a stack without touching it: whose it is, and what it holds at every depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from odmd.control.deployment import ENVER_TAG, StackLook, Target
from odmd.providers.aws.change_sets import PREFIX
from odmd.providers.aws.data_types import KEPT_ON_DELETION, holds_data
from odmd.providers.aws.stacks import TO_CREATE, TO_DELETE, Stacks
from odmd.providers.aws.templates import section

_NESTED: Final = "AWS::CloudFormation::Stack"
_ANNOUNCED: Final = "REVIEW_IN_PROGRESS"


def look(stacks: Stacks, name: str, target: Target) -> StackLook:
    """A stack once nothing moves.

    Raises:
        CloudUnreachable
    """
    status = stacks.wait(name, target).name
    if status == _ANNOUNCED:
        announced = [one for one in stacks.change_sets(name, target) if not one.startswith(PREFIX)]
        return StackLook(is_there=bool(announced), status=status)
    if status in TO_CREATE:
        return StackLook()
    return StackLook(
        is_there=True,
        owner=stacks.tags(name, target).get(ENVER_TAG),
        status=status,
        id=stacks.id(name, target),
        settled_by_deletion=status in TO_DELETE,
        holding=tuple(_holding(stacks, name, target)),
        protected=stacks.is_protected(name, target),
    )


def _holding(stacks: Stacks, stack: str, target: Target) -> Iterator[str]:
    """What lives in a stack or in stacks inside, holds data, and is not kept when the stack goes."""
    declared = section(stacks.template(stack, target), "Resources")
    for name, resource in stacks.resources(stack, target, living=True).items():
        said = declared.get(name, {"Type": resource.type})
        if said.get("DeletionPolicy") in KEPT_ON_DELETION:
            continue
        if resource.type == _NESTED:
            yield from (f"{name}/{inner}" for inner in _holding(stacks, resource.physical_id, target))
        elif holds_data(said):
            yield f"{name} ({resource.type})"
