"""Values that one schema allows and another refuses: looked for at the borders of both, always the same and in bounded
time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final, cast

from odmd.graph.schemas.document import Json, resolved

_SIMPLE: Final[Sequence[Any]] = (None, True, "", "a", 0, 1, -1, 0.5, [], [0, 0], ["", ""], {}, {"a": None})
_OTHER_NAME: Final = "aaaaaaaaaaaaaaaa"
_AT_EACH: Final = 8
"""Values of each place that are tried."""
_DEPTH: Final = 6
_MOST: Final = 400
_WIDEST: Final = 40
"""Properties of an object that are tried."""
_LONGEST: Final = 64
"""Texts and lists beyond that are not made."""


def refused(written: Json, read: Json) -> str | None:
    """A value, as JSON, that the one allows and the other does not; None where none was found."""
    from jsonschema_rs import Draft202012Validator

    try:
        allows, takes = Draft202012Validator(dict(written)), Draft202012Validator(dict(read))
        for value in islice(_distinct(chain(_SIMPLE, _Border(written).of(written), _Border(read).of(read))), _MOST):
            if allows.is_valid(value) and not takes.is_valid(value):
                return json.dumps(value, sort_keys=True)
    except ValueError:  # one of them is beyond the library
        return None
    return None


def _distinct(values: Iterator[Any]) -> Iterator[Any]:
    seen = set[str]()
    for value in values:
        if (text := json.dumps(value, sort_keys=True)) not in seen:
            seen.add(text)
            yield value


class _Border:
    """Makes values of a schema and just beside it."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._left = _MOST * _AT_EACH

    def of(self, schema: Any, depth: int = _DEPTH) -> Iterator[Any]:
        said = resolved(self._root, schema)
        self._left -= 1
        if self._left < 0 or depth == 0:
            return
        yield from [said["const"]] if "const" in said else said.get("enum", ())
        types = said.get("type", [])
        for type_ in [types] if isinstance(types, str) else types or _implied(said):
            yield from self._of_type(type_, said, depth)
        for parts in _parts(said):
            values = [list(self._few(one, depth)) for one in parts]
            yield from chain.from_iterable(values)
            yield from _merged(values)
            yield from _merged([list(islice(self._of_type("object", said, depth), _AT_EACH)), *values])
        yield from self._few(said["not"], depth) if "not" in said else ()

    def _few(self, schema: Any, depth: int) -> Iterator[Any]:
        yield from islice(_distinct(self.of(schema, depth - 1)), _AT_EACH)

    def _of_type(self, type_: str, said: Json, depth: int) -> Iterator[Any]:
        match type_:
            case "null":
                yield None
            case "boolean":
                yield from (True, False)
            case "integer" | "number":
                yield from _numbers(said)
                yield from (0.5,) if type_ == "number" else ()
            case "string":
                yield from ("a" * length for length in _lengths(said, "minLength", "maxLength"))
            case "array":
                yield from self._arrays(said, depth)
            case _:
                yield from self._objects(said, depth)

    def _arrays(self, said: Json, depth: int) -> Iterator[Any]:
        first = [next(self._few(one, depth), None) for one in said.get("prefixItems", ())]
        items = list(self._few(said.get("items", said.get("contains", {})), depth)) or [0]
        for length in _lengths(said, "minItems", "maxItems"):
            rest = max(0, length - len(first))
            yield from ([*first, *[one] * rest] for one in items)
            yield [*first, *(items * (rest // len(items) + 1))[:rest]]
        for at, one in enumerate(said.get("prefixItems", ())):
            yield from ([*first[:at], value, *first[at + 1 :]] for value in self._few(one, depth))

    def _objects(self, said: Json, depth: int) -> Iterator[Any]:
        properties: Mapping[str, Any] = said.get("properties", {})
        few = {name: list(self._few(one, depth)) or [None] for name, one in islice(properties.items(), _WIDEST)}
        required = {name: few.get(name, [None])[0] for name in said.get("required", ())}
        yield from (required, {**required, _OTHER_NAME: 0})
        if depth == _DEPTH:  # further down, values would grow with each level
            whole = {**{name: values[0] for name, values in few.items()}, **required}
            yield from (whole, *({key: whole[key] for key in whole if key != name} for name in whole))
        for name, values in few.items():
            yield from ({**required, name: value} for value in values)
        for value in self._few(said.get("additionalProperties", {}), depth):
            yield {**required, _OTHER_NAME: value}


def _parts(said: Json) -> Iterator[Sequence[Any]]:
    """What else is said of the same value, part by part."""
    yield from (said[word] for word in ("anyOf", "oneOf", "allOf") if said.get(word))
    if conditions := [said[word] for word in ("if", "then", "else") if word in said]:
        yield conditions


def _implied(said: Json) -> Iterator[str]:
    """Types that its keywords are about, where it does not say its types."""
    if said.keys() & {"properties", "required", "additionalProperties", "minProperties", "patternProperties"}:
        yield "object"
    if said.keys() & {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"}:
        yield "array"
    if said.keys() & {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}:
        yield "number"
    if said.keys() & {"minLength", "maxLength"}:
        yield "string"


def _numbers(said: Json) -> Iterator[Any]:
    words = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
    for limit in (said[word] for word in words if word in said):
        yield from (limit, limit + 1, limit - 1, limit + 0.5, limit - 0.5, limit * 2)
    yield from (0, 1, -1)


def _lengths(said: Json, least: str, most: str) -> Iterator[int]:
    low, high = said.get(least, 0), said.get(most)
    found = (low, low + 1, low + 2, low - 1, *((high, high + 1) if high is not None else ()))
    yield from dict.fromkeys(int(one) for one in found if 0 <= one <= _LONGEST)


def _merged(parts: Sequence[Sequence[Any]]) -> Iterator[Any]:
    """Objects that are of all parts at once."""
    for at in range(_AT_EACH):
        chosen = [one[min(at, len(one) - 1)] for one in parts if one]
        if len(chosen) > 1 and all(isinstance(one, dict) for one in chosen):
            yield {name: value for one in cast("list[Json]", chosen) for name, value in one.items()}
