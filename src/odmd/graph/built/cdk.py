"""Envers whose CDK app synthesises stacks."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.graph.built.how import HowBuilt
from odmd.model import CdkEnver
from odmd.model.build_types import CDK


@dataclass(frozen=True, slots=True)
class CdkNode(HowBuilt):
    """The stacks that are not named after build and slot."""

    types = (CDK.name,)
    stack: str
    """The one that it goes on with, or nothing."""
    stacks: tuple[str, ...]
    """All of them, where its app gives the names, or nothing."""

    @property
    def units(self) -> tuple[str, ...]:
        return self.stacks

    def of_clone(self) -> None:
        """Two envers cannot have the same stacks."""


def read_cdk(enver: CdkEnver) -> CdkNode | None:
    """None for those whose stacks are all named after build and slot, which are most."""
    return CdkNode(enver.stack, tuple(enver.stacks)) if enver.stack or enver.stacks else None
