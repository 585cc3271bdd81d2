"""Kinds of change in JSON Schema: whether the writer may move first, and whether the reader may.

Argued from the drafts: a reader takes what its schema allows; a writer writes the properties that it names and no
others, unless it says that there are others (decision 37). Annotations (`title`, `default`, `deprecated`) allow and
refuse nothing. Formats and patterns are taken at their word.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from support.pairs import BREAKS, EITHER, FITS, NEITHER, READER, UNKNOWN, WRITER, Pair, moves

STR, INT, NUM, NULL = {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "null"}
DRAFT_7: Final = "http://json-schema.org/draft-07/schema#"
DRAFT_4: Final = "http://json-schema.org/draft-04/schema#"


def obj(required: str = "", /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def arr(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def kind(name: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"kind": {"const": name}, **properties}, "required": ["kind", *properties]}


def tree(of: Any, word: str = "$defs") -> dict[str, Any]:
    node = {**obj("v", v=of, l={"$ref": f"#/{word}/n"}, r={"$ref": f"#/{word}/n"})}
    return {"$ref": f"#/{word}/n", word: {"n": node}}


PAIRS: Final[dict[str, Pair]] = {
    "a required property comes": (obj("a", a=STR), obj("ab", a=STR, b=INT), WRITER),
    "an optional property comes": (obj("a", a=STR), obj("a", a=STR, b=INT), EITHER),
    "a required property goes": (obj("ab", a=STR, b=INT), obj("a", a=STR), READER),
    "an optional property goes": (obj("a", a=STR, b=INT), obj("a", a=STR), EITHER),
    "a property becomes required": (obj("", a=STR), obj("a", a=STR), WRITER),
    "a property is renamed": (obj("a", a=STR), obj("b", b=STR), NEITHER),
    "an integer becomes a number": (obj("a", a=INT), obj("a", a=NUM), READER),
    "a number becomes a text": (obj("a", a=NUM), obj("a", a=STR), NEITHER),
    "a value may be null": (obj("a", a=STR), obj("a", a={"type": ["string", "null"]}), READER),
    "null by anyOf": (obj("a", a=STR), obj("a", a={"anyOf": [STR, NULL]}), READER),
    "an enum widens": (obj("a", a={"enum": ["x"]}), obj("a", a={"enum": ["x", "y"]}), READER),
    "an enum narrows": (obj("a", a={"enum": ["x", "y"]}), obj("a", a={"enum": ["x"]}), WRITER),
    "an enum becomes free": (obj("a", a={"enum": ["x"]}), obj("a", a=STR), READER),
    "true for 1": ({"const": 1}, {"const": True}, NEITHER),
    "1.0 for 1": ({"const": 1}, {"const": 1.0}, EITHER),
    "values of an enum in another order": ({"enum": [1, 2]}, {"enum": [2, 1]}, EITHER),
    "a minimum rises": ({**INT, "minimum": 0}, {**INT, "minimum": 5}, WRITER),
    "a maximum rises": ({**INT, "maximum": 5}, {**INT, "maximum": 9}, READER),
    "a minimum of draft 4 is strict": (
        {"$schema": DRAFT_4, **NUM, "minimum": 0, "exclusiveMinimum": False},
        {"$schema": DRAFT_4, **NUM, "minimum": 0, "exclusiveMinimum": True}, WRITER,
    ),
    "an open end and a closed one of integers": ({**INT, "exclusiveMinimum": 0}, {**INT, "minimum": 1}, EITHER),
    "a maximal length falls": ({**STR, "maxLength": 9}, {**STR, "maxLength": 5}, WRITER),
    "a pattern comes": (STR, {**STR, "pattern": "^[a-z]+$"}, WRITER),
    "a pattern changes": ({**STR, "pattern": "^[a-z]+$"}, {**STR, "pattern": "^[0-9]+$"}, NEITHER),
    "a format comes": (STR, {**STR, "format": "date-time"}, WRITER),
    "a format changes": ({**STR, "format": "date"}, {**STR, "format": "date-time"}, NEITHER),
    "a step doubles": ({**INT, "multipleOf": 2}, {**INT, "multipleOf": 4}, WRITER),
    "a step that is a fraction": ({**NUM, "multipleOf": 0.01}, {**NUM, "multipleOf": 0.05}, WRITER),
    "more items are asked for": (arr(STR, minItems=1), arr(STR, minItems=2), WRITER),
    "items differ": (arr(STR), arr(STR, uniqueItems=True), WRITER),
    "items change": (arr(STR), arr(INT), (BREAKS, BREAKS)),
    "one becomes a list": (STR, arr(STR), NEITHER),
    "a tuple grows": (
        {"type": "array", "prefixItems": [STR], "items": False},
        {"type": "array", "prefixItems": [STR, INT], "items": False}, READER,
    ),
    "others are refused": (obj("a", a=STR), {**obj("a", a=STR), "additionalProperties": False}, EITHER),
    "others are refused, and one of them goes": (
        obj("a", a=STR, b=STR), {**obj("a", a=STR), "additionalProperties": False}, (FITS, BREAKS),
    ),
    "others are written": (
        {**obj("a", a=STR), "additionalProperties": False}, {**obj("a", a=STR), "additionalProperties": True}, READER,
    ),
    "others are of a type": (
        {"type": "object", "additionalProperties": INT}, {"type": "object", "additionalProperties": NUM}, READER,
    ),
    "a branch of oneOf comes": (
        {"oneOf": [kind("a", x=STR)]}, {"oneOf": [kind("a", x=STR), kind("b", y=INT)]}, READER,
    ),
    "a branch of oneOf changes": (
        {"oneOf": [kind("a", x=INT), kind("b", y=INT)]}, {"oneOf": [kind("a", x=NUM), kind("b", y=INT)]}, READER,
    ),
    "oneOf of branches that are apart, and anyOf": (
        {"oneOf": [kind("a", x=STR), kind("b", y=INT)]}, {"anyOf": [kind("a", x=STR), kind("b", y=INT)]}, EITHER,
    ),
    "a part of allOf comes": (
        {"allOf": [obj("a", a=STR)]}, {"allOf": [obj("a", a=STR), obj("b", b=INT)]}, WRITER,
    ),
    "allOf, and the same at once": ({"allOf": [obj("a", a=STR), obj("b", b=INT)]}, obj("ab", a=STR, b=INT), EITHER),
    "allOf with alternatives in a part": (
        {"allOf": [obj("a", a=STR), {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}]}, obj("a", a=STR), EITHER,
    ),
    "by reference, and in place": (
        {"$ref": "#/$defs/x", "$defs": {"x": obj("a", a=STR)}}, obj("a", a=STR), EITHER,
    ),
    "by an anchor": (
        {"$ref": "#x", "$defs": {"y": {"$anchor": "x", **obj("a", a=INT)}}}, obj("a", a=NUM), READER,
    ),
    "by a name that has to be written otherwise in a reference": (
        {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": INT}}, NUM, READER,
    ),
    "what stands beside a reference in draft 7": (
        {"$schema": DRAFT_7, "$ref": "#/definitions/x", "maxLength": 1, "definitions": {"x": STR}},
        {"$schema": DRAFT_7, "$ref": "#/definitions/x", "definitions": {"x": STR}}, EITHER,
    ),
    "what stands beside a reference today": (
        {"$ref": "#/$defs/x", "maxLength": 1, "$defs": {"x": STR}}, {"$ref": "#/$defs/x", "$defs": {"x": STR}}, READER,
    ),
    "a tree widens": (tree(INT), tree(NUM), READER),
    "a tree under another word": (tree(INT), tree(INT, "definitions"), EITHER),
    "what depends, in draft 7 and today": (
        {"type": "object", "dependencies": {"a": ["b"]}}, {"type": "object", "dependentRequired": {"a": ["b"]}}, EITHER,
    ),
    "not": ({"not": STR}, {"not": {"type": ["string", "null"]}}, (UNKNOWN, BREAKS)),
    "if, then": (
        {**obj("k", k=STR), "if": {"properties": {"k": {"const": "x"}}}, "then": {"required": ["v"]}},
        obj("k", k=STR), READER,
    ),
    "names of properties": ({"type": "object"}, {"type": "object", "propertyNames": {"maxLength": 3}}, WRITER),
    "no others than those of allOf": (
        {"allOf": [obj("a", a=STR)], "properties": {"b": INT}, "unevaluatedProperties": False}, obj("a", a=STR, b=INT),
        EITHER,
    ),
    "words about it": (
        obj("a", a={**STR, "title": "A", "default": "x"}), obj("a", a={**STR, "deprecated": True, "examples": ["y"]}),
        EITHER,
    ),
    "anything": (True, {}, EITHER),
    "nothing": (STR, {"not": {}}, WRITER),
}  # fmt: skip


@pytest.mark.parametrize("about", PAIRS)
def test_who_may_move_first(about: str) -> None:
    older, newer, expected = (one if not isinstance(one, bool) else {"anyOf": [one]} for one in PAIRS[about])
    assert moves(older, newer) == expected
