"""What a dataclass says, for digests that stay as older releases made them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_NOTHING: Final = (None, ())


def values_said(of: DataclassInstance, later: Collection[str]) -> Sequence[object]:
    """Of all fields; but those that came later, by their names, where nothing is said in them."""
    named = zip(fields(of), astuple(of), strict=True)
    return [value for field, value in named if not (field.name in later and value in _NOTHING)]
