"""Values that products have, each publication numbered, and as runs take them in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class ValueRef:
    """One numbered publication of a product."""

    product: str
    version: int


@dataclass(frozen=True, slots=True)
class Resource:
    """What stands behind a published value, at some provider."""

    type: str
    physical_id: str
    account: str
    region: str
    provider: str = "aws"


class ValueStatus(StrEnum):
    """The life of a value."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(slots=True)
class Value:
    """One immutable publication of a product; only its status changes."""

    product: str
    version: int
    text: str
    identity: str
    kind: str
    run: int
    at: float
    resource: Resource | None = None
    status: ValueStatus = ValueStatus.CURRENT
    bridge: str | None = None
    """What forwards from this value's resource to its successor's, while consumers move."""
    retire_at: float | None = None
    """When the grace after its last consumer moved is over."""
    leftover: str = ""
    """Why its resource could not be removed when it was retired."""
    root: int = 0
    """The wave from outside that it goes back to."""

    @property
    def ref(self) -> ValueRef:
        return ValueRef(self.product, self.version)


@dataclass(frozen=True, slots=True)
class RunInput:
    """One consumed value, fixed before the run starts. Version 0 is the wire's placeholder."""

    name: str
    product: str
    version: int
    text: str
    identity: str

    @property
    def ref(self) -> ValueRef:
        return ValueRef(self.product, self.version)
