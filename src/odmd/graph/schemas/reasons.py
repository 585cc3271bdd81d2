"""Why a reader does not take what a writer may write, in words: found by going through both schemas side by side."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from odmd.graph.schemas.document import Json, resolved

_DEPTH: Final = 12
_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAMPLES: Final = ("", "a", "Z", "0", " ", "-", "é", "aaaaaaaaaa", "0000000000", "a b", "\n")
_HIDDEN: Final = (
    "patternProperties",
    "dependentSchemas",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "prefixItems",
)
_NARROWER: Final[Mapping[str, frozenset[str]]] = {
    "email": frozenset({"idn-email"}),
    "hostname": frozenset({"idn-hostname"}),
    "uri": frozenset({"uri-reference", "iri", "iri-reference"}),
    "uri-reference": frozenset({"iri-reference"}),
    "iri": frozenset({"iri-reference"}),
    "int32": frozenset({"int64", "float", "double"}),
    "float": frozenset({"double"}),
}
_SAYS_NOTHING: Final = frozenset({"password", "byte", "binary", "decimal", ""})


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that does not fit; `is_of_text` where a pattern or a format says so."""

    said: str
    is_of_text: bool = False

    def __str__(self) -> str:
        return self.said


class Doubt(Reason):
    """Something of which nobody can tell whether it fits."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Two schemas in their comparable form."""

    written: Json
    read: Json

    def misfits(self) -> Iterator[Reason]:
        yield from self._of(self.written, self.read, "", _DEPTH)

    def _of(self, written: Any, read: Any, at: str, depth: int) -> Iterator[Reason]:
        given, wanted = resolved(self.written, written), resolved(self.read, read)
        if not wanted:
            return
        if depth == 0:
            if _holds_text(self.read):
                yield Doubt(f"{at} goes too deep to be compared", is_of_text=True)
            return
        if (options := _options(given)) is not None and not _holds(wanted, options):
            for option in options:
                yield from self._of(_beside(given, option), wanted, at, depth - 1)
            return
        if (options := _options(wanted)) is not None:
            found = [list(self._of(given, _beside(wanted, option), at, depth - 1)) for option in options]
            yield from min(
                found, key=lambda reasons: (sum(not isinstance(one, Doubt) for one in reasons), len(reasons))
            )
            return
        yield from _types(given, wanted, at)
        yield from _values(given, wanted, at)
        yield from _limits(given, wanted, at)
        yield from _texts(given, wanted, at)
        yield from self._properties(given, wanted, at, depth)
        if "items" in wanted and not _excludes(given, "array"):
            yield from self._of(given.get("items", {}), wanted["items"], f"{at}[]", depth - 1)
        for part in wanted.get("allOf", ()):
            yield from self._of(given, part, at, depth - 1)
        if any(_holds_text(wanted[word]) for word in _HIDDEN if word in wanted) and given != wanted:
            yield Doubt(f"{at or 'it'} has patterns or formats that are not compared", is_of_text=True)

    def _properties(self, given: Json, wanted: Json, at: str, depth: int) -> Iterator[Reason]:
        if _excludes(given, "object"):
            return
        there, required = given.get("properties", {}), set(given.get("required", ()))
        for name in sorted(set(wanted.get("required", ())) - required):
            yield Reason(f"{_path(at, name)} is {'optional' if name in there else 'not there'}")
        mine, others = wanted.get("properties", {}), wanted.get("additionalProperties", True)
        for name, its in mine.items():
            if name in there:
                yield from self._of(there[name], its, _path(at, name), depth - 1)
            elif given.get("additionalProperties", True) is not False:
                yield from self._of(given.get("additionalProperties", {}), its, _path(at, name), depth - 1)
        for name, its in there.items():
            if name not in mine and others is False and not wanted.get("patternProperties"):
                yield Reason(f"{_path(at, name)} is not taken")
            elif name not in mine and isinstance(others, dict):
                yield from self._of(its, others, _path(at, name), depth - 1)
        if others is False and given.get("additionalProperties", True) is not False:
            yield Reason(f"{at or 'it'} may have further properties, which are not taken")
        elif isinstance(others, dict) and given.get("additionalProperties", True) is not False:
            yield from self._of(given.get("additionalProperties", {}), others, _path(at, "*"), depth - 1)


def _types(given: Json, wanted: Json, at: str) -> Iterator[Reason]:
    values = _possible(given)
    types = _said_types(given) if values is None else {_type(value) for value in values}
    accepted = _said_types(wanted)
    if "number" in accepted:
        accepted.add("integer")
    if accepted and not types:
        yield Reason(f"{at or 'it'} may be anything, not only {' or '.join(sorted(_said_types(wanted)))}")
    elif accepted and not types <= accepted:
        yield Reason(f"{at or 'it'} is {' or '.join(sorted(types))}, not {' or '.join(sorted(_said_types(wanted)))}")


