"""A plan as plain data: objects with named fields, for JSON that people and programs read."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import cast


def as_data(thing: object) -> object:
    """Dataclasses and named tuples become objects with named fields, other tuples lists."""
    if is_dataclass(thing):
        return {field.name: as_data(getattr(thing, field.name)) for field in fields(thing)}
    if isinstance(thing, tuple):
        items = cast("tuple[object, ...]", thing)
        names: tuple[str, ...] = getattr(items, "_fields", ())
        return dict(zip(names, map(as_data, items), strict=True)) if names else [as_data(one) for one in items]
    return thing
