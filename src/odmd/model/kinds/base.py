"""What a kind is: the nominal type of a product; an instance of it is a parsed value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Generic, Self, TypeVar

from odmd.model.access import READ, READ_WRITE, WRITE, Access

OwnerT = TypeVar("OwnerT", bound="Kind")
ChildT_co = TypeVar("ChildT_co", bound="Kind", covariant=True)


class Handover(StrEnum):
    """How consumers get from a replaced value to its successor without losing anything."""

    SIDE_BY_SIDE = "side by side"
    """Old and new serve at the same time; nothing has to be carried over."""
    BRIDGE = "bridge"
    """What still arrives at the old one is forwarded to the new one until the last writer has moved."""
    NONE = "none"
    """It holds data that would stay behind: replacing it is destructive."""


class Concern(StrEnum):
    """What a kind is about; views file it under this."""

    DATA = "data"
    NETWORK = "network"
    IDENTITY = "identity"


class NotOfKind(ValueError):
    """A published text that its kind cannot read."""


class Kind:
    """Base of everything that one enver can hand to another.

    Kinds are nominal: two kinds with the same fields are different types, so a table is never taken for a bus.
    """

    handover: ClassVar[Handover] = Handover.SIDE_BY_SIDE
    concern: ClassVar[Concern] = Concern.DATA
    accesses: ClassVar[tuple[Access, ...]] = (READ, WRITE, READ_WRITE)
    """What a consumer may do with the thing behind the value."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a published value.

        Raises:
            NotOfKind: the text is not a value of this kind; the message says what one looks like.
        """
        raise NotImplementedError(f"{cls.__name__}.parse")

    def text(self) -> str:
        """The value as it is published, mirrored and handed to consumers."""
        raise NotImplementedError(f"{type(self).__name__}.text")

    def identity(self) -> str:
        """What makes two values the same for a consumer; part of its fingerprint."""
        return self.text()


@dataclass(frozen=True)
class TextKind(Kind):
    """A kind whose value is one text that matches a pattern."""

    value: str
    pattern: ClassVar[str] = r".+"
    looks_like: ClassVar[str] = "any text"

    @classmethod
    def parse(cls, text: str) -> Self:
        if not re.fullmatch(cls.pattern, text, re.DOTALL):
            raise NotOfKind(f"{text!r} is no {cls.__name__}: expected {cls.looks_like}")
        return cls(text)

    def text(self) -> str:
        return self.value


class Child(Generic[OwnerT, ChildT_co]):
    """A product that comes with another one, e.g. an API's document."""

    def __init__(self, of: type[OwnerT], name: str, kind: type[ChildT_co]) -> None:
        self.of, self.name, self.kind = of, name, kind
