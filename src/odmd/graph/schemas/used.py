"""What a consumer says that it uses of a document: the document cut down to that, so that the rest is nobody's need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from odmd.graph.schemas.document import Json, resolved

_DEPTH: Final = 30
_OPTIONS: Final = ("anyOf", "oneOf", "allOf")


def cut(document: Json, uses: Sequence[str]) -> Json:
    """A JSON Schema, OpenAPI or AsyncAPI document with what is used alone; what is used and not there is required of
    whoever publishes it."""
    if "openapi" in document:
        return _api(document, uses)
    if "asyncapi" in document:
        return _channels(document, uses)
    return {**{word: document[word] for word in ("$defs", "definitions") if word in document}, **_cut(document, uses)}


def _cut(document: Json, uses: Iterable[str]) -> Json:
    paths = [[part.removesuffix("[]") for part in one.split(".")] for one in uses]
    return _schema(document, document, [[part for part in path if part] for path in paths], _DEPTH)


def _schema(within: Json, schema: Any, paths: Sequence[Sequence[str]], depth: int) -> Json:
    """The schema with what these paths lead to; an empty path is all of it."""
    if not all(paths) or depth == 0:
        return cast("Json", schema) if isinstance(schema, dict) else {}
    said = resolved(within, schema)
    made = {word: said[word] for word in said if word in ("type", "nullable")}
    for word in _OPTIONS:
        if word in said:
            made[word] = [_schema(within, one, paths, depth - 1) for one in said[word]]
    if "items" in said:
        return {**made, "items": _schema(within, said["items"], paths, depth - 1)}
    if any(word in said for word in _OPTIONS) and "properties" not in said:
        return made
    return {**made, "type": said.get("type", "object"), **_properties(within, said, paths, depth)}


def _properties(within: Json, said: Json, paths: Sequence[Sequence[str]], depth: int) -> Json:
    there, required = said.get("properties", {}), set(said.get("required", ()))
    below: dict[str, list[Sequence[str]]] = {}
    for head, *rest in paths:
        below.setdefault(head, []).append(rest)
    kept = {
        name: _schema(within, there[name], rests, depth - 1) if name in there else _nested(rests)
        for name, rests in below.items()
    }
    return {"properties": kept, "required": sorted(name for name in kept if name in required or name not in there)}


def _nested(paths: Sequence[Sequence[str]]) -> Json:
    """What is not there: it would have to be an object, wherever more is used of it."""
    return {} if not all(paths) else {"type": "object", **_properties({}, {}, paths, 1)}


def _api(api: Json, uses: Sequence[str]) -> Json:
    """An OpenAPI document with the operations that are used: `GET /orders`, or with fields `GET /orders total`."""
    fields: dict[tuple[str, str], list[str]] = {}
    for method, path, *rest in (one.split(None, 2) for one in uses if len(one.split(None, 2)) >= 2):
        fields.setdefault((method.lower(), path), []).extend(rest)
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), used in fields.items():
        item = resolved(api, api.get("paths", {}).get(path, {}))
        operation: Json = item.get(method, {})
        shared = {"parameters": item["parameters"]} if "parameters" in item else {}
        paths.setdefault(path, dict(shared))[method] = _operation(api, operation, used) if used else operation
    return {**api, "paths": paths}


def _operation(api: Json, operation: Json, used: Sequence[str]) -> Json:
    """With the used fields of its answers alone, and of these alone those that say something of them."""
    answers = {
        code: _answer(api, resolved(api, answer), used)
        for code, answer in cast("Mapping[str, Any]", operation.get("responses", {})).items()
        if str(code).startswith(("2", "default"))
    }
    return {**operation, "responses": answers}


def _answer(api: Json, answer: Json, used: Sequence[str]) -> Json:
    contents: Mapping[str, Json] = answer.get("content", {})
    return {"content": {media: {"schema": _below(api, one.get("schema", {}), used)} for media, one in contents.items()}}


def _below(within: Json, schema: Any, used: Sequence[str]) -> Json:
    paths = [[part for part in (one.removesuffix("[]") for one in use.split(".")) if part] for use in used]
    return _schema(within, schema, paths, _DEPTH)


def _channels(api: Json, uses: Sequence[str]) -> Json:
    """An AsyncAPI document with the channels that are used: `orders`, or with fields `orders total`."""
    fields: dict[str, list[str]] = {}
    for one in uses:
        channel, _, field = one.partition(" ")
        fields.setdefault(channel, []).extend([field] if field else [])
    there: Mapping[str, Json] = api.get("channels", {})
    return {**api, "channels": {name: _channel(api, there.get(name, {}), used) for name, used in fields.items()}}


def _channel(api: Json, channel: Json, used: Sequence[str]) -> Json:
    if not used:
        return channel
    made = dict(channel)
    if "messages" in channel:
        messages: Mapping[str, Any] = channel["messages"]
        made["messages"] = {name: _message(api, one, used) for name, one in messages.items()}
    for word in ("publish", "subscribe"):
        if "message" in channel.get(word, {}):
            made[word] = {"message": _message(api, channel[word]["message"], used)}
    return made


def _message(api: Json, message: Any, used: Sequence[str]) -> Json:
    said = resolved(api, message)
    if "oneOf" in said:
        return {"oneOf": [_message(api, one, used) for one in said["oneOf"]]}
    return {**said, "payload": _below(api, said.get("payload", {}), used)}
