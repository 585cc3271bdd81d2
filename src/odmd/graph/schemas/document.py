"""Schemas as JSON documents: of a type (dataclass, TypedDict, pydantic model), or of a file, JSON or YAML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from odmd.errors import ContractsNotLoaded, FileUnfit
from odmd.foreign import read_json, read_text

Json = Mapping[str, Any]
Schema = type[Any] | Path | Json
"""A type, a file, or what one of these was read as in another process."""

_DEPTH: Final = 30
_LARGEST: Final = 8_000_000
"""Bytes."""


class SchemaUnreadable(ContractsNotLoaded):
    """A schema document is not there, or is none."""


def document(schema: Schema) -> Json:
    """A schema as a JSON document.

    Raises:
        SchemaUnreadable: says why.
    """
    if isinstance(schema, Path):
        return _of_file(schema)
    return schema if isinstance(schema, Mapping) else _of_type(schema)


def _of_type(schema: type[Any]) -> Json:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    try:
        return TypeAdapter(schema).json_schema()
    except PydanticUserError as wrong:
        raise SchemaUnreadable(f"{schema.__name__} has no schema: {str(wrong).splitlines()[0]}") from wrong


def _of_file(path: Path) -> Json:
    import yaml

    try:
        loaded: object = (
            read_json(path, most=_LARGEST) if path.suffix == ".json" else yaml.safe_load(read_text(path, most=_LARGEST))
        )
    except (OSError, ValueError, FileUnfit, RecursionError, yaml.YAMLError) as wrong:
        said = wrong.strerror if isinstance(wrong, OSError) else str(wrong).splitlines()[0]
        raise SchemaUnreadable(f"schema {path.name} cannot be read: {said}") from wrong
    if not isinstance(loaded, dict):
        raise SchemaUnreadable(f"schema {path.name} is no object")
    return cast("Json", loaded)


def resolved(within: Json, schema: Any) -> Json:
    """What a reference inside the same document leads to."""
    for _ in range(_DEPTH):
        if not isinstance(schema, dict):
            return {}
        reference = cast("Json", schema).get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return cast("Json", schema)
        schema = at(within, reference)
    return {}


def at(within: Json, reference: str) -> Any:
    """What a reference leads to, or None."""
    found: Any = within
    for part in reference.removeprefix("#/").split("/"):
        if not isinstance(found, dict):
            return None
        found = cast("Json", found).get(part.replace("~1", "/").replace("~0", "~"))
    return found
