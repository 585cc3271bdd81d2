"""Why what is said at one place of a schema is not taken at the same place of another: types, values, limits, texts."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from odmd.graph.schemas.document import Json
from odmd.texts import first_of

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAMPLES: Final = ("", "a", "Z", "0", " ", "-", "é", "aaaaaaaaaa", "0000000000", "a b", "\n")
_NARROWER: Final[Mapping[str, frozenset[str]]] = {
    "email": frozenset({"idn-email"}),
    "hostname": frozenset({"idn-hostname"}),
    "uri": frozenset({"uri-reference", "iri", "iri-reference"}),
    "uri-reference": frozenset({"iri-reference"}),
    "iri": frozenset({"iri-reference"}),
    "int32": frozenset({"int64", "float", "double"}),
    "float": frozenset({"double"}),
}
_LISTED: Final = 20
_SAYS_NOTHING: Final = frozenset({"password", "byte", "binary", "decimal", ""})


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that does not fit; `is_of_text` where a pattern or a format says so."""

    at: str
    """Of a value within the whole, as `lines[].price`; empty: the whole."""
    said: str
    is_of_text: bool = False

    def __str__(self) -> str:
        return f"{self.at or 'it'} {self.said}"

    def below(self, place: str) -> Reason:
        """The same, seen from further up."""
        between = "." if self.at and place and not self.at.startswith("[") else ""
        return replace(self, at=f"{place}{between}{self.at}")


class Doubt(Reason):
    """Something of which nobody can tell whether it fits."""


def of_one_place(given: Json, wanted: Json) -> Iterator[Reason]:
    """What does not fit whatever stands below it."""
    yield from _types(given, wanted)
    yield from _values(given, wanted)
    yield from _limits(given, wanted)
    yield from _texts(given, wanted)


def _types(given: Json, wanted: Json) -> Iterator[Reason]:
    values = possible(given)
    types = _said_types(given) if values is None else {_type(value) for value in values}
    accepted = _said_types(wanted)
    if "number" in accepted:
        accepted.add("integer")
    if accepted and not types:
        yield Reason("", f"may be anything, not only {' or '.join(sorted(_said_types(wanted)))}")
    elif accepted and not types <= accepted:
        yield Reason("", f"is {' or '.join(sorted(types))}, not {' or '.join(sorted(_said_types(wanted)))}")


def _values(given: Json, wanted: Json) -> Iterator[Reason]:
    written, accepted = possible(given), possible(wanted)
    if accepted is None:
        return
    known = set(map(_same, accepted))
    if written is None:
        yield Reason("", f"may be anything, not only {_listed(accepted)}")
    elif new := [value for value in written if _same(value) not in known]:
        yield Reason("", f"may be {_listed(new)}")


def _listed(values: Sequence[object]) -> str:
    return first_of([str(one) for one in values], _LISTED)


def _same(value: object) -> str:
    """Alike for values that are the same in JSON: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: object) -> object:
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_whole(one) for one in cast("list[object]", value)]
        case dict():
            return {name: _whole(one) for name, one in cast("dict[str, object]", value).items()}
        case _:
            return value


def _limits(given: Json, wanted: Json) -> Iterator[Reason]:
    if possible(given) is not None:
        return  # the library looks at each value
    for words, is_narrower in ((_LOWER, operator.ge), (_UPPER, operator.le)):
        for word in (word for word in words if word in wanted and not excludes(given, _OF[word])):
            mine = [given[one] for one in (word, _SIBLING.get(word, "")) if one in given]
            if not any(is_narrower(one, wanted[word]) for one in mine):
                yield Reason("", f"has {word} {given.get(word, 'unsaid')}, not {wanted[word]}")


_SIBLING: Final = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
_OF: Final = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"), "number"),
    **dict.fromkeys(("minLength", "maxLength"), "string"),
    **dict.fromkeys(("minItems", "maxItems"), "array"),
    **dict.fromkeys(("minProperties", "maxProperties"), "object"),
}


def _texts(given: Json, wanted: Json) -> Iterator[Reason]:
    """Patterns and formats: the same, values that all match, a format within the other; else one that does not."""
    yield from _fractions(given, wanted)
    pattern, format_ = wanted.get("pattern"), wanted.get("format", "")
    values = possible(given)
    if pattern is not None and not excludes(given, "string") and given.get("pattern") != pattern:
        tried = _SAMPLES if values is None else [one for one in values if isinstance(one, str)]
        fits = [text for text in tried if _may_be(given, text)]
        wrong = next((text for text in fits if not _matches(pattern, text)), None)
        if wrong is not None and "format" not in given:
            yield Reason("", f"may be {wrong!r}, which does not match {pattern}", is_of_text=True)
        elif values is None:
            yield Doubt("", f"may not always match {pattern}", is_of_text=True)
    if (
        format_ in _SAYS_NOTHING
        or given.get("format") == format_
        or format_ in _NARROWER.get(given.get("format", ""), ())
    ):
        return
    if values is not None or "pattern" in given:
        yield Doubt("", f"may be no {format_}", is_of_text=True)
    elif not excludes(given, "number" if format_ in ("int32", "int64", "float", "double") else "string"):
        yield Reason("", f"is {given.get('format') or 'anything'}, not {format_}", is_of_text=True)


def _fractions(given: Json, wanted: Json) -> Iterator[Reason]:
    step = wanted.get("multipleOf")
    if not is_text("multipleOf", step) or excludes(given, "number"):
        return
    whole = 1 if "integer" in _said_types(given) else None
    written = possible(given)
    steps = [given.get("multipleOf", whole)] if written is None else [one for one in written if _is_number(one)]
    if any(one is None or Decimal(str(one)) % Decimal(str(step)) for one in steps):
        yield Reason("", f"may be no multiple of {step}", is_of_text=True)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _may_be(given: Json, text: str) -> bool:
    long_enough = given.get("minLength", 0) <= len(text) <= given.get("maxLength", len(text))
    return long_enough and ("pattern" not in given or _matches(given["pattern"], text))


def _matches(pattern: str, text: str) -> bool:
    """By the dialect of JSON Schema, and in bounded time, whatever the pattern is."""
    if (its := _validator(pattern)) is None:
        return True  # it is none: a doubt remains
    try:
        return its.is_valid(text)
    except ValueError:
        return True


@lru_cache(maxsize=256)
def _validator(pattern: str) -> Validator | None:
    from jsonschema_rs import validator_for

    try:
        return validator_for({"pattern": pattern})
    except ValueError:
        return None


def _said_types(schema: Json) -> set[str]:
    said = schema.get("type", [])
    return {said} if isinstance(said, str) else set(said)


def excludes(schema: Json, type_: str) -> bool:
    """Whether no value of a type is allowed."""
    types = {_type(value) for value in values} if (values := possible(schema)) is not None else _said_types(schema)
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


def possible(schema: Json) -> Sequence[Any] | None:
    """The values that are allowed, where it lists them."""
    return [schema["const"]] if "const" in schema else schema.get("enum")


def holds_text(schema: Any) -> bool:
    """Whether there is a pattern or a format in it."""
    if isinstance(schema, list):
        return any(map(holds_text, cast("list[Any]", schema)))
    if not isinstance(schema, dict):
        return False
    return any(is_text(word, said) or holds_text(said) for word, said in cast("Json", schema).items())


def is_text(word: str, said: object) -> bool:
    """Whether a keyword is a pattern or a format (or a step that is no whole number), and no property of that name."""
    return (word in ("pattern", "format") and isinstance(said, str)) or (
        word == "multipleOf" and isinstance(said, float) and not said.is_integer()
    )
