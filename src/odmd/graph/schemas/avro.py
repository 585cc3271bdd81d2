"""Avro: whether a reader's schema resolves what a writer's wrote, by the rules of the specification (1.12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from odmd.graph.schemas.compare import Comparison
from odmd.graph.schemas.kept import AVRO, Json, SchemaUnreadable

_PRIMITIVES: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
_NAMED: Final = ("record", "error", "enum", "fixed")
_PROMOTED: Final[Mapping[str, tuple[str, ...]]] = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}
_DEEPEST: Final = 60


def resolved_by(written: Json, read: Json, uses: Sequence[str] = ()) -> Comparison:
    """Holds a writer's schema against a reader's, as far as the reader uses it.

    Raises:
        SchemaUnreadable
    """
    writes, reads = checked(written), checked(read)
    paths = [one.split(".") for one in uses]
    found = list(_Resolution(writes, reads).of(writes.root, reads.root, "", paths, 0))
    return Comparison(
        tuple(dict.fromkeys(said for said, surely in found if surely)),
        tuple(dict.fromkeys(said for said, surely in found if not surely)),
    )


@dataclass(frozen=True, slots=True)
class Avro:
    """A schema with its named types."""

    root: Any
    names: Mapping[str, Json]


def checked(document: Json) -> Avro:
    """A schema that says all that it has to.

    Raises:
        SchemaUnreadable
    """
    names: dict[str, Json] = {}
    root = _collected(document[AVRO], "", names, 0)
    _refuse_unknown(root, names, set())
    return Avro(root, names)


def _collected(schema: Any, namespace: str, names: dict[str, Json], depth: int) -> Any:
    """The schema with full names, each named type noted once and referred to by name where it stands."""
    if depth > _DEEPEST:
        raise SchemaUnreadable(f"the Avro schema is more than {_DEEPEST} levels deep")
    if isinstance(schema, str):
        return schema if schema in _PRIMITIVES else _full(schema, namespace)
    if isinstance(schema, list):
        return [_collected(one, namespace, names, depth + 1) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict) or "type" not in schema:
        raise SchemaUnreadable(f"an Avro schema is {str(cast('object', schema))[:40]!r}, which has no type")
    said = cast("Json", schema)
    kind = said["type"]
    if kind not in _NAMED:
        if kind in ("array", "map"):
            below = "items" if kind == "array" else "values"
            if below not in said:
                raise SchemaUnreadable(f"an Avro {kind} does not say its {below}")
            return {**said, below: _collected(said[below], namespace, names, depth + 1)}
        return {**said, "type": kind} if kind in _PRIMITIVES else _collected(kind, namespace, names, depth + 1)
    name = _full(_said(said, "name", str), said.get("namespace", namespace))
    inner = name.rpartition(".")[0]
    aliases = tuple(_full(one, inner) for one in said.get("aliases", ()))
    if name in names:
        raise SchemaUnreadable(f"the Avro schema defines {name} twice")
    names[name] = {}  # its own fields may refer to it
    if kind == "enum":
        names[name] = {**said, "name": name, "aliases": aliases, "symbols": list(_said(said, "symbols", list))}
    elif kind == "fixed":
        names[name] = {**said, "name": name, "aliases": aliases, "size": _said(said, "size", int)}
    else:
        fields = [
            {**one, "name": _said(one, "name", str), "type": _collected(one.get("type"), inner, names, depth + 1)}
            for one in cast("list[Json]", _said(said, "fields", list))
        ]
        names[name] = {**said, "name": name, "aliases": aliases, "fields": fields}
    return name


def _said(schema: Json, word: str, type_: type[Any]) -> Any:
    found = schema.get(word)
    if not isinstance(found, type_):
        raise SchemaUnreadable(f"an Avro {schema.get('type', 'schema')} does not say its {word}")
    return found


def _full(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _refuse_unknown(schema: Any, names: Mapping[str, Json], seen: set[str]) -> None:
    if isinstance(schema, list):
        for one in cast("list[Any]", schema):
            _refuse_unknown(one, names, seen)
    elif isinstance(schema, dict):
        said = cast("Json", schema)
        _refuse_unknown(said.get("items", said.get("values", "null")), names, seen)
    elif schema not in _PRIMITIVES and schema not in seen:
        if schema not in names:
            raise SchemaUnreadable(f"the Avro schema refers to {schema}, which it does not define")
        seen.add(schema)
        for one in names[schema].get("fields", ()):
            _refuse_unknown(one["type"], names, seen)


@dataclass(frozen=True, slots=True)
class _Resolution:
    writes: Avro
    reads: Avro
    under_way: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Names that are being compared, or were: what refers to itself ends here."""

    def of(
        self, written: Any, read: Any, at: str, paths: Sequence[Sequence[str]], depth: int
    ) -> Iterator[tuple[str, bool]]:
        """(what does not fit, or perhaps not; whether that is sure)."""
        where = at or "it"
        if depth > _DEEPEST:
            yield f"{where} goes too deep to be compared", False
        elif isinstance(written, list):
            for option in cast("list[Any]", written):
                yield from self.of(option, read, at, paths, depth + 1)
        elif isinstance(read, list):
            yield from self._of_one_of(written, cast("list[Any]", read), at, paths, depth)
        else:
            yield from self._of_one(written, read, at, paths, depth)

    def _of_one_of(
        self, written: Any, options: Sequence[Any], at: str, paths: Sequence[Sequence[str]], depth: int
    ) -> Iterator[tuple[str, bool]]:
        """Nothing where one option takes it; else why that of its own kind does not."""
        found = [list(self.of(written, one, at, paths, depth + 1)) for one in options]
        if any(not any(surely for _, surely in one) for one in found):
            return
        kind = _kind(self.writes, written)
        alike = [one for one, option in zip(found, options, strict=True) if _kind(self.reads, option) == kind]
        where = at or "it"
        yield from (
            alike[0] if alike else [(f"{where} may be {_called(self.writes, written)}, which is not taken", True)]
        )

    def _of_one(
        self, written: Any, read: Any, at: str, paths: Sequence[Sequence[str]], depth: int
    ) -> Iterator[tuple[str, bool]]:
        where, kind, wanted = at or "it", _kind(self.writes, written), _kind(self.reads, read)
        if kind != wanted:
            if wanted not in _PROMOTED.get(kind, ()):
                yield f"{where} is {_called(self.writes, written)}, not {_called(self.reads, read)}", True
            else:
                yield from _logical(_said_of(self.writes, written), _said_of(self.reads, read), where)
            return
        if kind in ("array", "map"):
            below = "items" if kind == "array" else "values"
            yield from self.of(written[below], read[below], f"{at}[]", paths, depth + 1)
        elif kind in _NAMED:
            yield from self._of_named(written, read, at, paths, depth)
        yield from _logical(_said_of(self.writes, written), _said_of(self.reads, read), where)

    def _of_named(
        self, written: str, read: str, at: str, paths: Sequence[Sequence[str]], depth: int
    ) -> Iterator[tuple[str, bool]]:
        mine, theirs, where = self.reads.names[read], self.writes.names[written], at or "it"
        names = {_short(one) for one in (mine["name"], *mine["aliases"])}
        if _short(theirs["name"]) not in names:
            yield f"{where} is called {theirs['name']}, not {mine['name']}", True
        elif theirs["type"] == "fixed":
            if theirs["size"] != mine["size"]:
                yield f"{where} has {theirs['size']} bytes, not {mine['size']}", True
        elif theirs["type"] == "enum":
            new = [one for one in theirs["symbols"] if one not in mine["symbols"]]
            if new and "default" not in mine:
                yield f"{where} may be {', '.join(new)}", True
        elif (written, read) not in self.under_way or any(paths):
            self.under_way.add((written, read))
            yield from self._fields(theirs, mine, at, paths, depth)

    def _fields(
        self, theirs: Json, mine: Json, at: str, paths: Sequence[Sequence[str]], depth: int
    ) -> Iterator[tuple[str, bool]]:
        there = {one["name"]: one for one in theirs["fields"]}
        used = {path[0] for path in paths if path}
        known = {one["name"] for one in mine["fields"]}
        for name in sorted(used - known) if all(paths) else ():
            if name not in there:
                yield f"{_path(at, name)} is not there", True
        for one in mine["fields"]:
            if used and all(paths) and one["name"] not in used:
                continue
            where = _path(at, one["name"])
            given = next((there[name] for name in (one["name"], *one.get("aliases", ())) if name in there), None)
            if given is None:
                if "default" not in one:
                    yield f"{where} is not there, and has no default", True
                continue
            below = [path[1:] for path in paths if path and path[0] == one["name"]]
            yield from self.of(given["type"], one["type"], where, below, depth + 1)


def _said_of(avro: Avro, schema: Any) -> Json:
    return cast("Json", schema) if isinstance(schema, dict) else avro.names.get(schema, {})


def _kind(avro: Avro, schema: Any) -> str:
    if isinstance(schema, list):
        return "union"
    kind = str(_said_of(avro, schema).get("type", schema))
    return "record" if kind == "error" else kind


def _called(avro: Avro, schema: Any) -> str:
    kind = _kind(avro, schema)
    return f"{kind} {schema}" if kind in _NAMED else kind


def _logical(written: Json, read: Json, where: str) -> Iterator[tuple[str, bool]]:
    mine, theirs = read.get("logicalType"), written.get("logicalType")
    if mine == theirs == "decimal":
        for word in ("precision", "scale"):
            if written.get(word, 0) != read.get(word, 0):
                yield f"{where} has {word} {written.get(word, 0)}, not {read.get(word, 0)}", True
    elif mine is not None and mine != theirs:
        yield f"{where} is {theirs or 'a plain value'}, and is read as {mine}", False


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _path(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
