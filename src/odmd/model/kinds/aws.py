"""Kinds of AWS resources. Patterns follow the services' API references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from odmd.model.kinds.base import Handover, TextKind

Message_co = TypeVar("Message_co", covariant=True)
Item = TypeVar("Item")


@dataclass(frozen=True)
class EventBus(TextKind, Generic[Message_co]):
    """An EventBridge bus by name. Covariant: a reader of v1 may read a v2 that extends it."""

    pattern: ClassVar[str] = r"[/.\-_A-Za-z0-9]{1,256}"
    looks_like: ClassVar[str] = "a bus name of 1 to 256 letters, digits and / . - _"
    handover: ClassVar[Handover] = Handover.BRIDGE


@dataclass(frozen=True)
class Table(TextKind, Generic[Item]):
    """A DynamoDB table by name. Invariant: it is read and written."""

    pattern: ClassVar[str] = r"[A-Za-z0-9_.\-]{3,255}"
    looks_like: ClassVar[str] = "a table name of 3 to 255 letters, digits and _ . -"
    handover: ClassVar[Handover] = Handover.NONE


@dataclass(frozen=True)
class Image(TextKind):
    """A container image by its full URI with digest, so that a tag that moves changes nothing unseen."""

    pattern: ClassVar[str] = r"[a-z0-9.\-:/_]+@sha256:[0-9a-f]{64}"
    looks_like: ClassVar[str] = "an image URI with digest, registry/name@sha256:…"


@dataclass(frozen=True)
class Secret(TextKind):
    """A Secrets Manager secret, only ever by its ARN."""

    pattern: ClassVar[str] = r"arn:[a-z\-]+:secretsmanager:[a-z0-9\-]+:\d{12}:secret:.+"
    looks_like: ClassVar[str] = "the ARN of a secret"


@dataclass(frozen=True)
class IpamPool(TextKind):
    """An IPAM pool by id."""

    pattern: ClassVar[str] = r"ipam-pool-[0-9a-f]+"
    looks_like: ClassVar[str] = "an id like ipam-pool-0a1b2c"
