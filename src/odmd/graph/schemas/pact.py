"""Pact files (versions 2 to 4) of a consumer's contract tests: what these say of requests, answers and messages, as
documents that its provider's is held against. Requests are taken as they stand, of answers the shape."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from odmd.graph.schemas.document import resolved
from odmd.graph.schemas.kept import Json, SchemaUnreadable
from odmd.graph.schemas.pact_rules import MatchingRules

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
            return [[{**provider, "paths": one}] for one in _calls(pact, provider)]
        messages = _messages(pact)
        if "asyncapi" not in provider:
            return [[payload] for payload, _ in messages]
        carrying = [name for name, one in provider["channels"].items() if not one.keys().isdisjoint(_CARRYING)]
        return [[_channel(provider, name, *message) for name in carrying] for message in messages]
    except (KeyError, TypeError, AttributeError, ValueError) as wrong:
        raise SchemaUnreadable(f"a Pact file is malformed: {wrong}") from wrong


def _channel(provider: Json, name: str, payload: Json, media: str) -> Json:
    """A message does not say by which channel it comes: any may be meant."""
    channel = provider["channels"][name]
    said = media or _carried_as(provider, channel)
    message = {"payload": payload, **({"contentType": said} if said else {})}
    address = {"address": channel["address"]} if channel.get("address") else {}
    return {"asyncapi": "3.0.0", "channels": {name: {**address, "messages": {"pact": message}}}}


def _carried_as(provider: Json, channel: Json) -> str:
    """The media type of what a channel carries, where all its messages are of one."""
    messages: list[Any] = list(channel.get("messages", {}).values())
    for word in ("publish", "subscribe"):
        said = resolved(provider, channel.get(word, {}).get("message", {}))
        messages += said.get("oneOf", [said] if said else [])
    kinds = {
        str(resolved(provider, one).get("contentType", provider.get("defaultContentType", ""))) for one in messages
    }
    return kinds.pop() if len(kinds) == 1 else ""


def _calls(pact: Json, provider: Json) -> Iterator[Json]:
    """Each interaction as the one operation that it calls, under the path that the provider has for it."""
    for interaction in pact.get("interactions", ()):
        if "request" not in interaction or "contents" in interaction["request"]:
            continue
        request, answer = interaction["request"], interaction.get("response", {})
        path = _path(str(request["path"]), provider)
        method = str(request.get("method", "GET")).lower()
        served = resolved(provider, provider.get("paths", {}).get(path, {}))
        known = [*served.get("parameters", ()), *served.get(method, {}).get("parameters", ())]
        declared = [resolved(provider, one) for one in known]
        operation: dict[str, Any] = {
            "parameters": list(_parameters(request, path, declared)),
            "responses": {str(answer.get("status", 200)): _answer(answer)},
            "security": served.get(method, {}).get("security", provider.get("security", [])),
        }
        if (body := _body(request)) is not _NOT_SAID:
            operation["requestBody"] = {"required": True, "content": {_media(request): {"schema": _exactly(body)}}}
        yield {path: {method: operation}}


def _path(called: str, provider: Json) -> str:
    """The provider's path that a called one is of; one that is written out goes first. What its servers' addresses end
    with may stand before it."""
    paths: Mapping[str, Any] = provider.get("paths", {})
    bases = [urlsplit(str(one.get("url"))).path.rstrip("/") for one in provider.get("servers", ())]
    for name in (called, *(called.removeprefix(base) for base in bases if base and called.startswith(f"{base}/"))):
        if name in paths:
            return name
        for path in paths:
            parts = map(re.escape, _NAMED.split(path))
            if re.fullmatch("[^/]+".join(parts), name):
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
    return {} if body is _NOT_SAID else {"content": {_media(answer): {"schema": MatchingRules.of(answer).shape(body)}}}


def _body(of: Json) -> Any:
    """What is sent; version 4 has it below `content`, where it may be a text of JSON."""
    if "body" not in of:
        return _NOT_SAID
    said = of["body"]
    if not isinstance(said, dict) or "content" not in said or not said.keys() <= {"content", "contentType", "encoded"}:
        return cast("object", said)
    wrapped = cast("Json", said)
    content = wrapped["content"]
    encoded = str(wrapped.get("encoded", "")).lower()
    if "json" not in str(wrapped.get("contentType", _JSON)) or not isinstance(content, str) or not encoded:
        return content
    if encoded == "base64":
        return json.loads(base64.b64decode(content))
    return json.loads(content) if encoded in ("true", "json") else content


def _media(of: Json) -> str:
    said = of.get("body")
    if isinstance(said, dict) and "contentType" in said:
        return str(cast("Json", said)["contentType"]).partition(";")[0].strip()
    headers: Mapping[str, Any] = of.get("headers", {})
    found = next((value for name, value in headers.items() if name.lower() == "content-type"), _JSON)
    return str(_many(found)[0]).partition(";")[0].strip()


def _messages(pact: Json) -> Sequence[tuple[Json, str]]:
    """Shapes of messages, with their media types: of version 3 below `messages`, of version 4 among the interactions,
    where one that is asked for is the answer."""
    holders: list[Json] = list(pact.get("messages", ()))
    for one in pact.get("interactions", ()):
        holders += [one] if "contents" in one else one["response"] if isinstance(one.get("response"), list) else []
    if not holders:
        raise SchemaUnreadable("a Pact file has no message, and its provider's document is of messages")
    return [_message(one) for one in holders]


def _message(holder: Json) -> tuple[Json, str]:
    contents = holder["contents"]
    wrapped: Json = cast("Json", contents) if isinstance(contents, dict) else {}
    metadata: Mapping[str, Any] = holder.get("metadata") or holder.get("metaData") or {}
    said = wrapped.get("contentType") if "content" in wrapped else metadata.get("contentType")
    media = str(said or "").partition(";")[0].strip()
    return MatchingRules.of(holder).shape(_body({"body": contents})), media


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
