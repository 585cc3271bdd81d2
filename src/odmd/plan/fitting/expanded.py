"""Versions that nobody has written yet: a writer that says what is old beside what is new, a reader that needs less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from odmd.graph import digest
from odmd.graph.schemas import Json
from odmd.graph.schemas.comparer import Comparer
from odmd.graph.schemas.kept import AVRO
from odmd.plan.fitting.version import End, Version

_AT_PATHS: Final = ("paths", "webhooks")


@dataclass(frozen=True, slots=True)
class ImaginedVersion:
    """A version, and the documents that it would have."""

    version: Version
    documents: Mapping[str, Json]
    """By digest."""
    is_more: bool = True
    """It says something that what runs does not."""


def both(old: Version, new: Version, input: str, comparer: Comparer) -> ImaginedVersion | None:
    """The newer version with documents that say what the older ones do beside what is new; None where one of them
    cannot."""
    made: dict[str, Json] = {}
    schemas, is_more = dict(new.schemas), False
    for name in _said(new, input):
        documents = [comparer.document(one.schemas.get(name, "")) for one in (old, new)]
        if documents[0] is None or documents[1] is None:
            return None
        if (merged := _merged(documents[0], documents[1])) is None:
            return None
        is_more |= _names(merged) != _names(documents[0])
        schemas[name] = digest(merged)
        made[schemas[name]] = merged
    return ImaginedVersion(replace(new, schemas=schemas), made, is_more) if made else None


def without(now: Version, reader: End, gone: Iterable[str], comparer: Comparer) -> ImaginedVersion | None:
    """What runs, if it needed some things no more; None where nobody can say so."""
    document = comparer.document(reader.document) if reader.document else None
    if document is None or reader.uses:
        return None
    less = _without(document, frozenset(gone))
    if less == document:
        return None
    return ImaginedVersion(replace(now, schemas={**now.schemas, reader.schema: digest(less)}), {digest(less): less})


def lost(old: Version, new: Version, input: str, comparer: Comparer) -> frozenset[str]:
    """What the older version says and the newer does not: properties, operations, fields."""
    found = set[str]()
    for name in _said(new, input):
        documents = [comparer.document(one.schemas.get(name, "")) for one in (old, new)]
        if documents[0] is not None and documents[1] is not None:
            found |= _names(documents[0]) - _names(documents[1])
    return frozenset(found)


def called(names: Iterable[str]) -> str:
    """In words."""
    return ", ".join(f"`{name}`" for name in sorted(names)) or "what it wrote"


def _said(version: Version, input: str) -> Iterable[str]:
    """The schemas by which a version writes at one of its ends."""
    if input:
        return dict.fromkeys(one.schema for one in version.node.wires if one.name == input and one.schema)
    return dict.fromkeys(one.schema for one in version.node.products if one.schema)


def _names(document: Json) -> set[str]:
    if "openapi" in document:
        paths: Mapping[str, Json] = document.get("paths", {})
        return {f"{method.upper()} {path}" for path, item in paths.items() for method in item}
    if AVRO in document:
        return {one["name"] for one in _fields(document)}
    return set(document.get("properties", {}))


def _merged(old: Json, new: Json) -> Json | None:
    """Both in one; None where one of them says of a thing what the other does not."""
    if ("openapi" in old) != ("openapi" in new) or (AVRO in old) != (AVRO in new):
        return None
    if "openapi" in old:
        return _of_operations(old, new)
    if AVRO in old:
        return _of_fields(old, new)
    return _of_properties(old, new)


def _of_properties(old: Json, new: Json) -> Json | None:
    mine, theirs = (cast("Mapping[str, Any]", one.get("properties", {})) for one in (old, new))
    definitions = _together(old.get("$defs", {}), new.get("$defs", {}))
    properties = _together(mine, theirs)
    if not mine or not theirs or properties is None or definitions is None:
        return None
    required = sorted({*old.get("required", ()), *new.get("required", ())})
    said = {**new, "properties": properties, "required": required}
    return {**said, "$defs": definitions} if definitions else said


def _of_operations(old: Json, new: Json) -> Json | None:
    paths: dict[str, Any] = {}
    was, now = (cast("Mapping[str, Json]", one.get("paths", {})) for one in (old, new))
    for path in {**now, **was}:
        item = _together(was.get(path, {}), now.get(path, {}))
        if item is None:
            return None
        paths[path] = item
    components: dict[str, Any] = {}
    kinds, others = (cast("Mapping[str, Json]", one.get("components", {})) for one in (old, new))
    for kind in {**others, **kinds}:
        its = _together(kinds.get(kind, {}), others.get(kind, {}))
        if its is None:
            return None
        components[kind] = its
    return {**new, "paths": paths, **({"components": components} if components else {})}


def _of_fields(old: Json, new: Json) -> Json | None:
    was, now = ({one["name"]: one for one in _fields(document)} for document in (old, new))
    fields = _together(was, now)
    if not was or not now or fields is None:
        return None
    return {AVRO: {**new[AVRO], "fields": [fields[name] for name in {**now, **was}]}}


def _fields(document: Json) -> list[Json]:
    said: Any = document[AVRO]
    return cast("list[Json]", cast("Json", said).get("fields", [])) if isinstance(said, dict) else []


def _together(one: Json, other: Json) -> dict[str, Any] | None:
    if any(one[name] != other[name] for name in one.keys() & other.keys()):
        return None
    return {**one, **other}


def _without(document: Json, gone: frozenset[str]) -> Json:
    if "openapi" in document:
        paths: Mapping[str, Json] = document.get("paths", {})
        left = {
            path: {method: one for method, one in item.items() if f"{method.upper()} {path}" not in gone}
            for path, item in paths.items()
        }
        return {**document, "paths": left}
    if AVRO in document and isinstance(document[AVRO], dict):
        fields = [one for one in _fields(document) if one["name"] not in gone]
        return {AVRO: {**document[AVRO], "fields": fields}}
    if not document.get("properties", {}).keys() & gone:
        return document
    properties = {name: one for name, one in document["properties"].items() if name not in gone}
    return {
        **document,
        "properties": properties,
        "required": [one for one in document.get("required", ()) if one not in gone],
    }
