"""Kinds for what is just a text."""

from __future__ import annotations

from typing import Self

from odmd.model.kinds.base import READ_ONLY, TextKind
from odmd.model.kinds.json_kind import dump, load


class Text(TextKind):
    """A plain text."""

    looks_like = "a text that is not empty"
    accesses = READ_ONLY


class SensitiveText(TextKind):
    """A text that people need not see. What opens doors belongs into a `Secret`, which is consumed by reference."""

    looks_like = "a text that is not empty"
    accesses = READ_ONLY
    sensitive = True


class Json(TextKind):
    """Any JSON. For one with known fields make a `JsonKind`."""

    looks_like = 'JSON like {"limit": 5}'
    accesses = READ_ONLY

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            load(text)
        except ValueError as wrong:
            raise cls.refusal(text, str(wrong)) from None
        return cls(text)

    def data(self) -> object:
        """The value as Python has it."""
        return load(self.value)

    def identity(self) -> str:
        """Order of keys and spaces make no difference."""
        return dump(self.data())
