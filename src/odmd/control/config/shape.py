"""The schema of a config, ready to be asked: what fits, which fields there are, their defaults, what is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, NamedTuple, cast

from odmd.control.config.document import Values
from odmd.control.config.merging import leaves
from odmd.graph.schemas import Json
from odmd.graph.schemas.document import resolved

_DEPTH: Final = 32
_LIMITS: Final = ("limit", "pattern", "format", "multiple_of")
"""What a validator says that a value has to keep."""
_MANY_WAYS: Final = ("anyOf", "oneOf")


class ConfigMisfit(NamedTuple):
    """Where a document is not of its type."""

    path: str
    says: str
    lacks: bool = False
    """Something is not there, as opposed to there and wrong."""


class ConfigShape:
    """One schema. Objects have the fields that it names and no others, unless it says otherwise."""

    def __init__(self, schema: Json) -> None:
        from jsonschema_rs import validator_for

        self._schema = closed(schema)
        self._validator = validator_for(dict(self._schema), validate_formats=True, offline=True)
        self._defaults = {name: part["default"] for name, part in self._properties(schema) if _has_default(part)}
        self._is_nested = any(self._object_in(part) is not None for _, part in self._properties(schema))
        self.is_open = self._schema.get("additionalProperties") is not False
        """Whether it takes fields that it does not name."""
        self.defaults: Final = self.with_defaults({})
        """What it says by itself."""
        self.fields = frozenset(name for name, _ in self._properties(schema))

    def knows(self, field: str) -> bool:
        """Whether a config of this type may have the field."""
        return self.is_open or field in self.fields

    def fits(self, values: Values) -> bool:
        return self._validator.is_valid(values)

    def misfits(self, values: Values) -> list[ConfigMisfit]:
        """All that is wrong, by path."""
        found = [one for wrong in self._validator.iter_errors(values) for one in _misfits(wrong)]
        return sorted(set(found))

    def with_defaults(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is not said is as the type says."""
        if self._is_nested:
            return self._filled(self._schema, values, 0)
        return {**self._defaults, **values}

    def hides(self, path: str) -> bool:
        """Whether people do not see what is at a path."""
        along = list(self._along(path))
        return any(map(_is_hidden, along)) or self._hides_inside(along[-1], 0)

    def _hides_inside(self, part: Json, depth: int) -> bool:
        """Of a list, which is shown as a whole or not at all."""
        items = [way["items"] for way in _ways(self._schema, part) if isinstance(way.get("items"), dict)]
        inner = [(one, *(field for _, field in self._properties(one))) for one in items]
        return depth < _DEPTH and any(
            _is_hidden(one) or self._hides_inside(one, depth + 1) for several in inner for one in several
        )

    def is_text(self, path: str) -> bool:
        """Whether a path takes texts, and nothing that is written otherwise."""
        found = list(self._along(path))
        types = [one.get("type") for one in _ways(self._schema, found[-1])] if len(found) > path.count(".") + 1 else []
        return bool(types) and "string" in types and set(types) <= {"string", "null"}

    def _along(self, path: str) -> Iterator[Json]:
        part: Json = self._schema
        yield part
        for key in path.split("."):
            ways = _ways(self._schema, part)
            known = [dict(self._properties(way)).get(key, way.get("additionalProperties")) for way in ways]
            given = next((one for one in known if isinstance(one, dict)), None)
            if given is None:
                return
            yield given
            part = resolved(self._schema, given)
            yield part

    def _properties(self, part: Json) -> Sequence[tuple[str, Json]]:
        return [*resolved(self._schema, part).get("properties", {}).items()]

    def _object_in(self, part: Json) -> Json | None:
        """What names the fields of an object that may stand there."""
        return next((way for way in _ways(self._schema, part) if "properties" in way), None)

    def _filled(self, part: Json, values: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        found: dict[str, Any] = dict(values)
        for name, inner in self._properties(part):
            if name not in found:
                if _has_default(inner):
                    found[name] = deepcopy(inner["default"])
            elif isinstance(found[name], dict) and depth < _DEPTH and (way := self._object_in(inner)) is not None:
                found[name] = self._filled(way, found[name], depth + 1)
        return found


def closed(schema: Json) -> Json:
    """The schema, with objects that name their fields taking no others; one that says so itself stays open."""
    return _closed(schema, 0)


def _closed(part: Any, depth: int) -> Any:
    if depth > 4 * _DEPTH:
        return part
    if isinstance(part, list):
        return [_closed(one, depth + 1) for one in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    said = cast("dict[str, Any]", part)
    found: dict[str, Any] = {
        key: inner if key in ("default", "const", "enum", "examples", "allOf") else _closed(inner, depth + 1)
        for key, inner in said.items()
    }
    if isinstance(said.get("properties"), dict) and said.get("type") == "object" and "allOf" not in said:
        found.setdefault("additionalProperties", False)
    return found


def _has_default(part: Json) -> bool:
    """Of what is hidden the schema has stars in its place: then the type itself has to say it."""
    return "default" in part and not _is_hidden(part)


def _ways(root: Json, part: Json) -> Sequence[Json]:
    """What a value may be at a place: each of several, or the one."""
    for several in _MANY_WAYS:
        if isinstance(ways := part.get(several), list):
            return [resolved(root, one) for one in cast("list[Any]", ways)]
    return [resolved(root, part)]


def _is_hidden(part: Json) -> bool:
    if part.get("writeOnly") is True or part.get("format") == "password":
        return True
    return any(
        _is_hidden(cast("Json", one))
        for several in _MANY_WAYS
        for one in part.get(several, ())
        if isinstance(one, dict)
    )


def _misfits(wrong: Any) -> Iterator[ConfigMisfit]:
    """What people are told of a validator's error: never the value, which may be a secret."""
    path, kind = ".".join(map(str, wrong.instance_path)), wrong.kind
    match kind.name:
        case "required":
            yield ConfigMisfit(_below(path, kind.property), "is not there", lacks=True)
        case "additionalProperties" | "unevaluatedProperties":
            yield from (ConfigMisfit(_below(path, name), "is no field of it") for name in kind.unexpected)
        case "type":
            yield ConfigMisfit(
                path, f"is no {' or '.join(kind.types) if hasattr(kind, 'types') else 'value of its type'}"
            )
        case "enum":
            yield ConfigMisfit(path, "is none of the values that it may have")
        case "anyOf" | "oneOf":
            ways = getattr(kind, "context", ())
            meant = [way for way in ways if not any(_is_of_another_type(one, path) for one in way)]
            found = [inner for one in meant[0] for inner in _misfits(one)] if meant else []
            yield from found or (ConfigMisfit(path, "is none of the things that it may be"),)
        case _:
            yield ConfigMisfit(path, _without_value(kind))


def _is_of_another_type(wrong: Any, path: str) -> bool:
    return wrong.kind.name == "type" and ".".join(map(str, wrong.instance_path)) in (path, "")


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _without_value(kind: Any) -> str:
    limit = next((getattr(kind, name) for name in _LIMITS if hasattr(kind, name)), "")
    return f"does not keep {kind.name}{f' {limit}' if limit != '' else ''}"


def hidden_texts(shape: ConfigShape, values: Values) -> Iterator[str]:
    """Each sensitive text of a document."""
    for path, value in leaves(values):
        if shape.hides(".".join(path)):
            yield from _texts(value)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for one in cast("list[object]", value):
                yield from _texts(one)
        case dict():
            yield from _texts(list(cast("dict[str, object]", value).values()))
        case _:
            yield str(value)
