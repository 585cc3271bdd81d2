"""Schemas of messages, items and APIs: what a consumer relies on, held against what is published.

A schema is a type (dataclass, TypedDict, pydantic model) or a document (JSON Schema, OpenAPI, AsyncAPI; JSON or YAML).
Compared is what can be decided from structure; a keyword that is not understood is taken to fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from odmd.errors import ContractsNotLoaded

Json = Mapping[str, Any]
Schema = type[Any] | Path

_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_DEPTH: Final = 30
_NOTHING: Final[Json] = {}


class SchemaUnreadable(ContractsNotLoaded):
    """A schema document is not there, or is none."""


def document(schema: Schema) -> Json:
    """A schema as a JSON document.

    Raises:
        SchemaUnreadable: says why.
    """
    return _of_file(schema) if isinstance(schema, Path) else _of_type(schema)


def misfits(published: Json, relied_on: Json) -> Sequence[str]:
    """What a consumer relies on and the published schema does not promise.

    Raises:
        SchemaUnreadable: one of them is malformed.
    """
    try:
        return list(_misfits(published, relied_on))
    except (TypeError, AttributeError, KeyError) as wrong:
        raise SchemaUnreadable(f"one of the schemas is malformed: {wrong}") from wrong


def _misfits(published: Json, relied_on: Json) -> Iterator[str]:
    if "openapi" in published or "openapi" in relied_on:
        yield from _Api(published, relied_on).misfits()
    elif "asyncapi" in published or "asyncapi" in relied_on:
        yield from _channels(published, relied_on)
    else:
        yield from _Fit(published, relied_on).misfits(published, relied_on, "", _DEPTH)


def _of_type(schema: type[Any]) -> Json:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    try:
        return TypeAdapter(schema).json_schema()
    except PydanticUserError as wrong:
        raise SchemaUnreadable(f"{schema.__name__} has no schema: {str(wrong).splitlines()[0]}") from wrong


def _of_file(path: Path) -> Json:
    import json

    import yaml

    try:
        text = path.read_text("utf-8")
        loaded: object = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as wrong:
        said = wrong.strerror if isinstance(wrong, OSError) else str(wrong).splitlines()[0]
        raise SchemaUnreadable(f"schema {path.name} cannot be read: {said}") from wrong
    if not isinstance(loaded, dict):
        raise SchemaUnreadable(f"schema {path.name} is no object")
    return cast("Json", loaded)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Two schemas, each with the document that its references lead into."""

    published: Json
    relied_on: Json

    def misfits(self, published: Any, relied_on: Any, at: str, depth: int) -> Iterator[str]:
        """What the one does not promise of the other, at a path."""
        given, wanted = _resolved(self.published, published), _resolved(self.relied_on, relied_on)
        if depth == 0 or not given or not wanted:
            return  # too deep, or one of them says nothing
        if (options := _options(given)) is not None:
            for option in options:
                yield from self.misfits(option, wanted, at, depth - 1)
            return
        if (options := _options(wanted)) is not None:
            yield from min((list(self.misfits(given, option, at, depth - 1)) for option in options), key=len)
            return
        yield from _type_misfits(given, wanted, at)
        yield from _value_misfits(given, wanted, at)
        yield from self._property_misfits(given, wanted, at, depth)
        if "items" in given and "items" in wanted:
            yield from self.misfits(given["items"], wanted["items"], f"{at}[]", depth - 1)

    def _property_misfits(self, given: Json, wanted: Json, at: str, depth: int) -> Iterator[str]:
        there, required = given.get("properties", {}), set(given.get("required", ()))
        for name in sorted(set(wanted.get("required", ())) - required):
            yield f"{_path(at, name)} is {'optional' if name in there else 'not there'}"
        for name, its in wanted.get("properties", {}).items():
            if name in there:
                yield from self.misfits(there[name], its, _path(at, name), depth - 1)


