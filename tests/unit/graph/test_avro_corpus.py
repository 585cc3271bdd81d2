"""Kinds of change in Avro: whether the writer may move first, and whether the reader may.

Argued from "Schema Resolution" of the specification (1.12): what was written by one schema is read by another. Names
match without their namespace, or by the reader's aliases; a reader's field that was not written needs a default; an
unknown symbol becomes the reader's default; a logical type is one only where both say so.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from support.pairs import EITHER, FITS, NEITHER, READER, UNKNOWN, WRITER, Pair, moves

EITHER_UNKNOWN: Final = (UNKNOWN, UNKNOWN)


def record(*fields: Any, name: str = "R", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, type_: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, **more}


def enum(*symbols: str, **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": "E", "symbols": list(symbols), **more}


def logical(type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "logicalType": name, **more}


def of(type_: Any, **more: Any) -> dict[str, Any]:
    return record(field("a", type_, **more))


A: Final = field("a", "string")
DECIMAL: Final = logical("bytes", "decimal", precision=9, scale=2)

PAIRS: Final[dict[str, Pair]] = {
    "a field comes, without a default": (record(A), record(A, field("b", "int")), WRITER),
    "a field comes, with a default": (record(A), record(A, field("b", "int", default=0)), EITHER),
    "a field comes that may be null, with a default": (
        record(A), record(A, field("b", ["null", "int"], default=None)), EITHER,
    ),
    "a field comes that may be null, without one": (record(A), record(A, field("b", ["null", "int"])), WRITER),
    "a field goes": (record(A, field("b", "int")), record(A), READER),
    "a field with a default goes": (record(A, field("b", "int", default=0)), record(A), EITHER),
    "a field is renamed": (record(A), record(field("x", "string")), NEITHER),
    "a field is renamed, with an alias": (record(A), record(field("x", "string", aliases=["a"])), READER),
    "a field is renamed, with an alias and a default": (
        record(field("a", "string", default="")), record(field("x", "string", aliases=["a"], default="")), EITHER,
    ),
    "fields in another order": (record(A, field("b", "int")), record(field("b", "int"), A), EITHER),
    "a default changes": (of("int", default=0), of("int", default=1), EITHER),
    "a default goes": (of("int", default=0), of("int"), EITHER),
    "an int becomes a long": (of("int"), of("long"), READER),
    "an int becomes a double": (of("int"), of("double"), READER),
    "a long becomes an int": (of("long"), of("int"), WRITER),
    "a float becomes a double": (of("float"), of("double"), READER),
    "an int becomes a text": (of("int"), of("string"), NEITHER),
    "a text becomes bytes": (of("string"), of("bytes"), EITHER),
    "a bool becomes an int": (of("boolean"), of("int"), NEITHER),
    "a field may be null": (of("string"), of(["null", "string"]), READER),
    "a field may be null no more": (of(["null", "string"]), of("string"), WRITER),
    "a union widens": (of(["null", "int"]), of(["null", "int", "string"]), READER),
    "a union in another order": (of(["null", "string"]), of(["string", "null"]), EITHER),
    "a union that promotes": (of(["null", "int"]), of(["null", "long"]), READER),
    "a union of records widens": (
        of([record(A, name="X")]), of([record(A, name="X"), record(A, name="Y")]), READER,
    ),
    "a symbol comes": (of(enum("A")), of(enum("A", "B")), READER),
    "a symbol comes, and there is a default": (of(enum("A", default="A")), of(enum("A", "B", default="A")), EITHER),
    "a symbol goes": (of(enum("A", "B")), of(enum("A")), WRITER),
    "symbols in another order": (of(enum("A", "B")), of(enum("B", "A")), EITHER),
    "an enum becomes a text": (of(enum("A")), of("string"), NEITHER),
    "a fixed length changes": (
        of({"type": "fixed", "name": "F", "size": 4}), of({"type": "fixed", "name": "F", "size": 8}), NEITHER,
    ),
    "a fixed length becomes bytes": (of({"type": "fixed", "name": "F", "size": 4}), of("bytes"), NEITHER),
    "another namespace": (record(A, namespace="one"), record(A, namespace="other"), EITHER),
    "another name": (record(A), record(A, name="S"), NEITHER),
    "another name, with an alias": (record(A), record(A, name="S", aliases=["R"]), READER),
    "another name, with an alias in a namespace": (
        record(A, namespace="n"), record(A, name="n.S", aliases=["n.R"]), READER,
    ),
    "a nested record is renamed": (of(record(A, name="X")), of(record(A, name="Y")), NEITHER),
    "a nested record loses a field": (
        of(record(A, field("b", "int"), name="X")), of(record(A, name="X")), READER,
    ),
    "items widen": (of({"type": "array", "items": "int"}), of({"type": "array", "items": "long"}), READER),
    "values of a map change": (of({"type": "map", "values": "int"}), of({"type": "map", "values": "string"}), NEITHER),
    "a list becomes a map": (of({"type": "array", "items": "int"}), of({"type": "map", "values": "int"}), NEITHER),
    "one becomes a list": (of("int"), of({"type": "array", "items": "int"}), NEITHER),
    "a plain number becomes a date": (of("int"), of(logical("int", "date")), (FITS, UNKNOWN)),
    "milliseconds become microseconds": (
        of(logical("long", "timestamp-millis")), of(logical("long", "timestamp-micros")), EITHER_UNKNOWN,
    ),
    "a date is promoted to a moment": (
        of(logical("int", "date")), of(logical("long", "timestamp-millis")), ("breaks", UNKNOWN),
    ),
    "a decimal has another scale": (of(DECIMAL), of({**DECIMAL, "scale": 3}), NEITHER),
    "a decimal has another precision": (of(DECIMAL), of({**DECIMAL, "precision": 12}), NEITHER),
    "words about it": (record(A, doc="one"), record({**A, "doc": "other"}), EITHER),
    "a type by its name and in full": (
        record(field("x", record(A, name="X")), field("y", "X")),
        record(field("x", record(A, name="X")), field("y", "X")),
        EITHER,
    ),
    "what refers to itself loses a field": (
        record(A, field("b", "int"), field("next", ["null", "R"])), record(A, field("next", ["null", "R"])), READER,
    ),
    "a primitive in the long form": (of("int"), of({"type": "int"}), EITHER),
    "the whole is another type": ("int", "long", READER),
}  # fmt: skip


@pytest.mark.parametrize("about", PAIRS)
def test_who_may_move_first(about: str) -> None:
    older, newer, expected = PAIRS[about]
    assert moves({"avro": older}, {"avro": newer}) == expected
