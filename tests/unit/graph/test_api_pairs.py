"""What of an API may change while a client goes on, and who of the two writes what does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from odmd.graph.schemas import compared

Json = dict[str, Any]
TEXT = {"type": "string"}
ONE = {"type": "object", "required": ["a"], "properties": {"a": TEXT}}
TWO = {"type": "object", "required": ["a", "b"], "properties": {"a": TEXT, "b": TEXT}}
OPEN = {"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": TEXT}}


def json_body(schema: Json, media: str = "application/json", **more: Any) -> Json:
    return {"content": {media: {"schema": schema}}, **more}


def api(*parameters: Json, body: Json | None = None, answers: Json | None = None, **more: Any) -> Json:
    operation = {
        "parameters": list(parameters),
        "responses": answers or {"200": json_body(ONE)},
        **({"requestBody": body} if body else {}),
        **more,
    }
    return {"openapi": "3.1.0", "paths": {"/x": {"post": operation}}}


def parameter(name: str = "p", schema: Json = TEXT, where: str = "query", **more: Any) -> Json:
    return {"name": name, "in": where, "schema": schema, **more}


def answering(schema: Json, status: str = "200", media: str = "application/json") -> Json:
    return api(answers={status: json_body(schema, media)})


def enum(*values: str) -> Json:
    return {"type": "object", "required": ["a"], "properties": {"a": {"enum": list(values)}}}


SHARED = {**api(), "components": {"schemas": {"One": ONE}}}
SHARED["paths"] = answering({"$ref": "#/components/schemas/One"})["paths"]
PATH = {"openapi": "3.1.0", "paths": {"/x": {"parameters": [parameter(required=True)], **api()["paths"]["/x"]}}}

WRONG: dict[str, tuple[Json, Json, str]] = {
    # served now, relied on by the client, what is said
    "a path that goes": ({"openapi": "3.1.0", "paths": {}}, api(), "POST /x is not there"),
    "a method that goes": (
        {"openapi": "3.1.0", "paths": {"/x": {"get": {"responses": {}}}}}, api(), "POST /x is not there",
    ),
    "a parameter that comes and is required": (api(parameter(required=True)), api(), "query parameter p is required"),
    "a parameter that becomes required": (
        api(parameter(required=True)), api(parameter()), "query parameter p is required",
    ),
    "a parameter of the path that is required": (PATH, api(), "query parameter p is required"),
    "a header that becomes required": (
        api(parameter("X-Tenant", where="header", required=True)), api(), "header parameter x-tenant is required",
    ),
    "a parameter that moves": (
        api(parameter(required=True, where="header")), api(parameter(required=True)), "header parameter p is required",
    ),
    "a parameter that is narrowed": (
        api(parameter(schema={"type": "integer"})), api(parameter()), "which the client writes: query parameter p",
    ),
    "a parameter that is taken no more": (api(), api(parameter()), "query parameter p is not taken"),
    "a body that becomes required": (
        api(body=json_body(ONE, required=True)), api(body=json_body(ONE)), "a body is required",
    ),
    "a field of a body that becomes required": (
        api(body=json_body(TWO)),
        api(body=json_body(OPEN)),
        "which the client writes: body as application/json: b is optional",
    ),
    "a request that is narrowed": (
        api(body=json_body(enum("x"))), api(body=json_body(enum("x", "y"))), "which the client writes: body as",
    ),
    "a media type that is taken no more": (
        api(body=json_body(ONE, "application/xml")), api(body=json_body(ONE)), "application/json is not taken",
    ),
    "a field of an answer that goes": (
        answering(ONE), answering(TWO), "which the client reads: 200: application/json: b is not there",
    ),
    "a field of an answer that becomes optional": (answering(OPEN), answering(TWO), "b is optional"),
    "an answer that goes": (answering(ONE, "201"), answering(ONE, "200"), "200 is never answered"),
    "an enum that widens in an answer": (
        answering(enum("x", "y")), answering(enum("x")), "which the client reads: 200: application/json: a may be y",
    ),
    "null in an answer": (
        answering({"type": "string", "nullable": True}), answering(TEXT), "is null or string, not string",
    ),
    "a media type that is answered no more": (
        answering(ONE, media="text/csv"), answering(ONE), "application/json is not answered",
    ),
    "a header of an answer that goes": (
        api(),
        api(answers={"200": {**json_body(ONE), "headers": {"ETag": {"schema": TEXT}}}}),
        "header ETag is not there",
    ),
    "security that is added": (api(security=[{"key": []}]), api(), "security key is required"),
    "security of the whole": ({**api(), "security": [{"key": []}]}, api(), "security key is required"),
    "another reference": (
        SHARED, answering(TWO), "which the client reads: 200: application/json: b is not there",
    ),
}  # fmt: skip

RIGHT: dict[str, tuple[Json, Json]] = {
    "the same": (api(), api()),
    "a parameter that comes and is optional": (api(parameter()), api()),
    "a parameter that is required no more": (api(parameter()), api(parameter(required=True))),
    "a header in other capitals": (
        api(parameter("x-tenant", where="header", required=True)),
        api(parameter("X-Tenant", where="header", required=True)),
    ),
    "a field more in an answer": (answering(TWO), answering(ONE)),
    "an answer more": (api(answers={"200": json_body(ONE), "404": json_body(ONE)}), answering(ONE)),
    "an answer for any status": (answering(ONE, "default"), answering(ONE, "200")),
    "an answer for statuses of a kind": (answering(ONE, "2XX"), answering(ONE, "201")),
    "an enum that narrows in an answer": (answering(enum("x")), answering(enum("x", "y"))),
    "an enum that widens in a request": (api(body=json_body(enum("x", "y"))), api(body=json_body(enum("x")))),
    "a field that is required no more": (api(body=json_body(OPEN)), api(body=json_body(TWO))),
    "a media type more": (
        api(body={"content": {"application/json": {"schema": ONE}, "text/csv": {}}}), api(body=json_body(ONE)),
    ),
    "security that goes": (api(), api(security=[{"key": []}])),
    "another way in": (api(security=[{"key": []}, {"token": []}]), api(security=[{"key": []}])),
    "a path more": ({**api(), "paths": {**api()["paths"], "/y": {"get": {"responses": {}}}}}, api()),
    "the same by reference": (SHARED, api()),
    "null in both versions": (answering({"type": ["string", "null"]}), answering({"type": "string", "nullable": True})),
}  # fmt: skip


@pytest.mark.parametrize("change", WRONG)
def test_what_breaks_a_client_is_said_with_who_writes_it(change: str) -> None:
    served, relied_on, said = WRONG[change]
    found = compared(served, relied_on)
    assert said in "; ".join(found.misfits)
    assert len(found.misfits) == 1 or "moves" in change


@pytest.mark.parametrize("change", RIGHT)
def test_what_breaks_nobody_is_said_to_fit(change: str) -> None:
    assert compared(*RIGHT[change]).fits
