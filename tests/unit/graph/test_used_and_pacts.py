"""Of what is published only that has to stay which somebody uses: as he says it, or as his contract tests do."""

from __future__ import annotations

from typing import Any, Final

import pytest

from odmd.graph.schemas import SchemaUnreadable, compared

ORDER: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "total": {"type": "number"},
        "note": {"type": "string"},
        "guest": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
            "required": ["name"],
        },
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
    },
    "required": ["id", "total", "guest", "lines"],
    "$defs": {
        "Line": {
            "type": "object",
            "properties": {"sku": {"type": "string"}, "n": {"type": "integer"}},
            "required": ["sku", "n"],
        }
    },
}


def without(schema: dict[str, Any], name: str) -> dict[str, Any]:
    properties = {key: one for key, one in schema["properties"].items() if key != name}
    return {**schema, "properties": properties, "required": [one for one in schema["required"] if one != name]}


SMALLER: Final = without(ORDER, "total")


@pytest.mark.parametrize(
    ("uses", "misfits"),
    [
        ((), ("total is not there",)),
        (("id",), ()),
        (("id", "guest.name", "lines[].sku"), ()),
        (("total",), ("total is not there",)),
        (("tip",), ("tip is not there",)),
        (("guest.phone",), ("guest.phone is not there",)),
        (("tip.amount",), ("tip is not there",)),
        (("lines[].price",), ("lines[].price is not there",)),
    ],
)
def test_of_a_message_what_is_used_has_to_stay(uses: tuple[str, ...], misfits: tuple[str, ...]) -> None:
    assert compared(SMALLER, ORDER, uses).misfits == misfits


def test_what_is_used_keeps_its_type() -> None:
    other = {**ORDER, "properties": {**ORDER["properties"], "id": {"type": "integer"}}}
    assert compared(other, ORDER, ("id",)).misfits == ("id is integer, not string",)
    assert compared(other, ORDER, ("total",)).fits


def answering(schema: Any, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "", "content": content}}, **more}


def api(order: dict[str, Any], **paths: Any) -> dict[str, Any]:
    said = {"/orders/{id}": {"get": answering(order, parameters=[ID])}, "/orders": {"post": POST}, **paths}
    return {"openapi": "3.1.0", "info": {"title": "orders", "version": "1"}, "paths": said}


ID: Final = {"in": "path", "name": "id", "required": True, "schema": {"type": "string"}}
PLAIN: Final = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "total": {"type": "number"}},
    "required": ["id", "total"],
}
POST: Final = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": PLAIN}}},
    "responses": {"201": {"description": ""}, "400": {"description": ""}},
}


def test_of_an_api_the_operations_that_are_used_have_to_stay() -> None:
    gone = {**api(PLAIN), "paths": {"/orders/{id}": {"get": answering(PLAIN, parameters=[ID])}}}
    assert compared(gone, api(PLAIN)).misfits == ("POST /orders is not there",)
    assert compared(gone, api(PLAIN), ("GET /orders/{id}",)).fits
    assert compared(gone, api(PLAIN), ("POST /orders",)).misfits == ("POST /orders is not there",)
    assert compared(gone, api(PLAIN), ("DELETE /orders/{id}",)).misfits == ("DELETE /orders/{id} is not there",)


def test_of_an_answer_the_fields_that_are_used_have_to_stay() -> None:
    smaller = api(without(PLAIN, "total"))
    assert compared(smaller, api(PLAIN), ("GET /orders/{id} id",)).fits
    (wrong,) = compared(smaller, api(PLAIN), ("GET /orders/{id} total",)).misfits
    assert wrong.endswith("total is not there")


def channel(payload: Any) -> dict[str, Any]:
    return {"asyncapi": "3.0.0", "channels": {"orders": {"messages": {"m": {"payload": payload}}}, "more": {}}}


