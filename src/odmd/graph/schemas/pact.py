"""Pact files (versions 2 to 4) of a consumer's contract tests: what these say of requests, answers and messages, as a
document that its provider's is held against. Requests are taken as they stand, of answers the shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from odmd.graph.schemas.document import resolved
from odmd.graph.schemas.kept import Json, SchemaUnreadable

_JSON: Final = "application/json"
_NAMED: Final = re.compile(r"\{[^/{}]+\}")
_CARRYING: Final = ("messages", "publish", "subscribe")
"""Of a channel by which messages come."""
_NOT_SAID: Final = object()


def relied_on(pact: Json, provider: Json) -> Sequence[Sequence[Json]]:
    """What a Pact file relies on, in the words of its provider's document (OpenAPI, AsyncAPI or JSON Schema): documents
    that all have to fit, each in one of several ways.

    Raises:
        SchemaUnreadable
    """
    try:
        if "openapi" in provider:
            return [[{**provider, "paths": _paths(pact, provider)}]]
        payloads = [_shape(content) for content in _messages(pact)]
        if "asyncapi" not in provider:
            return [[payload] for payload in payloads]
        carrying = [name for name, one in provider["channels"].items() if not one.keys().isdisjoint(_CARRYING)]
        return [[_channel(provider, name, payload) for name in carrying] for payload in payloads]
    except (KeyError, TypeError, AttributeError, ValueError) as wrong:
        raise SchemaUnreadable(f"a Pact file is malformed: {wrong}") from wrong


def _channel(provider: Json, name: str, payload: Json) -> Json:
    """A message does not say by which channel it comes: any may be meant."""
    return {"asyncapi": provider["asyncapi"], "channels": {name: {"messages": {"pact": {"payload": payload}}}}}


def _paths(pact: Json, provider: Json) -> Json:
    """The operations that its interactions call, under the paths that the provider has for them."""
    found: dict[str, dict[str, Any]] = {}
    for interaction in pact.get("interactions", ()):
        if "request" not in interaction:
            continue
        request, answer = interaction["request"], interaction.get("response", {})
        path = _path(str(request["path"]), provider)
        method = str(request.get("method", "GET")).lower()
        served = resolved(provider, provider.get("paths", {}).get(path, {}))
        operation = found.setdefault(path, {}).setdefault(method, {"parameters": [], "responses": {}})
        known = [*served.get("parameters", ()), *served.get(method, {}).get("parameters", ())]
        declared = [resolved(provider, one) for one in known]
        operation["parameters"] += _parameters(request, path, declared)
        if (body := _body(request)) is not _NOT_SAID:
            operation["requestBody"] = {"required": True, "content": {_media(request): {"schema": _exactly(body)}}}
        operation["responses"] |= {str(answer.get("status", 200)): _answer(answer)}
        operation["security"] = served.get(method, {}).get("security", provider.get("security", []))
    return found


def _path(called: str, provider: Json) -> str:
    """The provider's path that a called one is of; one that is written out goes first."""
    paths: Mapping[str, Any] = provider.get("paths", {})
    if called in paths:
        return called
    for path in paths:
        parts = map(re.escape, _NAMED.split(path))
        if re.fullmatch("[^/]+".join(parts), called):
            return path
    return called


def _parameters(request: Json, path: str, declared: Sequence[Json]) -> Iterator[Json]:
    """As they are called; what says nothing of the provider's own headers is no concern of its document."""
    known = {(str(one.get("in")), str(one.get("name")).lower()): one for one in declared}
    for name in re.findall(r"\{([^/{}]+)\}", path):
        yield known.get(("path", name.lower()), {"in": "path", "name": name, "required": True})
    for name, values in _query(request).items():
        of_it = known.get(("query", name.lower()))
        said = _read_as(values, of_it.get("schema", {}) if of_it else {})
        yield {"in": "query", "name": of_it["name"] if of_it else name, "required": True, "schema": {"const": said}}
    for name, value in cast("Mapping[str, Any]", request.get("headers", {})).items():
        if (of_it := known.get(("header", name.lower()))) is not None:
            said = _read_as(_many(value), of_it.get("schema", {}))
            yield {"in": "header", "name": of_it["name"], "required": True, "schema": {"const": said}}