@dataclass(frozen=True, slots=True)
class _Api:
    """Two OpenAPI documents: the one served, and what a client relies on."""

    served: Json
    relied_on: Json

    def misfits(self) -> Iterator[str]:
        served = dict(_operations(self.served))
        for operation, wanted in _operations(self.relied_on):
            if operation not in served:
                yield f"{operation} is not there"
                continue
            given = served[operation]
            for name in sorted(_required(self.served, given) - _known(self.relied_on, wanted)):
                yield f"{operation} requires parameter {name}"
            yield from self._body_misfits(operation, given, wanted)

    def _body_misfits(self, operation: str, given: Json, wanted: Json) -> Iterator[str]:
        answers, asks = _Fit(self.served, self.relied_on), _Fit(self.relied_on, self.served)
        sent, taken = _body(self.relied_on, wanted.get("requestBody")), _body(self.served, given.get("requestBody"))
        for wrong in asks.misfits(sent, taken, "", _DEPTH):
            yield f"{operation} request: {wrong}"
        there = given.get("responses", {})
        for status, answer in wanted.get("responses", {}).items():
            if status not in there:
                yield f"{operation} never answers {status}"
                continue
            of_it, relied = _body(self.served, there[status]), _body(self.relied_on, answer)
            for wrong in answers.misfits(of_it, relied, "", _DEPTH):
                yield f"{operation} {status}: {wrong}"


def _operations(api: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in api.get("paths", {}).items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method in _METHODS:
                yield (
                    f"{method.upper()} {path}",
                    {**operation, "parameters": [*shared, *operation.get("parameters", [])]},
                )


def _required(api: Json, operation: Json) -> set[str]:
    parameters = [_resolved(api, one) for one in operation["parameters"]]
    return {str(one.get("name")) for one in parameters if one.get("required") and one.get("in") != "path"}


def _known(api: Json, operation: Json) -> set[str]:
    return {str(_resolved(api, one).get("name")) for one in operation["parameters"]}


def _body(api: Json, body: Any) -> Any:
    """The schema of a request's or an answer's first content."""
    contents: Json = _resolved(api, body).get("content", {})
    content: Json = contents.get("application/json") or next(iter(contents.values()), _NOTHING)
    return content.get("schema", _NOTHING)


def _channels(published: Json, relied_on: Json) -> Iterator[str]:
    given, wanted = dict(_payloads(published)), dict(_payloads(relied_on))
    fit = _Fit(published, relied_on)
    for channel, payload in wanted.items():
        if channel not in given:
            yield f"channel {channel} is not there"
            continue
        for wrong in fit.misfits({"anyOf": given[channel]}, {"anyOf": payload}, "", _DEPTH):
            yield f"channel {channel}: {wrong}"


def _payloads(api: Json) -> Iterator[tuple[str, Sequence[Any]]]:
    """The payloads of each channel, of AsyncAPI 2 and 3."""
    for name, channel in api.get("channels", {}).items():
        found = list(channel.get("messages", {}).values())
        for operation in ("publish", "subscribe"):
            message = channel.get(operation, {}).get("message", {})
            found += message.get("oneOf", [message] if message else [])
        yield name, [_resolved(api, message).get("payload", {}) for message in found]


def _type_misfits(given: Json, wanted: Json, at: str) -> Iterator[str]:
    types, accepted = _types(given), _types(wanted)
    if "number" in accepted:
        accepted.add("integer")
    if types and accepted and not types <= accepted:
        yield f"{at or 'it'} is {' or '.join(sorted(types))}, not {' or '.join(sorted(_types(wanted)))}"


def _value_misfits(given: Json, wanted: Json, at: str) -> Iterator[str]:
    possible, accepted = _values(given), _values(wanted)
    if accepted is None:
        return
    if possible is None:
        yield f"{at or 'it'} may be anything, not only {', '.join(map(str, accepted))}"
    elif new := [value for value in possible if value not in accepted]:
        yield f"{at or 'it'} may be {', '.join(map(str, new))}"


def _types(schema: Json) -> set[str]:
    said = schema.get("type", [])
    return {said} if isinstance(said, str) else set(said)


def _values(schema: Json) -> Sequence[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _options(schema: Json) -> Sequence[Any] | None:
    return schema.get("anyOf") or schema.get("oneOf")


def _resolved(within: Json, schema: Any) -> Json:
    """What a reference inside the same document leads to."""
    for _ in range(_DEPTH):
        if not isinstance(schema, dict):
            return {}
        reference = cast("Json", schema).get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return cast("Json", schema)
        schema = _at(within, reference)
    return {}


def _at(within: Json, reference: str) -> Any:
    found: Any = within
    for part in reference.removeprefix("#/").split("/"):
        if not isinstance(found, dict):
            return None
        found = cast("Json", found).get(part.replace("~1", "/").replace("~0", "~"))
    return found


def _path(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