def _values(given: Json, wanted: Json, at: str) -> Iterator[Reason]:
    possible, accepted = _possible(given), _possible(wanted)
    if accepted is None:
        return
    if possible is None:
        yield Reason(f"{at or 'it'} may be anything, not only {', '.join(map(str, accepted))}")
    elif new := [value for value in possible if value not in accepted]:
        yield Reason(f"{at or 'it'} may be {', '.join(map(str, new))}")


def _limits(given: Json, wanted: Json, at: str) -> Iterator[Reason]:
    if _possible(given) is not None:
        return  # the library looks at each value
    for words, is_narrower in ((_LOWER, operator.ge), (_UPPER, operator.le)):
        for word in (word for word in words if word in wanted and not _excludes(given, _OF[word])):
            mine = [given[one] for one in (word, _SIBLING.get(word, "")) if one in given]
            if not any(is_narrower(one, wanted[word]) for one in mine):
                yield Reason(f"{at or 'it'} has {word} {given.get(word, 'unsaid')}, not {wanted[word]}")


_SIBLING: Final = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
_OF: Final = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"), "number"),
    **dict.fromkeys(("minLength", "maxLength"), "string"),
    **dict.fromkeys(("minItems", "maxItems"), "array"),
    **dict.fromkeys(("minProperties", "maxProperties"), "object"),
}


def _texts(given: Json, wanted: Json, at: str) -> Iterator[Reason]:
    """Patterns and formats: the same, values that all match, a format within the other; else one that does not."""
    pattern, format_ = wanted.get("pattern"), wanted.get("format", "")
    values = _possible(given)
    if pattern is not None and not _excludes(given, "string") and given.get("pattern") != pattern:
        tried = _SAMPLES if values is None else [one for one in values if isinstance(one, str)]
        fits = [text for text in tried if _may_be(given, text)]
        wrong = next((text for text in fits if not _matches(pattern, text)), None)
        if wrong is not None and "format" not in given:
            yield Reason(f"{at or 'it'} may be {wrong!r}, which does not match {pattern}", is_of_text=True)
        elif values is None:
            yield Doubt(f"{at or 'it'} may not always match {pattern}", is_of_text=True)
    if (
        format_ in _SAYS_NOTHING
        or given.get("format") == format_
        or format_ in _NARROWER.get(given.get("format", ""), ())
    ):
        return
    if values is not None or "pattern" in given:
        yield Doubt(f"{at or 'it'} may be no {format_}", is_of_text=True)
    elif not _excludes(given, "number" if format_ in ("int32", "int64", "float", "double") else "string"):
        yield Reason(f"{at or 'it'} is {given.get('format') or 'anything'}, not {format_}", is_of_text=True)


def _may_be(given: Json, text: str) -> bool:
    long_enough = given.get("minLength", 0) <= len(text) <= given.get("maxLength", len(text))
    return long_enough and ("pattern" not in given or _matches(given["pattern"], text))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True  # of another dialect: a doubt remains


def _said_types(schema: Json) -> set[str]:
    said = schema.get("type", [])
    return {said} if isinstance(said, str) else set(said)


def _excludes(schema: Json, type_: str) -> bool:
    types = {_type(value) for value in values} if (values := _possible(schema)) is not None else _said_types(schema)
    return bool(types) and type_ not in types and not (type_ == "number" and "integer" in types)


def _type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _possible(schema: Json) -> Sequence[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _options(schema: Json) -> Sequence[Any] | None:
    types = schema.get("type")
    if (
        isinstance(types, list)
        and len(cast("list[str]", types)) > 1
        and (schema.get("format") or schema.get("pattern"))
    ):
        return None
    return schema.get("anyOf") or schema.get("oneOf")


def _holds(wanted: Json, options: Sequence[Any]) -> bool:
    return (_options(wanted) or None) == options


def _beside(schema: Json, option: Any) -> Any:
    """An option, and what is said beside it."""
    beside = {word: said for word, said in schema.items() if word not in ("anyOf", "oneOf", "$defs")}
    if not beside or not isinstance(option, dict):
        return option
    inner = cast("Json", option)
    return {**beside, **inner} if not beside.keys() & inner.keys() and "$ref" not in inner else inner


def _holds_text(schema: Any) -> bool:
    """Whether there is a pattern or a format in it."""
    if isinstance(schema, list):
        return any(map(_holds_text, cast("list[Any]", schema)))
    if not isinstance(schema, dict):
        return False
    return any(is_text(word, said) or _holds_text(said) for word, said in cast("Json", schema).items())


def is_text(word: str, said: object) -> bool:
    """Whether a keyword is a pattern or a format, and no property that is called so."""
    return word in ("pattern", "format") and isinstance(said, str)


def _path(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
