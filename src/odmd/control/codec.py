"""Text for dataclasses, and back; a reader ignores fields that it does not know.

Building pydantic's adapters costs some milliseconds a type, so each is built when it is first needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Generic, TypeVar, cast, get_args

from pydantic import TypeAdapter, ValidationError

from odmd.control import events
from odmd.control.events import Event
from odmd.errors import StateUnreadable

T = TypeVar("T")


@cache
def _adapter(type_: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(type_)


def _unreadable(name: str, why: str) -> StateUnreadable:
    return StateUnreadable(
        f"the state holds a {name} that this release cannot read: {why}",
        next_step="use the release of odmd that wrote the state, or a newer one",
    )


class Body(Generic[T]):
    """JSON of one type."""

    def __init__(self, type_: type[T]) -> None:
        self._type = type_

    def encode(self, value: T) -> str:
        return _adapter(self._type).dump_json(value).decode()

    def decode(self, body: str) -> T:
        """Raises:
        StateUnreadable: a field is missing or of another type.
        """
        try:
            return _adapter(self._type).validate_json(body)
        except ValidationError as wrong:
            raise _unreadable(self._type.__name__, str(wrong.errors(include_url=False)[0])) from wrong


class Tagged(Generic[T]):
    """JSON of one of several types, told apart by the name of its class."""

    def __init__(self, union: UnionType) -> None:
        types = cast("tuple[type[T], ...]", get_args(union) or (union,))
        self._bodies: Mapping[str, Body[T]] = {type_.__name__: Body(type_) for type_ in types}

    def encode(self, value: T) -> tuple[str, str]:
        """(name of the class, JSON)."""
        name = type(value).__name__
        return name, self._bodies[name].encode(value)

    def decode(self, name: str, body: str) -> T:
        """Raises:
        StateUnreadable: no type of this release has that name, or the body does not fit it.
        """
        found = self._bodies.get(name)
        if found is None:
            raise _unreadable(name, f"it knows {', '.join(sorted(self._bodies))}")
        return found.decode(body)


EVENTS: Tagged[Event] = Tagged(events.Event)
