"""One of the two that are compared, as it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from odmd.compare.comparison import SideView
from odmd.compare.trees import Tree
from odmd.graph import EnverNode
from odmd.plan.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class ConsumedValue:
    """An input as it was, and how many newer versions of it there are now."""

    name: str
    product: str
    version: int
    """0: the wire's placeholder."""
    text: str
    behind: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a recipe brings about, such as a stack, or that it refers to, such as an image."""

    name: str
    tree: Tree
    is_artifact: bool = False
    """Content by its digest."""


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """What one enver runs, or ran."""

    view: SideView
    made_of: Fingerprint
    node: EnverNode | None = None
    """What the contracts said of it; None: that was not kept."""
    inputs: tuple[ConsumedValue, ...] = ()
    parts: tuple[Part, ...] | None = None
    """None: the recipe was not kept, or cannot be read."""
    published: tuple[tuple[str, str], ...] = ()
    """(product, text) of all its values that are kept."""
    packages: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """Lock file → package → versions."""
