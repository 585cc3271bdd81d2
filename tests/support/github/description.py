"""GitHub's own description of its API (`excerpt`): what a request has to be, and what an answer is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import jsonschema_rs

_FILE: Final = Path(__file__).parents[2] / "data" / "github" / "description.json"
_FORMATS: Final = {"date-time": "2026-11-01T00:00:00Z", "uri": "https://github.com/x", "email": "x@example.com"}
Json = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One of those that are described."""

    name: str
    """`GET /repos/{owner}/{repo}`."""
    pattern: re.Pattern[str]
    said: Json

    def parameters(self, path: str) -> dict[str, str]:
        found = self.pattern.fullmatch(path)
        assert found
        return {name: unquote(text) for name, text in found.groupdict().items()}

    def wrong_request(self, query: dict[str, str], body: object) -> list[str]:
        """What GitHub would not take, or not know."""
        known = {one["name"]: one["schema"] for one in self._parameters if one["in"] == "query"}
        wrong = [f"{self.name}: there is no parameter {name}" for name in query if name not in known]
        wrong += [
            f"{self.name}: {name}={text}"
            for name, text in query.items()
            if name in known and known[name].get("enum") and text not in known[name]["enum"]
        ]
        schema = self.said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if body is None:
            return wrong if schema is None or not self.said["requestBody"].get("required") else [*wrong, "no body"]
        if schema is None:
            return [*wrong, f"{self.name} takes no body"]
        unknown = set(body) - set(properties(schema)) if isinstance(body, dict) else set()
        wrong += [f"{self.name}: there is no {name}" for name in sorted(unknown)]
        return wrong + _wrong(schema, body, self.name)

    def wrong_answer(self, status: int, body: object) -> list[str]:
        schema = self._answer(status)
        return [] if schema is None else _wrong(schema, body, f"{self.name} {status}")

    def filled(self, status: int, body: Any) -> Any:
        """An answer with what the description demands besides what was said."""
        schema = self._answer(status)
        return body if schema is None else filled(schema, body)

    @cached_property
    def _parameters(self) -> list[Json]:
        return [resolved(one) for one in self.said.get("parameters", [])]

    def _answer(self, status: int) -> Json | None:
        said = resolved(self.said["responses"].get(str(status), {}))
        return said.get("content", {}).get("application/json", {}).get("schema")


def _described() -> Json:
    return json.loads(_FILE.read_text())


@cache
def description() -> Json:
    return _nullable(_described())


@cache
def operations() -> tuple[Operation, ...]:
    """Those without parameters first, and the longer ones, as the narrower ones."""
    made = [
        Operation(f"{method.upper()} {path}", _pattern(path), said)
        for path, methods in description()["paths"].items()
        for method, said in methods.items()
    ]
    return tuple(sorted(made, key=lambda one: (one.name.count("{"), -len(one.name))))


def operation(method: str, path: str) -> Operation | None:
    return next(
        (one for one in operations() if one.name.startswith(f"{method} ") and one.pattern.fullmatch(path)), None
    )


def _pattern(path: str) -> re.Pattern[str]:
    """A ref and a path may have slashes."""
    return re.compile(
        re.sub(r"\{(\w+)\}", lambda one: f"(?P<{one[1]}>{'.+' if one[1] in ('ref', 'path') else '[^/]+'})", path)
    )


def _nullable(said: Any) -> Any:
    """OpenAPI 3.0's word for it, as JSON Schema says it."""
    if isinstance(said, list):
        return [_nullable(one) for one in said]
    if not isinstance(said, dict):
        return said
    made = {key: _nullable(one) for key, one in said.items() if key != "nullable"}
    return {"anyOf": [made, {"type": "null"}]} if said.get("nullable") is True else made


def resolved(said: Json) -> Json:
    while "$ref" in said:
        found: Any = description()
        for name in said["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        said = found
    return said


def properties(schema: Json) -> Json:
    """All that an object may have, be it in one form of several."""
    schema = resolved(schema)
    found = dict(schema.get("properties", {}))
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, []):
            found |= properties(one)
    return found


def filled(schema: Json, said: Any = None) -> Any:
    """What fits a schema, and has what was said."""
    schema = resolved(schema)
    if said is None and any(one == {"type": "null"} for one in schema.get("anyOf", [])):
        return None
    for word in ("anyOf", "oneOf"):
        if word in schema:
            fits = [one for one in schema[word] if one != {"type": "null"}]
            rest = {key: one for key, one in schema.items() if key != word}
            return filled({**rest, **_fitting([resolved(one) for one in fits], said)}, said)
    for one in schema.get("allOf", []):
        said = filled(one, said)
    if "allOf" in schema and "type" not in schema:
        return said
    if schema.get("type") == "array":
        return [filled(schema.get("items", {}), one) for one in said or []]
    if schema.get("type") == "object" or "properties" in schema:
        known = schema.get("properties", {})
        made = {name: filled(known.get(name, {})) for name in schema.get("required", [])}
        return made | {name: filled(known[name], one) if name in known else one for name, one in (said or {}).items()}
    return _plain(schema) if said is None else said


def _fitting(forms: list[Json], said: Any) -> Json:
    """The first of the same sort."""
    sort = {list: "array", dict: "object", str: "string"}.get(type(said))
    return next((one for one in forms if one.get("type") == sort), forms[0] if forms else {})


def _plain(schema: Json) -> object:
    if "enum" in schema:
        return schema["enum"][0]
    if "format" in schema and schema["format"] in _FORMATS:
        return _FORMATS[schema["format"]]
    usual = {"integer": 0, "number": 0, "boolean": False, "string": "x" * schema.get("minLength", 1)}
    return usual.get(schema.get("type", ""), "x")


_VALIDATORS: dict[int, Any] = {}


def _wrong(schema: Json, body: object, where: str) -> list[str]:
    if id(schema) not in _VALIDATORS:
        whole = {"allOf": [schema], "components": description()["components"]}
        _VALIDATORS[id(schema)] = jsonschema_rs.Draft202012Validator(whole)
    found = _VALIDATORS[id(schema)].iter_errors(body)
    return [f"{where}: {'/'.join(map(str, one.instance_path))} {one.message[:200]}" for one in found]
