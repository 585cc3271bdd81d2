"""Of two schemas it is said whether the one who reads takes all that the other one writes, or that nobody can tell."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from odmd.graph.schemas import compared
from odmd.graph.schemas.normal import normal
from support.soak import examples

Json = dict[str, Any]
FITS, NOT, UNKNOWN = "fits", "does not fit", "nobody can tell"


def obj(*required: str, **more: Any) -> Json:
    return {"type": "object", "required": list(required), **more}


A: Final[Json] = {"properties": {"a": {"type": "string"}}}
INT, NUM, STR = {"type": "integer"}, {"type": "number"}, {"type": "string"}
LEFT_AND_RIGHT = (FITS, NOT)

PAIRS: dict[str, tuple[Any, Any, str, str]] = {
    # what it is about: one, other, whether what one writes other takes, and the other way round
    "the same": (obj(**A), obj(**A), FITS, FITS),
    "a number for an integer": (INT, NUM, *LEFT_AND_RIGHT),
    "optional and required": (obj("a", **A), obj(**A), *LEFT_AND_RIGHT),
    "a property more": (obj("a", "b", properties={"a": STR, "b": INT}), obj("a", **A), *LEFT_AND_RIGHT),
    "no further properties": (
        obj(properties={"a": STR, "b": INT}), obj(**A, additionalProperties=False), NOT, FITS,
    ),
    "further properties of a type": (
        obj(properties={"a": STR, "b": INT}), obj(**A, additionalProperties={"type": "string"}), NOT, NOT,
    ),
    "a range": ({**INT, "minimum": 1, "maximum": 9}, {**INT, "minimum": 0, "maximum": 9}, *LEFT_AND_RIGHT),
    "an open end of a range": ({**NUM, "exclusiveMinimum": 0}, {**NUM, "minimum": 0}, *LEFT_AND_RIGHT),
    "a range of draft 4": (
        {**NUM, "minimum": 0, "exclusiveMinimum": True}, {**NUM, "minimum": 0}, *LEFT_AND_RIGHT,
    ),
    "a length": ({**STR, "maxLength": 4}, {**STR, "maxLength": 5}, *LEFT_AND_RIGHT),
    "a pattern": ({**STR, "pattern": "^[a-z]+$"}, STR, *LEFT_AND_RIGHT),
    "another pattern": ({**STR, "pattern": "^a+$"}, {**STR, "pattern": "^0+$"}, NOT, NOT),
    "a pattern within another, as far as can be seen": (
        {**STR, "pattern": "^[a-z]{30}$"}, {**STR, "pattern": "^[a-z]+$"}, UNKNOWN, NOT,
    ),
    "a value and a pattern": ({"enum": ["abc", "abd"]}, {**STR, "pattern": "^ab"}, *LEFT_AND_RIGHT),
    "a format": ({**STR, "format": "uuid"}, STR, *LEFT_AND_RIGHT),
    "another format": ({**STR, "format": "date"}, {**STR, "format": "uuid"}, NOT, NOT),
    "a wider format": ({**STR, "format": "email"}, {**STR, "format": "idn-email"}, *LEFT_AND_RIGHT),
    "a wider number": ({**INT, "format": "int32"}, {**INT, "format": "int64"}, *LEFT_AND_RIGHT),
    "allOf": ({"allOf": [INT, {"minimum": 3}]}, {**INT, "minimum": 2}, *LEFT_AND_RIGHT),
    "allOf of objects": (
        {"allOf": [obj("a", **A), obj("b", properties={"b": INT})]}, obj("a", **A), *LEFT_AND_RIGHT,
    ),
    "allOf of references": (
        {"allOf": [{"$ref": "#/$defs/x"}, {"required": ["a"]}], "$defs": {"x": obj(**A)}}, obj(**A), *LEFT_AND_RIGHT,
    ),
    "anyOf": ({"anyOf": [INT, STR]}, STR, NOT, FITS),
    "anyOf and a list of types": ({"anyOf": [INT, STR]}, {"type": ["integer", "string"]}, FITS, FITS),
    "oneOf that overlaps": (INT, {"oneOf": [INT, NUM]}, NOT, NOT),
    "null": (STR, {"type": ["string", "null"]}, *LEFT_AND_RIGHT),
    "null, as OpenAPI 3.0 says it": (STR, {"type": "string", "nullable": True}, *LEFT_AND_RIGHT),
    "null in an enum": ({"enum": ["a"]}, {"type": "string", "enum": ["a"], "nullable": True}, *LEFT_AND_RIGHT),
    "values": ({"enum": ["a"]}, {"enum": ["a", "b"]}, *LEFT_AND_RIGHT),
    "a value and a type": ({"const": "a"}, STR, *LEFT_AND_RIGHT),
    "multiples": ({**INT, "multipleOf": 4}, {**INT, "multipleOf": 2}, *LEFT_AND_RIGHT),
    "items": ({"type": "array", "items": INT}, {"type": "array", "items": NUM}, *LEFT_AND_RIGHT),
    "few items": ({"type": "array", "minItems": 1}, {"type": "array"}, *LEFT_AND_RIGHT),
    "items that differ": ({"type": "array", "uniqueItems": True}, {"type": "array"}, *LEFT_AND_RIGHT),
    "a tuple": ({"type": "array", "prefixItems": [INT]}, {"type": "array", "prefixItems": [STR]}, NOT, NOT),
    "a tuple of draft 7": ({"type": "array", "items": [INT]}, {"type": "array", "prefixItems": [INT]}, FITS, FITS),
    "names of properties": (obj(propertyNames={"maxLength": 3}), obj(), *LEFT_AND_RIGHT),
    "what depends": (obj(dependentRequired={"a": ["b"]}), obj(), *LEFT_AND_RIGHT),
    "deep inside": (
        obj("a", properties={"a": obj("b", properties={"b": INT})}),
        obj("a", properties={"a": obj("b", properties={"b": NUM})}), *LEFT_AND_RIGHT,
    ),
    "references": ({"$ref": "#/$defs/x", "$defs": {"x": INT}}, {"$ref": "#/definitions/y", "definitions": {"y": NUM}},
                   *LEFT_AND_RIGHT),
    "words about it": ({**STR, "title": "x", "default": "a", "$schema": "http://json-schema.org/draft-07/schema#"}, STR,
                       FITS, FITS),
    "nothing said": (STR, {}, *LEFT_AND_RIGHT),
    "a fraction": ({**NUM, "multipleOf": 0.1}, NUM, *LEFT_AND_RIGHT),
    "what is not compared": (obj(unevaluatedItems=False), obj(), UNKNOWN, UNKNOWN),
    "a reference elsewhere": ({"$ref": "other.json"}, STR, UNKNOWN, UNKNOWN),
    "a pattern where nobody looks": (
        obj(patternProperties={"^x": {**STR, "pattern": "^a"}}), obj(patternProperties={"^x": STR}), FITS, UNKNOWN,
    ),
}  # fmt: skip


def verdict(written: Any, read: Any) -> str:
    found = compared(written, read)
    return NOT if found.misfits else UNKNOWN if found.doubts else FITS


@pytest.mark.parametrize("about", PAIRS)
def test_the_verdict_of_each_direction(about: str) -> None:
    one, other, there, back = PAIRS[about]
    assert (verdict(one, other), verdict(other, one)) == (there, back)


def test_a_writer_writes_no_other_properties_than_it_names() -> None:
    """Else nobody could rely on a property that somebody may leave out."""
    assert verdict(obj(**A), obj(properties={"b": INT})) == FITS
    assert verdict(obj(**A, additionalProperties=True), obj(properties={"b": INT})) == NOT


NUMBERS = st.builds(
    lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more}, st.integers(0, 3), st.integers(0, 3)
)
TEXTS = st.one_of(
    st.builds(lambda low: {"type": "string", "minLength": low, "maxLength": 3}, st.integers(0, 3)),
    st.builds(lambda pattern: {"type": "string", "pattern": pattern}, st.sampled_from(["^a", "^ab", "b$", "^[ab]+$"])),
    st.builds(lambda values: {"enum": values}, st.lists(st.sampled_from(["a", "ab", 1, None]), min_size=1, max_size=3)),
)  # fmt: skip
SCHEMAS = st.recursive(
    st.one_of(NUMBERS, TEXTS, st.sampled_from([{}, STR, INT, NUM, {"type": ["integer", "null"]}])),
    lambda inner: st.one_of(
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least, "maxItems": 3},
            inner,
            st.integers(0, 2),
        ),
        st.builds(
            lambda word, options: {word: options},
            st.sampled_from(["anyOf", "allOf", "oneOf"]),
            st.lists(inner, min_size=1, max_size=2),
        ),
        st.builds(
            lambda fields, required, others: obj(*sorted(required & fields.keys()), properties=fields, **others),
            st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            st.sets(st.sampled_from("ab")),
            st.sampled_from([{}, {"additionalProperties": False}, {"additionalProperties": True}]),
        ),
    ),
    max_leaves=5,
)  # fmt: skip


VALUES = st.recursive(
    st.one_of(st.none(), st.integers(-1, 7), st.sampled_from(["", "a", "b", "ab", "aba", "abab"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=20, max_size=20))
def test_nothing_that_is_written_is_refused_where_it_is_said_to_fit(
    written: Json, read: Json, values: list[Any]
) -> None:
    if verdict(written, read) == FITS:
        writes = Draft202012Validator(normal(written, written, writes=True))
        assert all(Draft202012Validator(read).is_valid(value) for value in values if writes.is_valid(value))


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, SCHEMAS)
def test_an_example_is_written_and_refused(written: Json, read: Json) -> None:
    for said in compared(written, read).misfits:
        if said.endswith(" may be written, and is refused") and "…" not in said:
            document = json.loads(said.removesuffix(" may be written, and is refused"))
            assert Draft202012Validator(written).is_valid(document)
            assert not Draft202012Validator(read).is_valid(document)


@given(SCHEMAS)
@settings(deadline=None)
def test_what_is_read_as_it_is_written_fits(schema: Json) -> None:
    assert verdict(schema, {**schema, "title": "the same"}) == FITS
