"""Of two schemas in GraphQL, Avro or Protobuf: whether who relies on the one goes on with the other, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Of

from odmd.graph.schemas import Comparison, SchemaUnreadable, compared, document

FITS, NOT, UNKNOWN = "fits", "does not fit", "nobody can tell"
LEFT_AND_RIGHT = (FITS, NOT)


def word(found: Comparison) -> str:
    return NOT if found.misfits else UNKNOWN if found.doubts else FITS


def both_ways(one: Any, other: Any) -> tuple[str, str]:
    """Whether what the one writes (or serves) the other takes, and the other way round."""
    return word(compared(one, other)), word(compared(other, one))


# GraphQL: what the left one serves, the right one's clients go on with


def served(text: str) -> dict[str, str]:
    return {"graphql": f"type Query {{ order(id: ID!): Order }} type Order {{ id: ID! {text}"}


GRAPHQL: Final[dict[str, tuple[str, str, str, str]]] = {
    "the same": ("total: Int! }", "total: Int! }", FITS, FITS),
    "a field more": ("total: Int! note: String }", "total: Int! }", FITS, NOT),
    "never null, or perhaps": ("total: Int! }", "total: Int }", *LEFT_AND_RIGHT),
    "another type": ("total: String! }", "total: Int! }", NOT, NOT),
    "an argument that may be left out": ("total(round: Boolean): Int }", "total: Int }", FITS, NOT),
    "an argument that has to be given": ("total(round: Boolean!): Int }", "total: Int }", NOT, NOT),
    "an argument with a default": ("total(round: Boolean! = true): Int }", "total: Int }", FITS, NOT),
    "an argument that need not be given any more": (
        "total(round: Boolean): Int }", "total(round: Boolean!): Int }", *LEFT_AND_RIGHT,
    ),
    "a value of an enum that is read": (
        "s: State } enum State { OPEN PAID }", "s: State } enum State { OPEN }", UNKNOWN, FITS,
    ),
    "a value of an enum that is written": (
        "s(is: State): Int } enum State { OPEN PAID }", "s(is: State): Int } enum State { OPEN }", FITS, NOT,
    ),
    "a field of an input that may be left out": (
        "s(by: By): Int } input By { a: Int b: Int }", "s(by: By): Int } input By { a: Int }", FITS, NOT,
    ),
    "a field of an input that has to be given": (
        "s(by: By): Int } input By { a: Int b: Int! }", "s(by: By): Int } input By { a: Int }", NOT, NOT,
    ),
    "one more of a union": (
        "w: W } union W = A | B type A { a: Int } type B { b: Int }",
        "w: W } union W = A type A { a: Int } type B { b: Int }", UNKNOWN, NOT,
    ),
    "an interface": (
        "w: Int } interface I { a: Int } type A implements I { a: Int }",
        "w: Int } interface I { a: Int } type A { a: Int }", FITS, NOT,
    ),
    "a list": ("lines: [Int!]! }", "lines: Int! }", NOT, NOT),
    "a list that holds no nulls": ("lines: [Int!] }", "lines: [Int] }", *LEFT_AND_RIGHT),
    "types that refer to each other": ("next: Order! }", "next: Order }", *LEFT_AND_RIGHT),
}  # fmt: skip


@pytest.mark.parametrize("about", GRAPHQL)
def test_graphql(about: str) -> None:
    one, other, there, back = GRAPHQL[about]
    assert both_ways(served(one), served(other)) == (there, back)


# Avro: what the left one writes, the right one reads


def record(*fields: Any, name: str = "Order", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, type_: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, **more}


ID: Final = field("id", "string")
AVRO: Final[dict[str, tuple[Any, Any, str, str]]] = {
    "the same": (record(ID), record(ID), FITS, FITS),
    "an int for a long": ("int", "long", *LEFT_AND_RIGHT),
    "a long for a float": ("long", "float", *LEFT_AND_RIGHT),
    "a double for a long": ("long", "double", *LEFT_AND_RIGHT),
    "a number and a text": ("string", "long", NOT, NOT),
    "text and bytes": ("string", "bytes", FITS, FITS),
    "a field more": (record(ID, field("a", "int")), record(ID), *LEFT_AND_RIGHT),
    "a field more that has a default": (record(ID, field("a", "int", default=0)), record(ID), FITS, FITS),
    "a field by its alias": (record(field("id", "string")), record(field("key", "string", aliases=["id"])), FITS, NOT),
    "a field by another name": (record(field("id", "string")), record(field("key", "string")), NOT, NOT),
    "null, or a text": ("string", ["null", "string"], *LEFT_AND_RIGHT),
    "one of more": (["int", "string"], ["null", "int", "string"], *LEFT_AND_RIGHT),
    "one of a union that widens": (["int"], ["null", "long"], *LEFT_AND_RIGHT),
    "a symbol more": (
        {"type": "enum", "name": "S", "symbols": ["A", "B"]},
        {"type": "enum", "name": "S", "symbols": ["A"]}, NOT, FITS,
    ),
    "a symbol more, and a default": (
        {"type": "enum", "name": "S", "symbols": ["A", "B"]},
        {"type": "enum", "name": "S", "symbols": ["A"], "default": "A"}, FITS, FITS,
    ),
    "a record by another name": (record(ID), record(ID, name="Sale"), NOT, NOT),
    "a record by its alias": (record(ID), record(ID, name="Sale", aliases=["Order"]), FITS, NOT),
    "a record in another namespace": (record(ID, namespace="a"), record(ID, namespace="b"), FITS, FITS),
    "a fixed length": (
        {"type": "fixed", "name": "F", "size": 4}, {"type": "fixed", "name": "F", "size": 8}, NOT, NOT,
    ),
    "an array of more": ({"type": "array", "items": "int"}, {"type": "array", "items": "long"}, *LEFT_AND_RIGHT),
    "a map of more": ({"type": "map", "values": "float"}, {"type": "map", "values": "double"}, *LEFT_AND_RIGHT),
    "a list and one": ({"type": "array", "items": "int"}, "int", NOT, NOT),
    "another scale": (
        {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3}, NOT, NOT,
    ),
    "another unit of time": (
        {"type": "long", "logicalType": "timestamp-micros"}, {"type": "long", "logicalType": "timestamp-millis"},
        UNKNOWN, UNKNOWN,
    ),
    "what refers to itself": (
        record(field("next", ["null", "Order"]), field("a", "int")), record(field("next", ["null", "Order"])),
        *LEFT_AND_RIGHT,
    ),
    "a record within a record": (
        record(field("by", record(field("name", "string"), field("age", "int"), name="Guest"))),
        record(field("by", record(field("name", "string"), name="Guest"))), *LEFT_AND_RIGHT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("about", AVRO)
def test_avro(about: str) -> None:
    one, other, there, back = AVRO[about]
    assert both_ways({"avro": one}, {"avro": other}) == (there, back)


# Protobuf: what the left one writes, the right one reads


def message(*fields: Of, reserved: int = 0, syntax: str = "proto3", values: tuple[str, ...] = ("NONE",)) -> bytes:
    file = descriptor_pb2.FileDescriptorProto(name="shop.proto", package="shop", syntax=syntax)
    order = file.message_type.add(name="Order", field=list(fields))
    if reserved:
        order.reserved_range.add(start=reserved, end=reserved + 1)
    file.message_type.add(name="Line", field=[scalar("sku", 1, Of.TYPE_STRING)])
    state = file.enum_type.add(name="State")
    for number, name in enumerate(values):
        state.value.add(name=name, number=number)
    return descriptor_pb2.FileDescriptorSet(file=[file]).SerializeToString()


def scalar(name: str, number: int, type_: Any = Of.TYPE_INT32, label: Any = Of.LABEL_OPTIONAL, of: str = "") -> Of:
    return Of(name=name, number=number, type=type_, label=label, type_name=f".shop.{of}" if of else None)


TOTAL: Final = scalar("total", 2)
STATE: Final = scalar("state", 3, Of.TYPE_ENUM, of="State")
PROTOBUF: Final[dict[str, tuple[bytes, bytes, str, str]]] = {
    "the same": (message(TOTAL), message(TOTAL), FITS, FITS),
    "another name for a number": (message(TOTAL), message(scalar("sum", 2)), FITS, FITS),
    "another number for a name": (message(TOTAL), message(scalar("total", 3)), NOT, NOT),
    "a field more": (message(TOTAL, scalar("tip", 3)), message(TOTAL), *LEFT_AND_RIGHT),
    "a field less, and its number reserved": (message(TOTAL), message(reserved=2), FITS, FITS),
    "a wider number": (message(TOTAL), message(scalar("total", 2, Of.TYPE_INT64)), FITS, UNKNOWN),
    "a number that is written otherwise": (message(TOTAL), message(scalar("total", 2, Of.TYPE_SINT32)), NOT, NOT),
    "a number and a text": (message(TOTAL), message(scalar("total", 2, Of.TYPE_STRING)), NOT, NOT),
    "a text and bytes": (
        message(scalar("a", 1, Of.TYPE_STRING)), message(scalar("a", 1, Of.TYPE_BYTES)), FITS, UNKNOWN,
    ),
    "many numbers, and one": (
        message(scalar("a", 1, label=Of.LABEL_REPEATED)), message(scalar("a", 1)), NOT, FITS,
    ),
    "many texts, and one": (
        message(scalar("a", 1, Of.TYPE_STRING, Of.LABEL_REPEATED)),
        message(scalar("a", 1, Of.TYPE_STRING)), UNKNOWN, FITS,
    ),
    "a value of an enum": (
        message(STATE, values=("NONE", "PAID")), message(STATE), UNKNOWN, FITS,
    ),
    "a value of an enum that is closed": (
        message(STATE, values=("NONE", "PAID"), syntax="proto2"), message(STATE, syntax="proto2"), NOT, FITS,
    ),
    "required and optional": (
        message(scalar("a", 1, label=Of.LABEL_REQUIRED), syntax="proto2"), message(scalar("a", 1), syntax="proto2"),
        *LEFT_AND_RIGHT,
    ),
    "another message": (
        message(scalar("a", 1, Of.TYPE_MESSAGE, of="Line")),
        message(scalar("a", 1, Of.TYPE_MESSAGE, of="Order")), NOT, NOT,
    ),
    "what refers to itself": (
        message(scalar("a", 1, Of.TYPE_MESSAGE, of="Order"), TOTAL),
        message(scalar("a", 1, Of.TYPE_MESSAGE, of="Order")), *LEFT_AND_RIGHT,
    ),
}  # fmt: skip


def descriptors(folder: Path, content: bytes) -> Any:
    file = folder / "shop.binpb"
    file.write_bytes(content)
    return document(file)


@pytest.mark.parametrize("about", PROTOBUF)
def test_protobuf(about: str, tmp_path: Path) -> None:
    one, other, there, back = PROTOBUF[about]
    assert both_ways(descriptors(tmp_path, one), descriptors(tmp_path, other)) == (there, back)


def serving(takes: str = "Order", *, more: bool = False, stream: bool = False) -> bytes:
    """A service that takes an order, whose request has perhaps a field more."""
    found = descriptor_pb2.FileDescriptorSet.FromString(message(TOTAL, *([scalar("tip", 3)] if more else [])))
    method = found.file[0].service.add(name="Orders").method.add(name="Place")
    method.input_type, method.output_type, method.server_streaming = f".shop.{takes}", ".shop.Line", stream
    return found.SerializeToString()


def test_of_a_request_the_server_may_know_more_and_shall_not_know_less(tmp_path: Path) -> None:
    small, large = (descriptors(tmp_path, serving(more=more)) for more in (False, True))
    assert both_ways(large, small) == (FITS, UNKNOWN)


def test_a_method_goes_on_taking_and_answering_the_same(tmp_path: Path) -> None:
    plain, other, stream = (descriptors(tmp_path, one) for one in (serving(), serving("Line"), serving(stream=True)))
    assert both_ways(other, plain) == both_ways(stream, plain) == (NOT, NOT)
    assert "shop.Orders.Place answers a stream" in compared(stream, plain).misfits


# what is used of them


def test_of_graphql_only_what_is_used_has_to_stay() -> None:
    old, new = served("total: Int! note: String }"), served("total: Float! }")
    assert compared(new, old).misfits == ("Order.note was removed", "Order.total changed type from Int! to Float!")
    assert word(compared(new, old, ["Query.order", "Order.id"])) == FITS
    assert compared(new, old, ["Order.note"]).misfits == ("Order.note is not there", "Order.note was removed")


def test_of_avro_only_what_is_used_has_to_stay() -> None:
    old = {"avro": record(ID, field("by", record(field("name", "string"), field("age", "int"), name="Guest")))}
    new = {"avro": record(ID, field("by", record(field("name", "string"), name="Guest")))}
    assert compared(new, old).misfits == ("by.age is not there, and has no default",)
    assert word(compared(new, old, ["id", "by.name"])) == FITS
    assert compared(new, old, ["by.age"]).misfits == ("by.age is not there, and has no default",)


def test_of_protobuf_only_what_is_used_has_to_stay(tmp_path: Path) -> None:
    old, new = (
        descriptors(tmp_path, message(TOTAL, scalar("tip", 3))),
        descriptors(tmp_path, message(TOTAL, reserved=3)),
    )
    assert word(compared(new, old)) == FITS
    assert word(compared(new, old, ["Order.total"])) == FITS
    assert word(compared(new, old, ["shop.Order.tip"])) == NOT


# what is none


def test_two_languages_never_fit() -> None:
    assert compared({"avro": "int"}, {"type": "integer"}).misfits == ("it is Avro, not JSON Schema",)


@pytest.mark.parametrize(
    "malformed",
    [
        {"avro": {"type": "record", "name": "A"}},
        {"avro": {"type": "record", "name": "A", "fields": [{"name": "b", "type": "B"}]}},
        {"avro": [record(ID), record(ID)]},
        {"avro": 7},
        {"graphql": "type Query {"},
        {"graphql": "type Query { a: Missing }"},
        {"graphql": "[" * 100_000},
    ],
)
def test_what_is_malformed_is_said_to_be(malformed: Any) -> None:
    with pytest.raises(SchemaUnreadable):
        compared(malformed, malformed)


def test_what_is_no_descriptor_set_is_said_to_be_none(tmp_path: Path) -> None:
    for content in (b"", b"\xff\xff\xff", b'syntax = "proto3";'):
        with pytest.raises(SchemaUnreadable, match=r"shop\.binpb cannot be read: it is"):
            descriptors(tmp_path, content)