def test_of_messages_the_fields_that_are_used_have_to_stay() -> None:
    assert compared(channel(without(PLAIN, "total")), channel(PLAIN), ("orders id",)).fits
    (wrong,) = compared(channel(without(PLAIN, "total")), channel(PLAIN), ("orders total",)).misfits
    assert wrong == "channel orders: total is not there"


# Pact


def pact(*interactions: Any, **more: Any) -> dict[str, Any]:
    return {"consumer": {"name": "till"}, "provider": {"name": "orders"}, "interactions": list(interactions), **more}


def gets(body: Any, path: str = "/orders/7", status: int = 200, **request: Any) -> dict[str, Any]:
    answer = {"status": status, "headers": {"Content-Type": "application/json"}, "body": body}
    return {"description": "an order", "request": {"method": "GET", "path": path, **request}, "response": answer}


def posts(body: Any, status: int = 201) -> dict[str, Any]:
    asked = {"method": "POST", "path": "/orders", "headers": {"Content-Type": "application/json"}, "body": body}
    return {"description": "a new one", "request": asked, "response": {"status": status}}


V4: Final = {
    **gets(None),
    "type": "Synchronous/HTTP",
    "request": {"method": "GET", "path": "/orders/7", "query": {}},
    "response": {"status": 200, "body": {"contentType": "application/json", "encoded": False, "content": {"total": 1}}},
}
PACTS: Final[dict[str, tuple[Any, str]]] = {
    # what it says, and a part of what does not fit; nothing where all does
    "what is answered": (gets({"id": "7", "total": 3.5}), ""),
    "less than is answered": (gets({"id": "7"}), ""),
    "an answer of another type": (gets({"total": "3.50"}), "total is number, not string"),
    "a field that is not answered": (gets({"tip": 1}), "tip is not there"),
    "a status that is never answered": (gets({}, status=418), "418 is never answered"),
    "a path that nobody serves": (gets({}, path="/sales/7"), "GET /sales/7 is not there"),
    "a body that is taken": (posts({"id": "8", "total": 2}), ""),
    "a body that lacks something": (posts({"id": "8"}), "total is not there"),
    "a body of another type": (posts({"id": 8, "total": 2}), "id is integer, not string"),
    "a parameter that is not taken, of version 2": (
        gets({"id": "7"}, query="deep=1"),
        "query parameter deep is not taken",
    ),
    "a parameter that is not taken, of version 3": (
        gets({"id": "7"}, query={"deep": ["1"]}),
        "query parameter deep is not taken",
    ),
    "headers that are no matter of the document": (gets({"id": "7"}, headers={"X-Trace": "1"}), ""),
    "version 4": (V4, ""),
    "version 4 of another type": (
        {
            **V4,
            "response": {
                "status": 200,
                "body": {"content": '{"total": "x"}', "contentType": "application/json", "encoded": "json"},
            },
        },
        "total is number, not string",
    ),
}


@pytest.mark.parametrize("about", PACTS)
def test_what_contract_tests_say_of_an_api(about: str) -> None:
    said, wrong = PACTS[about]
    misfits = compared(api(PLAIN), pact(said)).misfits
    assert bool(misfits) == bool(wrong), misfits
    assert wrong in "; ".join(misfits)


def test_what_contract_tests_say_of_messages() -> None:
    message = {"contents": {"id": "7", "total": 1}}
    third = {"consumer": {"name": "a"}, "provider": {"name": "b"}, "messages": [message]}
    fourth = pact({"type": "Asynchronous/Messages", "contents": {"content": {"tip": 1}}})
    assert compared(PLAIN, third).fits
    assert compared(channel(PLAIN), third).fits
    assert compared(channel(PLAIN), fourth).misfits == ("channel orders: tip is not there",)
    assert compared(PLAIN, fourth).misfits == ("tip is not there",)


@pytest.mark.parametrize("wrong", [{"request": {"method": "GET"}}, {"request": 7}, 7])
def test_a_pact_that_is_none_is_said_to_be(wrong: Any) -> None:
    with pytest.raises(SchemaUnreadable):
        compared(api(PLAIN), pact(wrong))
