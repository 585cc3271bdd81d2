"""Kinds of change in OpenAPI 3.0 and 3.1: whether the server may move first (its older clients go on), and whether a
client may.

Argued from the specification: a client writes requests, so a server may ask for less and take more; it reads answers,
so a server may answer more and never something else. Paths are the same whatever their parameters are called; media
types, headers and statuses as HTTP has them. What another document says is never fetched, and is a doubt.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from support.pairs import BREAKS, EITHER, FITS, NEITHER, READER, UNKNOWN, WRITER, Pair, moves

Json = dict[str, Any]
EITHER_UNKNOWN: Final = (UNKNOWN, UNKNOWN)
STR, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def obj(required: str = "", /, **properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


def content(schema: Any, media: str = "application/json") -> Json:
    return {"content": {media: {"schema": schema}}}


def api(
    *parameters: Json, path: str = "/x", method: str = "post", version: str = "3.1.0", components: Json | None = None,
    document: Json | None = None, **operation: Any,
) -> Json:  # fmt: skip
    said = {"parameters": list(parameters), "responses": {"200": content(obj("a", a=STR))}, **operation}
    found = {"openapi": version, "paths": {path: {method: said}}, **(document or {})}
    return {**found, "components": components} if components else found


def query(name: str = "q", schema: Json = STR, **more: Any) -> Json:
    return {"in": "query", "name": name, "schema": schema, **more}


def path_parameter(name: str, schema: Json = STR) -> Json:
    return {"in": "path", "name": name, "required": True, "schema": schema}


def asks(schema: Any, media: str = "application/json", **more: Any) -> Json:
    return api(requestBody={**content(schema, media), "required": True}, **more)


def answers(schema: Any, media: str = "application/json", status: str = "200", **more: Any) -> Json:
    return api(responses={status: content(schema, media)}, **more)


def secured(scheme: Json | None, *scopes: str, name: str = "key") -> Json:
    return api(security=[{name: list(scopes)}], components={"securitySchemes": {name: scheme}} if scheme else None)


def pet(*names: str, mapping: Json | None = None) -> Json:
    """One of several, told apart by `kind`."""
    schemas = {name: obj("k", k=STR, **{name.lower(): INT}) for name in ("Cat", "Dog", "Cow")}
    said = {"propertyName": "k", **({"mapping": mapping} if mapping else {})}
    one_of = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names], "discriminator": said}
    return answers(one_of, components={"schemas": schemas})


KEY: Final = {"type": "apiKey", "in": "header", "name": "X-Key"}
OAUTH: Final = {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {}}}}
HOOK: Final = {"post": {"requestBody": content(obj("a", a=STR)), "responses": {"200": {}}}}
BIGGER_HOOK: Final = {"post": {"requestBody": content(obj("ab", a=STR, b=STR)), "responses": {"200": {}}}}
TREE: Final = {
    "type": "object",
    "properties": {"v": INT, "next": {"$ref": "#/components/schemas/T"}},
    "required": ["v"],
}
SEE_TREE: Final = {"$ref": "#/components/schemas/T"}

PAIRS: Final[dict[str, Pair]] = {
    # paths and operations
    "a path comes": (api(), {**api(), "paths": {**api()["paths"], "/y": {"get": {"responses": {}}}}}, WRITER),
    "a path goes": ({**api(), "paths": {**api()["paths"], "/y": {"get": {"responses": {}}}}}, api(), READER),
    "another method": (api(method="post"), api(method="put"), NEITHER),
    "a parameter of the path is renamed": (
        api(path_parameter("id"), path="/x/{id}"), api(path_parameter("key"), path="/x/{key}"), EITHER,
    ),
    "a parameter of the path becomes a number": (
        api(path_parameter("id"), path="/x/{id}"), api(path_parameter("id", INT), path="/x/{id}"), READER,
    ),
    "a path is longer": (api(), api(path="/v2/x"), NEITHER),
    "another id and other words": (api(operationId="a", summary="a"), api(operationId="b", deprecated=True), EITHER),
    "the path stands elsewhere": (
        api(), {"openapi": "3.1.0", "paths": {"/x": {"$ref": "http://127.0.0.1:1/x.yaml"}}}, EITHER_UNKNOWN,
    ),
    "a parameter stands elsewhere": (api(), api({"$ref": "other.yaml#/p"}), EITHER_UNKNOWN),
    # parameters
    "a parameter comes that may be left out": (api(), api(query()), WRITER),
    "a parameter comes that has to be given": (api(), api(query(required=True)), NEITHER),
    "a parameter has to be given": (api(query()), api(query(required=True)), READER),
    "a parameter goes": (api(query()), api(), READER),
    "a parameter takes more values": (
        api(query(schema={"enum": ["a"]})), api(query(schema={"enum": ["a", "b"]})), WRITER,
    ),
    "a parameter takes fewer values": (
        api(query(schema={"enum": ["a", "b"]})), api(query(schema={"enum": ["a"]})), READER,
    ),
    "a parameter becomes a text": (api(query(schema=INT)), api(query(schema=STR)), WRITER),
    "a parameter takes any number": (api(query(schema=INT)), api(query(schema=NUM)), WRITER),
    "a parameter is shorter": (api(query(schema=STR)), api(query(schema={**STR, "maxLength": 5})), READER),
    "a parameter has another default": (
        api(query(schema={**INT, "default": 10})), api(query(schema={**INT, "default": 20})), EITHER_UNKNOWN,
    ),
    "a list is written otherwise": (
        api(query(schema={"type": "array", "items": STR})),
        api(query(schema={"type": "array", "items": STR}, explode=False)), NEITHER,
    ),
    "one value is written otherwise, which is alike": (api(query()), api(query(explode=False)), EITHER),
    "a header in other capitals": (
        api({"in": "header", "name": "X-A", "schema": STR}), api({"in": "header", "name": "x-a", "schema": STR}),
        EITHER,
    ),
    "a header that says nothing here": (
        api({"in": "header", "name": "Accept", "required": True, "schema": STR}), api(), EITHER,
    ),
    "a parameter moves from query to header": (
        api(query()), api({"in": "header", "name": "q", "schema": STR}), NEITHER,
    ),
    "a parameter by reference": (
        api(query()), api({"$ref": "#/components/parameters/q"}, components={"parameters": {"q": query()}}), EITHER,
    ),
    # requests
    "a property of a request comes that has to be given": (
        asks(obj("a", a=STR)), asks(obj("ab", a=STR, b=STR)), (BREAKS, FITS),
    ),
    "a property of a request comes that may be left out": (asks(obj("a", a=STR)), asks(obj("a", a=STR, b=STR)), EITHER),
    "a property of a request need not be given": (asks(obj("a", a=STR)), asks(obj("", a=STR)), WRITER),
    "an enum of a request widens": (asks(obj("a", a={"enum": ["x"]})), asks(obj("a", a={"enum": ["x", "y"]})), WRITER),
    "a request refuses other properties": (
        asks(obj("a", a=STR, b=STR)), asks({**obj("a", a=STR), "additionalProperties": False}), (BREAKS, FITS),
    ),
    "a property is only read": (
        asks(obj("a", a=STR)), asks(obj("ai", a=STR, i={**INT, "readOnly": True})), EITHER,
    ),
    "a request takes another media type": (asks(obj()), asks(obj(), "application/xml"), NEITHER),
    "a request takes any media type of a kind": (asks(obj(), "image/png"), asks(obj(), "image/*"), (FITS, FITS)),
    "a body has to be sent": (
        api(requestBody=content(obj())), api(requestBody={**content(obj()), "required": True}), READER,
    ),
    "a body comes": (api(), asks(obj()), NEITHER),
    "an alternative of a request comes": (asks({"oneOf": [STR]}), asks({"oneOf": [STR, INT]}), WRITER),
    "a request may be null, as 3.0 says it": (
        asks(obj("a", a=STR), version="3.0.3"), asks(obj("a", a={**STR, "nullable": True}), version="3.0.3"), WRITER,
    ),
    # answers
    "a property of an answer comes": (answers(obj("a", a=STR)), answers(obj("ab", a=STR, b=STR)), WRITER),
    "a property of an answer goes": (answers(obj("ab", a=STR, b=STR)), answers(obj("a", a=STR)), READER),
    "a property of an answer may be missing": (answers(obj("a", a=STR)), answers(obj("", a=STR)), READER),
    "a property of an answer may be null, in 3.1": (
        answers(obj("a", a=STR)), answers(obj("a", a={"type": ["string", "null"]})), READER,
    ),
    "null in 3.0 and in 3.1": (
        answers(obj("a", a={**STR, "nullable": True}), version="3.0.3"),
        answers(obj("a", a={"type": ["string", "null"]})), EITHER,
    ),
    "an integer of an answer becomes a number": (answers(obj("a", a=INT)), answers(obj("a", a=NUM)), READER),
    "an int64 of an answer becomes an int32": (
        answers(obj("a", a={**INT, "format": "int64"})), answers(obj("a", a={**INT, "format": "int32"})), WRITER,
    ),
    "an enum of an answer widens": (answers({"enum": ["x"]}), answers({"enum": ["x", "y"]}), READER),
    "a property of an answer is only written": (
        answers(obj("a", a=STR)), answers(obj("ap", a=STR, p={**STR, "writeOnly": True})), EITHER,
    ),
    "an answer in another media type": (answers(obj()), answers(obj(), "application/hal+json"), NEITHER),
    "a media type with a charset": (answers(obj()), answers(obj(), "application/json; charset=utf-8"), EITHER),
    "another status of success": (answers(obj()), answers(obj(), status="201"), NEITHER),
    "a mistake is answered": (
        answers(obj()), api(responses={"200": content(obj()), "422": content(obj("m", m=STR))}), EITHER,
    ),
    "a mistake is answered otherwise": (
        api(responses={"200": content(obj()), "422": content(obj("m", m=STR))}),
        api(responses={"200": content(obj()), "422": content(obj("n", n=STR))}), NEITHER,
    ),
    "a mistake that a client knows as one of a kind": (
        api(responses={"200": content(obj()), "4XX": content(obj("m", m=STR))}),
        api(responses={"200": content(obj()), "404": content(obj("n", n=STR))}), (BREAKS, BREAKS),
    ),
    "a header of an answer goes": (
        api(responses={"200": {"headers": {"ETag": {"schema": STR}}}}), api(responses={"200": {}}), READER,
    ),
    "a header of an answer may be missing": (
        api(responses={"200": {"headers": {"ETag": {"schema": STR, "required": True}}}}),
        api(responses={"200": {"headers": {"etag": {"schema": STR}}}}), READER,
    ),
    # alternatives and references
    "an alternative of an answer comes": (pet("Cat", "Dog"), pet("Cat", "Dog", "Cow"), READER),
    "an alternative goes by another name": (
        pet("Cat", "Dog", mapping={"c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog"}),
        pet("Cat", "Dog", mapping={"cat": "#/components/schemas/Cat", "d": "#/components/schemas/Dog"}), NEITHER,
    ),
    "names that are said, and those that go without saying": (
        pet("Cat", "Dog"), pet("Cat", "Dog", mapping={"Cat": "#/components/schemas/Cat", "Dog": "Dog"}), EITHER,
    ),
    "allOf of a base and more": (
        answers(
            {"allOf": [{"$ref": "#/components/schemas/B"}, obj("b", b=STR)]},
            components={"schemas": {"B": obj("a", a=STR)}},
        ),
        answers(obj("ab", a=STR, b=STR)), EITHER,
    ),
    "what refers to itself widens": (
        answers(SEE_TREE, components={"schemas": {"T": TREE}}),
        answers(SEE_TREE, components={"schemas": {"T": {**TREE, "properties": {**TREE["properties"], "v": NUM}}}}),
        READER,
    ),
    "what refers to itself has more": (
        answers(SEE_TREE, components={"schemas": {"T": TREE}}),
        answers(SEE_TREE, components={"schemas": {"T": {**TREE, "required": ["v", "next"]}}}), WRITER,
    ),
    # security, servers, calls back
    "security comes": (api(), secured(KEY), READER),
    "security goes": (secured(KEY), api(), WRITER),
    "a scheme is called otherwise": (secured(KEY), secured(KEY, name="token"), EITHER),
    "a scheme becomes another": (secured(KEY), secured(OAUTH), NEITHER),
    "a key goes elsewhere": (secured(KEY), secured({**KEY, "in": "query"}), NEITHER),
    "a scope more": (secured(OAUTH, "read"), secured(OAUTH, "read", "write"), READER),
    "who proves nothing is let in, too": (secured(None), api(security=[{"key": []}, {}]), (FITS, BREAKS)),
    "another server": (
        api(document={"servers": [{"url": "/v1"}]}), api(document={"servers": [{"url": "/v2"}]}), EITHER_UNKNOWN,
    ),
    "a server more": (
        api(document={"servers": [{"url": "/v1"}]}),
        api(document={"servers": [{"url": "/v1"}, {"url": "/v2"}]}), (FITS, UNKNOWN),
    ),
    "a webhook has more": (
        api(document={"webhooks": {"paid": HOOK}}), api(document={"webhooks": {"paid": BIGGER_HOOK}}), WRITER,
    ),
    "a webhook goes": (api(document={"webhooks": {"paid": HOOK}}), api(), READER),
    "a callback has less": (
        api(callbacks={"done": {"{$request.body#/url}": BIGGER_HOOK}}),
        api(callbacks={"done": {"{$request.body#/url}": HOOK}}), READER,
    ),
    "a schema stands elsewhere": (
        answers(obj("a", a=STR)), answers({"$ref": "https://127.0.0.1:1/a.json"}), EITHER_UNKNOWN,
    ),
    "Swagger 2": ({"swagger": "2.0", "paths": {}}, {"swagger": "2.0", "paths": {"/x": {}}}, EITHER_UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("about", PAIRS)
def test_who_may_move_first(about: str) -> None:
    older, newer, expected = PAIRS[about]
    assert moves(older, newer) == expected
