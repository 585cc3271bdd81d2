"""What holds data in a stack that is there, at every depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from odmd.model.targets import Target
from odmd.providers.aws.data_types import holds_data, is_kept
from odmd.providers.aws.stack_events import STACK
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.templates import section


@dataclass(frozen=True, slots=True)
class HeldData:
    """What holds data in a stack."""

    path: str
    """Through the stacks inside."""
    type: str
    kept: bool = False
    """Whether it stays when the stack goes, as its policy says."""

    def __str__(self) -> str:
        return f"{self.path} ({self.type})"


def held(stacks: Stacks, stack: str, target: Target) -> Iterator[HeldData]:
    """What lives in a stack or in stacks inside, holds data, and is not kept when the stack goes.

    Raises:
        CloudUnreachable
    """
    return (one for one in data_in(stacks, stack, target) if not one.kept)


def data_in(stacks: Stacks, stack: str, target: Target, *, kept: bool = False) -> Iterator[HeldData]:
    """What lives in a stack or in stacks inside and holds data.

    Args:
        kept: the stack itself stays when what it is in goes.

    Raises:
        CloudUnreachable
    """
    declared = section(stacks.template(stack, target), "Resources")
    for name, resource in stacks.resources(stack, target, living=True).items():
        said = {**section(declared, name), "Type": resource.type}
        stays = kept or is_kept(said)
        if resource.type == STACK:
            inner = data_in(stacks, resource.physical_id, target, kept=stays)
            yield from (HeldData(f"{name}/{one.path}", one.type, one.kept) for one in inner)
        elif holds_data(said):
            yield HeldData(name, resource.type, stays)
