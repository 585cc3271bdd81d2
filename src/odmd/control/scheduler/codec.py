"""Text for dataclasses, and back; a reader ignores fields that it does not know.

A class whose fields were renamed has a next version, written behind its name, and an upcast from the version before.
Building pydantic's adapters costs some milliseconds a type, so each is built when it is first needed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from types import UnionType
from typing import Generic, TypeVar, cast, get_args

from pydantic import TypeAdapter, ValidationError

from odmd.control.scheduler import events
from odmd.control.scheduler.events import Event
from odmd.control.scheduler.older import RENAMED, UPCASTS, Fields, Upcast
from odmd.errors import StateUnreadable
from odmd.plain import placed

T = TypeVar("T")

Upcasts = Mapping[tuple[str, int], Upcast]


@cache
def _adapter(type_: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(type_)


def _unreadable(name: str, why: str) -> StateUnreadable:
    return StateUnreadable(
        f"the state holds a {name} that this release cannot read: {why}",
        next_step="use the release of odmd that wrote the state, or a newer one",
    )


class Body(Generic[T]):
    """JSON of one type; what does not fit it may be of an older release, from whose fields `older` makes today's."""

    def __init__(self, type_: type[T], older: Upcast | None = None) -> None:
        self._type, self._older = type_, older

    def encode(self, value: T) -> str:
        return _adapter(self._type).dump_json(value).decode()

    def decode(self, body: str) -> T:
        """Raises:
        StateUnreadable: a field is missing or of another type.
        """
        try:
            return self.read(body)
        except ValueError as wrong:
            raise _unreadable(self._type.__name__, str(wrong)) from wrong

    def read(self, body: str | bytes) -> T:
        """What somebody may have made who is not this program.

        Raises:
            ValueError: a field is missing or of another type, in words for people.
        """
        try:
            return _adapter(self._type).validate_json(body)
        except ValidationError as wrong:
            if self._older is not None:
                with suppress(KeyError, TypeError, AttributeError):  # no release wrote it
                    return Body(self._type).read(json.dumps(self._older(json.loads(body))))
            raise ValueError(placed(wrong.errors(include_url=False)[0])) from wrong


class Tagged(Generic[T]):
    """JSON of one of several types, told apart by the name of its class; `Name@2` where that has a second version."""

    def __init__(self, union: UnionType | type[T], upcasts: Upcasts = UPCASTS) -> None:
        types = cast("tuple[type[T], ...]", get_args(union) or (union,))
        self._bodies: Mapping[str, Body[T]] = {type_.__name__: Body(type_) for type_ in types}
        self._upcasts = upcasts
        self._versions = {name: _version(name, upcasts) for name in self._bodies}

    def encode(self, value: T) -> tuple[str, str]:
        """(name of the class, JSON)."""
        name = type(value).__name__
        return self._tag(name), self._bodies[name].encode(value)

    def decode(self, tag: str, body: str) -> T:
        """Raises:
        StateUnreadable: no type of this release has that name and version, or the body does not fit it.
        """
        given, _, written = tag.partition("@")
        name = RENAMED.get(given, given)
        version = int(written) if written.isdecimal() else 1
        if name not in self._bodies or version > self._versions[name]:
            raise _unreadable(tag, f"it knows {', '.join(sorted(map(self._tag, self._bodies)))}")
        return self._bodies[name].decode(self._upcast(name, version, body))

    def _upcast(self, name: str, version: int, body: str) -> str:
        if version == self._versions[name]:
            return body
        fields: Fields = json.loads(body)
        for older in range(version, self._versions[name]):
            fields = self._upcasts[name, older](fields)
        return json.dumps(fields)

    def _tag(self, name: str) -> str:
        return name if self._versions[name] == 1 else f"{name}@{self._versions[name]}"


def _version(name: str, upcasts: Upcasts) -> int:
    """The one that is written.

    Raises:
        ValueError: an upcast is missing on the way to it.
    """
    older = sorted(version for of, version in upcasts if of == name)
    if older != list(range(1, len(older) + 1)):
        raise ValueError(f"{name} has upcasts from versions {older}, and one is missing")
    return len(older) + 1


EVENTS: Tagged[Event] = Tagged(events.Event)
TOLD: Tagged[Event] = Tagged(events.Event, {})
"""As they go over the wire, always in the form of this release: by their names alone."""
