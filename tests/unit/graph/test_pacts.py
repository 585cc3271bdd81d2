"""Pact files of each version, held against the provider's document: calls, messages, matching rules."""

from __future__ import annotations

import base64
from typing import Any, Final

import pytest

from odmd.graph.schemas import compared

Json = dict[str, Any]
STR, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def obj(required: tuple[str, ...] = (), /, **properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


LINE: Final = obj(("sku",), sku=STR, n=INT)
ORDER: Final = obj(("id", "total", "lines", "by_day"), id=INT, total=NUM, lines={"type": "array", "items": LINE},
                   by_day={"type": "object", "additionalProperties": INT}, note=STR)  # fmt: skip


def provider(order: Json = ORDER) -> Json:
    def body(schema: Json) -> Json:
        return {"content": {"application/json": {"schema": schema}}}

    get = {"responses": {"200": body(order), "404": body(obj(("why",), why=STR))}}
    where = {"in": "path", "name": "id", "required": True, "schema": INT}
    return {
        "openapi": "3.0.3",
        "servers": [{"url": "https://api.example/v1"}],
        "paths": {"/orders/{id}": {"parameters": [where], "get": get}},
    }


def pact(*interactions: Json, **more: Any) -> Json:
    return {"consumer": {"name": "till"}, "provider": {"name": "orders"}, "interactions": list(interactions), **more}


def gets(body: Any, status: int = 200, path: str = "/orders/7", **answer: Any) -> Json:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return {
        "request": {"method": "get", "path": path},
        "response": {"status": status, "headers": headers, "body": body, **answer},
    }


def second(body: Any, **rules: Json) -> Json:
    return gets(body, matchingRules={f"$.body{path}": rule for path, rule in rules.items()})


def third(body: Any, rules: dict[str, list[Json]]) -> Json:
    return gets(
        body, matchingRules={"body": {path: {"matchers": how, "combine": "AND"} for path, how in rules.items()}}
    )


def fourth(content: Any, rules: dict[str, list[Json]] | None = None, **more: Any) -> Json:
    body = {"content": content, "contentType": "application/json", "encoded": False, **more}
    said = {"body": {path: {"matchers": how} for path, how in (rules or {}).items()}}
    answer = {"status": 200, "body": body, "matchingRules": said}
    return {"type": "Synchronous/HTTP", "request": {"method": "GET", "path": "/orders/7"}, "response": answer}


CALLS: Final[dict[str, tuple[Json, str]]] = {
    # what it says, and a part of what does not fit; nothing where all does
    "version 2: by type": (second({"id": 7}, **{".id": {"match": "type"}}), ""),
    "version 2: by pattern": (
        second({"id": "7"}, **{".id": {"match": "regex", "regex": "\\d+"}}), "id is integer, not string",
    ),
    "version 2: each item": (
        second({"lines": [{"sku": "a"}]}, **{".lines": {"min": 1}, ".lines[*].sku": {"match": "type"}}), "",
    ),
    "version 2: a field of each item that is not there": (
        second({"lines": [{"price": 1}]}, **{".lines[*].*": {"match": "type"}}), "lines[].price is not there",
    ),
    "version 3: a whole number": (third({"id": 7}, {"$.id": [{"match": "integer"}]}), ""),
    "version 3: a whole number, and any is answered": (
        third({"total": 7}, {"$.total": [{"match": "integer"}]}), "total is number, not integer",
    ),
    "version 3: a moment, and a number is answered": (
        third({"id": "2026-01-01"}, {"$.id": [{"match": "date", "date": "yyyy-MM-dd"}]}), "id is integer, not string",
    ),
    "version 3: names that are not known before": (
        third({"by_day": {"2026-01-01": 3}}, {"$.by_day": [{"match": "values"}], "$.by_day.*": [{"match": "integer"}]}),
        "",
    ),
    "version 3: and they hold something else": (
        third({"by_day": {"2026-01-01": "x"}}, {"$.by_day": [{"match": "values"}]}), "by_day.* is integer, not string",
    ),
    "version 3: without a rule names are names": (
        third({"by_day": {"2026-01-01": 3}}, {}), "by_day.2026-01-01 is not there",
    ),
    "version 4: as it stands": (fourth({"id": 7}), ""),
    "version 4: each value": (
        fourth({"by_day": {"x": 3}}, {"$.by_day": [{"match": "eachValue", "rules": [{"match": "integer"}]}]}), "",
    ),
    "version 4: one of several": (
        fourth({"lines": [{"price": 1}]}, {"$.lines": [{"match": "arrayContains", "variants": []}]}), "",
    ),
    "version 4: a text of JSON": (fourth('{"tip": 1}', encoded="JSON"), "tip is not there"),
    "version 4: in base 64": (fourth(base64.b64encode(b'{"tip": 1}').decode(), encoded="base64"), "tip is not there"),
    "a name with a blank": (third({"id": "x"}, {"$['id']": [{"match": "integer"}]}), ""),
    "a mistake": (gets({"why": "gone"}, 404), ""),
    "a mistake that says something else": (gets({"code": 3}, 404), "code is not there"),
    "a mistake that is never made": (gets({}, 410), "410 is never answered"),
    "below the server's address": (gets({"id": 7}, path="/v1/orders/7"), ""),
    "a path of another sort": (gets({"id": 7}, path="/orders/seven"), ""),
}  # fmt: skip


@pytest.mark.parametrize("about", CALLS)
def test_what_contract_tests_say_of_calls(about: str) -> None:
    said, wrong = CALLS[about]
    misfits = compared(provider(), pact(said)).misfits
    assert bool(misfits) == bool(wrong), misfits
    assert wrong in "; ".join(misfits)


def test_each_interaction_counts() -> None:
    """Two of one operation and one status do not hide each other."""
    first, other = gets({"tip": 1}), gets({"id": 7})
    for both in (pact(first, other), pact(other, first)):
        (wrong,) = compared(provider(), both).misfits
        assert "tip is not there" in wrong


def channel(payload: Json, media: str = "", version: str = "3.0.0") -> Json:
    message = {"payload": payload, **({"contentType": media} if media else {})}
    if version[0] == "2":
        return {"asyncapi": version, "channels": {"orders": {"subscribe": {"message": message}}}}
    return {"asyncapi": version, "channels": {"orders": {"address": "shop/orders", "messages": {"m": message}}}}


CLOUD: Final = "application/cloudevents+json"
RULES: Final = {"body": {"$.id": {"matchers": [{"match": "integer"}]}}}
MESSAGES: Final[dict[str, tuple[Json, Json, str]]] = {
    "version 3": (
        channel(ORDER), {"messages": [{"contents": {"id": 7}, "metaData": {"contentType": "application/json"}}]}, "",
    ),
    "version 3, in AsyncAPI 2": (channel(ORDER, version="2.6.0"), {"messages": [{"contents": {"id": 7}}]}, ""),
    "version 3, with rules": (
        channel(obj(("id",), id=NUM)), {"messages": [{"contents": {"id": 7}, "matchingRules": RULES}]}, "id is number",
    ),
    "version 3, against a type": (ORDER, {"messages": [{"contents": {"tip": 7}}]}, "tip is not there"),
    "version 4": (channel(ORDER), pact({"type": "Asynchronous/Messages", "contents": {"content": {"id": 7}}}), ""),
    "version 4, with rules": (
        channel(obj(("id",), id=NUM)),
        pact({"type": "Asynchronous/Messages", "contents": {"content": {"id": 7}}, "matchingRules": RULES}),
        "id is number",
    ),
    "version 4, asked for": (
        channel(ORDER),
        pact({"request": {"contents": {"content": {}}}, "response": [{"contents": {"content": {"tip": 7}}}]}),
        "tip is not there",
    ),
    "a media type that nobody said": (channel(ORDER, CLOUD), {"messages": [{"contents": {"id": 7}}]}, ""),
    "another media type": (
        channel(ORDER, CLOUD), pact({"contents": {"content": {"id": 7}, "contentType": "application/json"}}),
        f"it carries {CLOUD}, not application/json",
    ),
}  # fmt: skip


@pytest.mark.parametrize("about", MESSAGES)
def test_what_contract_tests_say_of_messages(about: str) -> None:
    document, said, wrong = MESSAGES[about]
    misfits = compared(
        document,
        {**pact(), **said}
        if said.get("interactions")
        else {"consumer": {"name": "a"}, "provider": {"name": "b"}, **said},
    ).misfits
    assert bool(misfits) == bool(wrong), misfits
    assert wrong in "; ".join(misfits)