def _query(request: Json) -> Mapping[str, Sequence[str]]:
    """Version 2 writes it as it stands in an address, the later ones by name."""
    said: Any = request.get("query") or {}
    if not isinstance(said, str):
        return {str(name): _many(one) for name, one in cast("Mapping[str, Any]", said).items()}
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(said, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def _many(said: Any) -> list[Any]:
    return cast("list[Any]", said) if isinstance(said, list) else [said]


def _read_as(values: Sequence[Any], schema: Json) -> Any:
    """A text of an address or a header as what the provider reads it as."""
    type_ = schema.get("type")
    if type_ == "array":
        return [_read_as([one], schema.get("items", {})) for one in values]
    text = str(values[0]) if values else ""
    if type_ in ("integer", "number", "boolean"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _answer(answer: Json) -> Json:
    body = _body(answer)
    return {} if body is _NOT_SAID else {"content": {_media(answer): {"schema": _shape(body)}}}


def _body(of: Json) -> Any:
    """What is sent; version 4 has it below `content`, where it may be a text of JSON."""
    if "body" not in of:
        return _NOT_SAID
    said = of["body"]
    if not isinstance(said, dict) or "content" not in said or not said.keys() <= {"content", "contentType", "encoded"}:
        return cast("object", said)
    wrapped = cast("Json", said)
    content = wrapped["content"]
    is_json = "json" in str(wrapped.get("contentType", _JSON)) and wrapped.get("encoded") in (True, "JSON", "json")
    return json.loads(content) if is_json and isinstance(content, str) else content


def _media(of: Json) -> str:
    said = of.get("body")
    if isinstance(said, dict) and "contentType" in said:
        return str(cast("Json", said)["contentType"]).partition(";")[0].strip()
    headers: Mapping[str, Any] = of.get("headers", {})
    found = next((value for name, value in headers.items() if name.lower() == "content-type"), _JSON)
    return str(_many(found)[0]).partition(";")[0].strip()


def _messages(pact: Json) -> Sequence[Any]:
    """Contents of messages: of version 3 below `messages`, of version 4 among the interactions."""
    found = [one["contents"] for one in pact.get("messages", ())]
    found += [one["contents"] for one in pact.get("interactions", ()) if "contents" in one]
    if not found:
        raise SchemaUnreadable("a Pact file has no message, and its provider's document is of messages")
    return [_body({"body": one}) for one in found]


def _exactly(example: Any) -> Json:
    """What somebody writes who writes the example: said of each part, so that each part can be told of."""
    match example:
        case dict():
            said = cast("Json", example)
            properties = {name: _exactly(one) for name, one in said.items()}
            return {"type": "object", "properties": properties, "required": sorted(said)}
        case list():
            items = [_exactly(one) for one in cast("list[Any]", example)]
            options = [one for at, one in enumerate(items) if one not in items[:at]]
            held = {"items": options[0] if len(options) == 1 else {"anyOf": options}} if options else {}
            return {"type": "array", "minItems": len(items), "maxItems": len(items), **held}
        case _:
            return {"const": example}


def _shape(example: Any) -> Json:
    """What somebody reads who takes all that is like an example: its properties, and of what type they are."""
    match example:
        case dict():
            said = cast("Json", example)
            return {
                "type": "object",
                "properties": {name: _shape(one) for name, one in said.items()},
                "required": sorted(said),
            }
        case list():
            items = cast("list[Any]", example)
            return {"type": "array", **({"items": _shape(items[0])} if items else {})}
        case None:
            return {}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case _:
            return {"type": "string"}
