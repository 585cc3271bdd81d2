"""Kinds that only the coffee shop needs."""

from dataclasses import dataclass
from typing import ClassVar

from odmd.model.kinds import TextKind


@dataclass(frozen=True)
class Function(TextKind):
    """A Lambda function by name."""

    pattern: ClassVar[str] = r"[A-Za-z0-9_-]{1,64}"
    looks_like: ClassVar[str] = "a function name of 1 to 64 letters, digits and _ -"
