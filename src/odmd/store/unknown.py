"""Fields that a newer release wrote into a body, kept when this one writes the body anew."""

from __future__ import annotations

import json
from typing import TypeAlias, TypeVar

from odmd.store.codec import Body

T = TypeVar("T")
Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def keep_unknown(type_: Body[T], old: str, new: str) -> str:
    """The new body, with what the old one holds and `type_` has no field for, wherever it still has a place."""
    known = type_.encode(type_.decode(old))
    if known == old:
        return new
    plain = json.loads(new)
    merged = _merged(json.loads(old), json.loads(known), plain)
    return new if merged == plain else json.dumps(merged, ensure_ascii=False, separators=(",", ":"))


def _merged(old: Json, known: Json, new: Json) -> Json:
    """`known` is `old` without what this release does not know."""
    if isinstance(old, dict) and isinstance(known, dict) and isinstance(new, dict):
        kept = {key: value for key, value in old.items() if key not in known and key not in new}
        return {**{key: _merged(old.get(key), known.get(key), value) for key, value in new.items()}, **kept}
    if isinstance(old, list) and isinstance(known, list) and isinstance(new, list) and len(old) == len(known):
        return [_item(old, known, item) for item in new]
    return new


def _item(old: list[Json], known: list[Json], new: Json) -> Json:
    return _merged(old[known.index(new)], new, new) if new in known else new
