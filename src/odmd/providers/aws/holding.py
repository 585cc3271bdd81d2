"""What holds data in a stack that is there, at every depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from odmd.control.running.place import Target
from odmd.providers.aws.data_types import holds_data, is_kept
from odmd.providers.aws.stack_events import STACK
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.templates import section


@dataclass(frozen=True, slots=True)
class HeldData:
    """What holds data and would go with a stack."""

    path: str
    """Through the stacks inside."""
    type: str

    def __str__(self) -> str:
        return f"{self.path} ({self.type})"


def held(stacks: Stacks, stack: str, target: Target) -> Iterator[HeldData]:
    """What lives in a stack or in stacks inside, holds data, and is not kept when the stack goes.

    Raises:
        CloudUnreachable
    """
    declared = section(stacks.template(stack, target), "Resources")
    for name, resource in stacks.resources(stack, target, living=True).items():
        said = {**section(declared, name), "Type": resource.type}
        if is_kept(said):
            continue
        if resource.type == STACK:
            inner = held(stacks, resource.physical_id, target)
            yield from (HeldData(f"{name}/{one.path}", one.type) for one in inner)
        elif holds_data(said):
            yield HeldData(name, resource.type)
