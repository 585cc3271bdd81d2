"""What a kind is: the nominal type of a product; an instance of it is a parsed value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Generic, Self, TypeVar

from odmd.model.access import READ, READ_WRITE, WRITE, Access

OwnerT_contra = TypeVar("OwnerT_contra", bound="Kind", contravariant=True)
ChildT_co = TypeVar("ChildT_co", bound="Kind", covariant=True)

HIDDEN: Final = "•••"
"""What people see of a sensitive value."""
READ_ONLY: Final = (READ,)
"""The accesses of what can be used and not be changed through its value."""
LONGEST_VALUE: Final = 4096
"""Bytes of a value: more, no CloudFormation parameter and no SSM parameter takes."""
_LONG: Final = 80


class Handover(StrEnum):
    """How consumers get from a replaced value to its successor without losing anything."""

    SIDE_BY_SIDE = "side by side"
    """Old and new serve at the same time; nothing has to be carried over."""
    BRIDGE = "bridge"
    """What still arrives at the old one is forwarded to the new one until the last writer has moved."""
    DRAIN = "drain"
    """Readers stay with the old one until it is empty, while writers already write to the new one."""
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
    sensitive: ClassVar[bool] = False
    """Whether people shall not see the value. A reference to a secret shows nothing, so it is not sensitive."""
    refers_to_secret: ClassVar[bool] = False
    """Whether what somebody gives by mistake may be a secret's text: errors do not show it."""
    looks_like: ClassVar[str] = "any text"
    """Completes "expected …" where a text is refused."""

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
        """What makes two values the same for a consumer, as a digest if sensitive; part of its fingerprint."""
        return digested(self.text()) if self.sensitive else self.text()

    def consumed(self) -> str:
        """What `consume` hands to a CDK app."""
        return self.text()

    def shown(self) -> str:
        """The value for people, nothing of it if it is sensitive. A kind that has a short form says so in `short`."""
        return HIDDEN if self.sensitive else self.short()

    def short(self) -> str:
        """The short form of a value that may be shown."""
        return cut(self.text())

    @classmethod
    def refusal(cls, text: str, why: str = "") -> NotOfKind:
        """The error for a text that is not of this kind; where people need not see it, it tells neither the text nor
        why."""
        if cls.sensitive or cls.refers_to_secret:
            return NotOfKind(f"{HIDDEN} is no {cls.__name__}: expected {cls.looks_like}")
        return NotOfKind(f"{_start(text)!r} is no {cls.__name__}: {why or f'expected {cls.looks_like}'}")


@dataclass(frozen=True, repr=False)
class TextKind(Kind):
    """A kind whose value is one text that matches a pattern. Subclasses need no decorator."""

    value: str
    pattern: ClassVar[str] = r".+"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        said = cls.__dict__
        if "pattern" in said and "looks_like" not in said:
            cls.looks_like = f"a text that matches {cls.pattern}"

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({HIDDEN if self.sensitive else repr(self.value)})"

    @classmethod
    def parse(cls, text: str) -> Self:
        if not re.fullmatch(cls.pattern, text, re.DOTALL):
            raise cls.refusal(text)
        return cls(text)

    def text(self) -> str:
        return self.value


class Child(Generic[OwnerT_contra, ChildT_co]):
    """A product that comes with another one, e.g. an API's document; also with products of a subkind."""

    def __init__(self, of: type[OwnerT_contra], name: str, kind: type[ChildT_co]) -> None:
        self.of, self.name, self.kind = of, name, kind


def cut(text: str) -> str:
    """The text on one line of a table."""
    line = " ".join(text.split())
    return line if len(line) <= _LONG else f"{line[: _LONG - 1]}…"


def digested(text: str) -> str:
    """A digest that tells one sensitive value from another and shows neither."""
    import hashlib

    return f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def _start(text: str) -> str:
    return text if len(text) <= 2 * _LONG else f"{text[: 2 * _LONG]}…"
