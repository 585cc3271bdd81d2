"""Whose a stack is: the tag that every stack of an enver carries."""

from __future__ import annotations

from collections.abc import Mapping

from odmd.errors import AssemblyUnfit
from odmd.providers.aws.cloud_assembly import ENVER_TAG, StackTemplate


def refuse_anothers(stack: StackTemplate, tags_there: Mapping[str, str]) -> None:
    """Refuses to touch a stack that runs under the same name for another enver.

    Raises:
        AssemblyUnfit
    """
    owner = tags_there.get(ENVER_TAG)
    if owner is not None and owner != owner_of(stack):
        raise AssemblyUnfit(
            f"stack {stack.name} belongs to {owner}", next_step="give the stack, or the build, another name"
        )


def owner_of(stack: StackTemplate) -> str | None:
    """The address of the enver that a stack's tags name."""
    return dict(stack.tags).get(ENVER_TAG)
