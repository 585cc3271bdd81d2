"""What is private to an enver: the contracts have its types alone."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Tables:
    """How tables are paid for: part of the template, so synthesis reads it."""

    mode: Literal["on-demand", "provisioned"] = "on-demand"
    reads: int = 5
    """A second, where they are provisioned."""
    writes: int = 5


@dataclass(frozen=True)
class Prices:
    """The price list: handed over when it is deployed, so another one needs no synthesis."""

    cents: dict[str, int] = field(default_factory=dict[str, int])
    """Drink → its price here; what is not in it costs what the menu says."""
