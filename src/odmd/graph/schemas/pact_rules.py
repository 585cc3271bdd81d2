"""What a consumer takes of an answer or a message in a Pact file: all that is like its example, as its matching rules
(of versions 2, 3 and 4) say how."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from odmd.graph.schemas.kept import Json

_PART: Final = re.compile(r"\[\*\]|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\d+)\]|\.\*|\.?([^.\[\]]+)")
_ANY: Final = "*"
_BODY: Final = ("body", "content")
_OF_TYPE: Final[Mapping[str, str]] = {
    "integer": "integer",
    "decimal": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
    **dict.fromkeys(("regex", "date", "time", "timestamp", "datetime", "include", "semver", "contentType"), "string"),
}
"""A text that has to look like something is one: how it looks is for the contract test to say, not for a document."""
_OF_EACH: Final = ("values", "eachKey", "eachValue")
"""Of an object whose names are no matter. A rule for `*` is none of these: it may be of each name that there is."""


@dataclass(frozen=True, slots=True)
class MatchingRules:
    """Of one body."""

    said: Mapping[tuple[str, ...], Sequence[Json]]
    """Path, of which a part may be `*` → how it is matched."""

    @staticmethod
    def of(holder: Json) -> MatchingRules:
        """Those of a request, an answer or a message."""
        return MatchingRules({path: how for path, how in _rules(holder.get("matchingRules") or {}) if how})

    def shape(self, example: Any, at: tuple[str, ...] = ()) -> Json:
        """What is taken instead of an example."""
        kinds = [str(one.get("match", "regex" if "regex" in one else "type")) for one in self._at(at)]
        if type_ := next((_OF_TYPE[kind] for kind in kinds if kind in _OF_TYPE), None):
            return {"type": type_}
        match example:
            case dict():
                return self._object(cast("Json", example), at, kinds)
            case list():
                items = cast("list[Any]", example)
                is_open = "arrayContains" in kinds or not items
                return {"type": "array"} if is_open else {"type": "array", "items": self.shape(items[0], (*at, "0"))}
            case None:
                return {}
            case bool():
                return {"type": "boolean"}
            case int() | float():
                return {"type": "number"}
            case _:
                return {"type": "string"}

    def _object(self, example: Json, at: tuple[str, ...], kinds: Sequence[str]) -> Json:
        if example and not {*kinds}.isdisjoint(_OF_EACH):
            name, one = next(iter(example.items()))
            return {"type": "object", "additionalProperties": self.shape(one, (*at, name))}
        properties = {name: self.shape(one, (*at, name)) for name, one in example.items()}
        return {"type": "object", "properties": properties, "required": sorted(example)}

    def _at(self, at: tuple[str, ...]) -> Sequence[Json]:
        found = [(path.count(_ANY), how) for path, how in self.said.items() if _fits(path, at)]
        return min(found, key=lambda one: one[0])[1] if found else ()


def _fits(path: tuple[str, ...], at: tuple[str, ...]) -> bool:
    return len(path) == len(at) and all(part in (_ANY, here) for part, here in zip(path, at, strict=True))


def _rules(said: Json) -> Iterator[tuple[tuple[str, ...], Sequence[Json]]]:
    for word in _BODY:  # versions 3 and 4 have them by what they are of
        within: Any = said.get(word)
        if isinstance(within, dict):
            for path, how in cast("Mapping[str, Any]", within).items():
                yield _path(path), how.get("matchers", [how])
    for path, how in said.items():  # version 2 has them in one
        if str(path).startswith("$.body") or str(path).startswith("$['body']"):
            yield _path(str(path))[1:], [how]


def _path(said: str) -> tuple[str, ...]:
    parts = _PART.finditer(said.removeprefix("$"))
    return tuple(next((group for group in one.groups() if group is not None), _ANY) for one in parts)
