"""Kinds of what carries messages. Covariant: a reader of v1 may read a v2 that extends it."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

from odmd.model.kinds.arn import ArnKind
from odmd.model.kinds.base import READ_ONLY, Child, Handover, Kind, TextKind
from odmd.model.kinds.url import UrlKind

Message_co = TypeVar("Message_co", covariant=True)


class Channel(Kind, Generic[Message_co]):
    """Base of what carries messages."""


class EventBus(TextKind, Channel[Message_co]):
    """An EventBridge bus by name."""

    pattern = r"[/.\-_A-Za-z0-9]{1,256}"
    looks_like = "a bus name of 1 to 256 letters, digits and / . - _"
    handover = Handover.BRIDGE


class EventSource(TextKind):
    """What events say that they come from; rules match on it."""

    pattern = r"[/.\-_A-Za-z0-9]{1,256}"
    looks_like = "a source of 1 to 256 letters, digits and / . - _, like acme.orders"
    accesses = READ_ONLY


class Topic(ArnKind, Channel[Message_co]):
    """An SNS topic."""

    service = "sns"
    resource = r"[A-Za-z0-9_\-]{1,256}(\.fifo)?"
    looks_like = "an ARN like arn:aws:sns:…:orders"
    handover = Handover.BRIDGE


class Queue(ArnKind, Channel[Message_co]):
    """An SQS queue."""

    service = "sqs"
    resource = r"[A-Za-z0-9_\-]{1,80}(\.fifo)?"
    looks_like = "an ARN like arn:aws:sqs:…:orders"
    handover = Handover.DRAIN


class Stream(ArnKind, Channel[Message_co]):
    """A Kinesis data stream."""

    service = "kinesis"
    resource = r"stream/[A-Za-z0-9_.\-]{1,128}"
    looks_like = "an ARN like arn:aws:kinesis:…:stream/orders"
    handover = Handover.DRAIN


class AsyncApi(UrlKind):
    """An AsyncAPI document by the URL that serves it."""

    schemes = "https?|s3"
    looks_like = "the URL of an AsyncAPI document"
    accesses = READ_ONLY


MESSAGE_DOC: Final[Child[Channel[object], AsyncApi]] = Child(Channel, "api-doc", AsyncApi)
"""The document of a bus, topic, queue, stream or web socket."""
