"""Kinds of change in AsyncAPI 2 and 3: whether the writer may move first, and whether the reader may.

Argued from the specification: a channel is its address; a reader takes each message that may come by it, in its media
type; a message's schema is of the format that it says. In version 3 operations say which messages a channel carries.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from support.pairs import BREAKS, EITHER, FITS, NEITHER, READER, UNKNOWN, WRITER, Pair, moves

Json = dict[str, Any]
STR, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}
ORDERS: Final = {"$ref": "#/channels/orders"}


def obj(required: str = "", /, **properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


def message(payload: Any, **more: Any) -> Json:
    return {"payload": payload, **more}


def third(*messages: Json, key: str = "orders", address: str = "orders", **more: Any) -> Json:
    named = {f"m{at}": one for at, one in enumerate(messages)}
    return {"asyncapi": "3.0.0", "channels": {key: {"address": address, "messages": named}}, **more}


def second(*messages: Json, word: str = "subscribe", channel: str = "orders", **more: Any) -> Json:
    said = messages[0] if len(messages) == 1 else {"oneOf": list(messages)}
    return {"asyncapi": "2.6.0", "channels": {channel: {word: {"message": said}}}, **more}


def acting(action: str, *names: str) -> Json:
    messages = {"messages": [{"$ref": f"#/channels/orders/messages/{name}"} for name in names]} if names else {}
    return {"operations": {"o": {"action": action, "channel": ORDERS, **messages}}}


A, AB = obj("a", a=STR), obj("ab", a=STR, b=INT)
SEE_T: Final = {"$ref": "#/components/schemas/T"}
AVRO: Final = "application/vnd.apache.avro+json;version=1.9.0"


def record(*names: str, **more: Any) -> Json:
    return {"type": "record", "name": "R", "fields": [{"name": one, "type": "string", **more} for one in names]}


def avro(schema: Json) -> Json:
    return message({"schemaFormat": AVRO, "schema": schema})


def of_components(payload: Json) -> Json:
    channel = {"address": "orders", "messages": {"m": {"$ref": "#/components/messages/Placed"}}}
    return {
        "asyncapi": "3.0.0",
        "channels": {"orders": channel},
        "components": {"messages": {"Placed": message(payload)}},
    }


PAIRS: Final[dict[str, Pair]] = {
    "a property comes": (third(message(A)), third(message(AB)), WRITER),
    "a property goes": (third(message(AB)), third(message(A)), READER),
    "an optional property comes": (third(message(A)), third(message(obj("a", a=STR, b=INT))), EITHER),
    "an integer becomes a number": (third(message(obj("a", a=INT))), third(message(obj("a", a=NUM))), READER),
    "a number becomes a text": (third(message(obj("a", a=NUM))), third(message(obj("a", a=STR))), NEITHER),
    "a value may be null": (
        third(message(obj("a", a=STR))), third(message(obj("a", a={"type": ["string", "null"]}))), READER,
    ),
    "an enum widens": (third(message({"enum": ["x"]})), third(message({"enum": ["x", "y"]})), READER),
    "an enum narrows": (third(message({"enum": ["x", "y"]})), third(message({"enum": ["x"]})), WRITER),
    "a format changes": (
        third(message({**STR, "format": "date"})), third(message({**STR, "format": "uuid"})), NEITHER,
    ),
    "a channel comes": (
        third(message(A)), {**third(message(A)), "channels": {**third(message(A))["channels"], "more": {}}}, WRITER,
    ),
    "a channel goes": (
        {**third(message(A)), "channels": {**third(message(A))["channels"], "more": {}}}, third(message(A)), READER,
    ),
    "a channel has another address": (third(message(A)), third(message(A), address="sales"), NEITHER),
    "a channel is called otherwise": (third(message(A)), third(message(A), key="placed"), EITHER),
    "a message comes": (third(message(A)), third(message(A), message(obj("z", z=INT))), READER),
    "a message goes": (third(message(A), message(obj("z", z=INT))), third(message(A)), WRITER),
    "a message by reference": (third(message(A)), of_components(A), EITHER),
    "a message by reference changes": (of_components(AB), of_components(A), READER),
    "words about it": (third(message(A, title="a")), third(message(A, summary="b"), info={"title": "x"}), EITHER),
    "another media type": (
        third(message(A)), third(message(A, contentType="application/cbor")), NEITHER,
    ),
    "another media type of all": (third(message(A)), third(message(A), defaultContentType="application/cbor"), NEITHER),
    "the same media type, said of all and of one": (
        third(message(A, contentType="application/cbor")), third(message(A), defaultContentType="application/cbor"),
        EITHER,
    ),
    "a header goes": (
        third(message(A, headers=obj("id", id=STR) | {"required": ["id"]})),
        third(message(A, headers=obj())), READER,
    ),
    "a header comes": (
        third(message(A)), third(message(A, headers=obj() | {"properties": {"id": STR}, "required": ["id"]})),
        (FITS, BREAKS),
    ),
    "a header that a trait adds": (
        third(message(A, traits=[{"headers": obj() | {"properties": {"id": STR}, "required": ["id"]}}])),
        third(message(A, headers=obj() | {"properties": {"id": STR}, "required": ["id"]})), EITHER,
    ),
    "version 2 and version 3": (second(message(A)), third(message(A)), EITHER),
    "version 2 and version 3, and a property more": (second(message(A)), third(message(AB)), WRITER),
    "several messages of version 2": (second(message(A)), second(message(A), message(obj("z", z=INT))), READER),
    "a message of version 2 by reference that is several": (
        second(message(A), message(INT)),
        second(
            {"$ref": "#/components/messages/M"},
            components={"messages": {"M": {"oneOf": [message(A), message(INT)]}}},
        ),
        EITHER,
    ),
    "what was sent is received": (
        third(message(A), **acting("send")), third(message(A), **acting("receive")), (BREAKS, FITS),
    ),
    "what was published is subscribed to": (
        second(message(A), word="subscribe"), second(message(A), word="publish"), (BREAKS, FITS),
    ),
    "an operation carries fewer of the messages": (
        third(message(A), message(INT), **acting("send", "m0", "m1")),
        third(message(A), message(INT), **acting("send", "m0")), WRITER,
    ),
    "Avro: a field comes": (third(avro(record("a"))), third(avro(record("a", "b"))), WRITER),
    "Avro: a field with a default comes": (
        third(avro(record("a", default=""))), third(avro(record("a", "b", default=""))), EITHER,
    ),
    "Avro: as version 2 says it": (
        second(message(record("a"), schemaFormat=AVRO)), second(message(record("a", "b"), schemaFormat=AVRO)), WRITER,
    ),
    "Avro for JSON": (third(message(A)), third(avro(record("a"))), NEITHER),
    "Protobuf in a message": (
        third(message(A)), third(message({"schemaFormat": "application/vnd.google.protobuf", "schema": "x"})),
        (UNKNOWN, UNKNOWN),
    ),
    "a message stands elsewhere": (
        third(message(A)), third({"$ref": "http://127.0.0.1:1/m.yaml"}), (UNKNOWN, UNKNOWN),
    ),
    "a payload stands elsewhere": (
        third(message(A)), third(message({"$ref": "other.json"})), (UNKNOWN, UNKNOWN),
    ),
    "a payload refers to itself": (
        third(message(SEE_T), components={"schemas": {"T": obj("v", v=INT, n=SEE_T)}}),
        third(message(SEE_T), components={"schemas": {"T": obj("v", v=NUM, n=SEE_T)}}),
        READER,
    ),
}  # fmt: skip


@pytest.mark.parametrize("about", PAIRS)
def test_who_may_move_first(about: str) -> None:
    older, newer, expected = PAIRS[about]
    assert moves(older, newer) == expected
