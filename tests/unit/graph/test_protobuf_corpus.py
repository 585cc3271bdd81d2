"""Kinds of change in Protobuf: whether the writer may move first, and whether the reader may.

Argued from "Updating a message type" of the language guide: a field is its number; types of one kind of encoding are
read by each other, as far as values fit; what is unknown is skipped. A field that a reader knows may go where its
number is reserved. A service's method is its full name and the shapes of both its messages.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Of
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from support.pairs import BREAKS, EITHER, FITS, NEITHER, READER, UNKNOWN, WRITER, Pair, moves

EITHER_UNKNOWN: Final = (UNKNOWN, UNKNOWN)
Types: Final = {name.removeprefix("TYPE_").lower(): number for name, number in Of.Type.items()}


def field(name: str, number: int, type_: str = "int32", *, many: bool = False, must: bool = False, **more: Any) -> Of:
    label = Of.LABEL_REPEATED if many else Of.LABEL_REQUIRED if must else Of.LABEL_OPTIONAL
    known = type_ in Types
    said = Of(name=name, number=number, label=label, **more)
    if known:
        said.type = Types[type_]  # type: ignore[assignment]  # numbers are what enums of descriptors are
    else:
        said.type = Of.TYPE_ENUM if type_ in ("State", "Kind") else Of.TYPE_MESSAGE
        said.type_name = f".shop.{type_}"
    return said


def doc(
    *fields: Of,
    reserved: int = 0,
    syntax: str = "proto3",
    package: str = "shop",
    states: dict[str, int] | None = None,
    one_of: tuple[str, ...] = (),
    **methods: tuple[str, str, bool, bool],
) -> dict[str, Any]:
    file = FileDescriptorProto(name="shop.proto", package=package, syntax=syntax)
    order = file.message_type.add(name="Order", field=list(fields))
    for name in one_of:
        order.oneof_decl.add(name=name)
    if reserved:
        order.reserved_range.add(start=reserved, end=reserved + 1)
    file.message_type.add(name="Line", field=[field("sku", 1, "string")])
    file.message_type.add(name="Item", field=[field("sku", 1, "string")])
    for enum in ("State", "Kind"):
        its = file.enum_type.add(name=enum)
        for name, number in (states or {"NONE": 0, "PAID": 1}).items():
            its.value.add(name=name, number=number)
    if methods:
        service = file.service.add(name="Orders")
        for name, (takes, answers, asks_many, answers_many) in methods.items():
            service.method.add(
                name=name, input_type=f".shop.{takes}", output_type=f".shop.{answers}",
                client_streaming=asks_many, server_streaming=answers_many,
            )  # fmt: skip
    return {"protobuf": json_format.MessageToDict(FileDescriptorSet(file=[file]))}


def scalars(older: str, newer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return doc(field("a", 1, older)), doc(field("a", 1, newer))


A: Final = field("a", 1)
PLACE: Final = {"Place": ("Order", "Line", False, False)}

PAIRS: Final[dict[str, Pair]] = {
    "a field comes": (doc(A), doc(A, field("b", 2)), WRITER),
    "a field goes, and its number is reserved": (doc(A, field("b", 2)), doc(A, reserved=2), EITHER),
    "a field goes, and its number is free": (doc(A, field("b", 2)), doc(A), READER),
    "a field has another number": (doc(A), doc(field("a", 2)), NEITHER),
    "a field is renamed": (doc(A), doc(field("amount", 1)), EITHER),
    "a field is renamed, and JSON is told so": (
        doc(field("a", 1, json_name="a")), doc(field("amount", 1, json_name="amount")), EITHER_UNKNOWN,
    ),
    "a field is called otherwise in JSON": (
        doc(field("a", 1, json_name="a")), doc(field("a", 1, json_name="A")), EITHER_UNKNOWN,
    ),
    "an int32 becomes an int64": (*scalars("int32", "int64"), (UNKNOWN, FITS)),
    "a uint32 becomes a uint64": (*scalars("uint32", "uint64"), (UNKNOWN, FITS)),
    "a uint32 becomes an int64": (*scalars("uint32", "int64"), (UNKNOWN, FITS)),
    "an int32 becomes a uint32": (*scalars("int32", "uint32"), EITHER_UNKNOWN),
    "a bool becomes an int32": (*scalars("bool", "int32"), (UNKNOWN, FITS)),
    "an int32 becomes a sint32": (*scalars("int32", "sint32"), NEITHER),
    "a sint32 becomes a sint64": (*scalars("sint32", "sint64"), (UNKNOWN, FITS)),
    "an int32 becomes a fixed32": (*scalars("int32", "fixed32"), NEITHER),
    "a fixed32 becomes an sfixed32": (*scalars("fixed32", "sfixed32"), EITHER_UNKNOWN),
    "a float becomes a double": (*scalars("float", "double"), NEITHER),
    "an int64 becomes a double": (*scalars("int64", "double"), NEITHER),
    "a text becomes bytes": (*scalars("string", "bytes"), (UNKNOWN, FITS)),
    "a text becomes a number": (*scalars("string", "int32"), NEITHER),
    "an enum becomes an int32": (*scalars("State", "int32"), (UNKNOWN, FITS)),
    "an enum becomes a bool": (*scalars("State", "bool"), NEITHER),
    "a message becomes bytes": (*scalars("Line", "bytes"), EITHER_UNKNOWN),
    "a message becomes another": (*scalars("Line", "Item"), NEITHER),
    "an enum becomes another of the same values": (*scalars("State", "Kind"), EITHER),
    "one number becomes many": (doc(A), doc(field("a", 1, many=True)), (BREAKS, FITS)),
    "one text becomes many": (doc(field("a", 1, "string")), doc(field("a", 1, "string", many=True)), (UNKNOWN, FITS)),
    "a required field comes": (
        doc(A, syntax="proto2"), doc(A, field("b", 2, must=True), syntax="proto2"), WRITER,
    ),
    "a field is required no more": (
        doc(field("a", 1, must=True), syntax="proto2"), doc(A, syntax="proto2"), READER,
    ),
    "a required field goes, and its number is reserved": (
        doc(A, field("b", 2, must=True), syntax="proto2"), doc(A, reserved=2, syntax="proto2"), READER,
    ),
    "another default": (
        doc(field("a", 1, default_value="1"), syntax="proto2"), doc(field("a", 1, default_value="2"), syntax="proto2"),
        EITHER_UNKNOWN,
    ),
    "a value of an open enum comes": (
        doc(field("s", 1, "State")), doc(field("s", 1, "State"), states={"NONE": 0, "PAID": 1, "SENT": 2}),
        (UNKNOWN, FITS),
    ),
    "a value of a closed enum comes": (
        doc(field("s", 1, "State"), syntax="proto2"),
        doc(field("s", 1, "State"), states={"NONE": 0, "PAID": 1, "SENT": 2}, syntax="proto2"), READER,
    ),
    "a value of an enum means something else": (
        doc(field("s", 1, "State")), doc(field("s", 1, "State"), states={"NONE": 0, "SENT": 1}), EITHER_UNKNOWN,
    ),
    "a field moves into a oneof that there is": (
        doc(field("a", 1, oneof_index=0), field("b", 2), one_of=("of",)),
        doc(field("a", 1, oneof_index=0), field("b", 2, oneof_index=0), one_of=("of",)), EITHER_UNKNOWN,
    ),
    "a member of a oneof comes": (
        doc(field("a", 1, oneof_index=0), one_of=("of",)),
        doc(field("a", 1, oneof_index=0), field("b", 2, oneof_index=0), one_of=("of",)), (UNKNOWN, BREAKS),
    ),
    "a oneof is split": (
        doc(field("a", 1, oneof_index=0), field("b", 2, oneof_index=0), one_of=("of",)),
        doc(field("a", 1, oneof_index=0), field("b", 2, oneof_index=1), one_of=("of", "other")), EITHER_UNKNOWN,
    ),
    "another package": (doc(A), doc(A, package="store"), NEITHER),
    "a method comes": (doc(A, **PLACE), doc(A, **PLACE, Cancel=("Order", "Line", False, False)), WRITER),
    "a method goes": (doc(A, **PLACE, Cancel=("Order", "Line", False, False)), doc(A, **PLACE), READER),
    "a method answers a stream": (doc(A, **PLACE), doc(A, Place=("Order", "Line", False, True)), NEITHER),
    "a method takes a stream": (doc(A, **PLACE), doc(A, Place=("Order", "Line", True, False)), NEITHER),
    "a method answers another message": (doc(A, **PLACE), doc(A, Place=("Order", "Item", False, False)), NEITHER),
    "a service goes": (doc(A, **PLACE), doc(A), READER),
    "a field of a request comes": (doc(A, **PLACE), doc(A, field("b", 2), **PLACE), (FITS, UNKNOWN)),
    "a field of a request is required": (
        doc(A, syntax="proto2", **PLACE), doc(field("a", 1, must=True), syntax="proto2", **PLACE), READER,
    ),
}  # fmt: skip


@pytest.mark.parametrize("about", PAIRS)
def test_who_may_move_first(about: str) -> None:
    older, newer, expected = PAIRS[about]
    assert moves(older, newer) == expected
