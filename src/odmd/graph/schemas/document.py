"""Schemas as JSON documents: of a type (dataclass, TypedDict, pydantic model), or of a file: JSON or YAML as they are,
GraphQL, Avro and Protobuf under the name of their sort. Nothing is fetched that they refer to elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import unquote

from odmd.errors import FileUnfit
from odmd.foreign import read_bytes, read_json, read_text
from odmd.graph.schemas.descriptors import read_descriptors
from odmd.graph.schemas.kept import AVRO, GRAPHQL, Json, SchemaUnreadable

Schema = type[Any] | Path | Json
"""A type, a file, or what one of these was read as in another process."""

_DEPTH: Final = 30
LARGEST: Final = 8_000_000
"""Bytes."""
_MOST_VALUES: Final = 2_000_000


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

    read = _READERS.get(path.suffix.lower(), _yaml)
    try:
        loaded = read(path)
    except (OSError, ValueError, FileUnfit, RecursionError, yaml.YAMLError) as wrong:
        if isinstance(wrong, SchemaUnreadable):
            raise SchemaUnreadable(f"schema {path.name} cannot be read: {wrong.fact}") from wrong
        said = wrong.strerror if isinstance(wrong, OSError) else str(wrong).splitlines()[0]
        raise SchemaUnreadable(f"schema {path.name} cannot be read: {said}") from wrong
    if not isinstance(loaded, dict):
        raise SchemaUnreadable(f"schema {path.name} is no object")
    return cast("Json", loaded)


def _json(path: Path) -> object:
    return read_json(path, most=LARGEST)


def _yaml(path: Path) -> object:
    import yaml

    loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # eight times as fast, where it was built
    loaded: object = yaml.load(read_text(path, most=LARGEST), loader)  # noqa: S506  # both are safe ones
    _refuse_bombs(loaded, {}, set())
    return loaded


def _refuse_bombs(value: object, sizes: dict[int, int], above: set[int]) -> int:
    """How many values there are, each as often as aliases repeat it."""
    if isinstance(value, dict):
        parts = list(cast("dict[object, object]", value).values())
    elif isinstance(value, list):
        parts = cast("list[object]", value)
    else:
        return 1
    itself = id(cast("object", value))
    if (known := sizes.get(itself)) is not None:
        return known
    if itself in above:
        raise SchemaUnreadable("an alias in it leads back to what it is in")
    above.add(itself)
    size = 1 + sum(_refuse_bombs(one, sizes, above) for one in parts)
    above.discard(itself)
    if size > _MOST_VALUES:
        raise SchemaUnreadable("its aliases make more of it than a schema holds")
    sizes[itself] = size
    return size


def _graphql(path: Path) -> object:
    return {GRAPHQL: read_text(path, most=LARGEST)}


def _avro(path: Path) -> object:
    return {AVRO: read_json(path, most=LARGEST)}


def _protobuf(path: Path) -> object:
    return read_descriptors(read_bytes(path, most=LARGEST))


_READERS: Final[Mapping[str, Callable[[Path], object]]] = {
    ".json": _json,
    **dict.fromkeys((".graphql", ".graphqls", ".gql"), _graphql),
    ".avsc": _avro,
    **dict.fromkeys((".binpb", ".desc", ".protoset"), _protobuf),
}


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


def led_to(within: Json, reference: str) -> Any:
    """What a reference within a document leads to: by its path, or by an anchor or an id; None where nothing is."""
    if reference == "#":
        return within
    if reference.startswith("#/"):
        return at(within, reference)
    return next((one for one in _objects(within) if _is_called(one, reference)), None)


def _is_called(schema: Json, reference: str) -> bool:
    ids = [schema[word] for word in ("$id", "id") if isinstance(schema.get(word), str)]
    return reference in ids or (reference[:1] == "#" and reference[1:] == schema.get("$anchor"))


def _objects(value: Any) -> Iterator[Json]:
    """All objects of a document, from the outer ones on."""
    todo: list[Any] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            yield cast("Json", one)
            todo += cast("Json", one).values()
        elif isinstance(one, list):
            todo += cast("list[Any]", one)


def ignores_beside_references(within: Json) -> bool:
    """Whether what stands beside a reference says nothing: so it was up to draft 7, and in what was made of these."""
    draft, openapi = str(within.get("$schema", "")), str(within.get("openapi", ""))
    old = any(f"draft-0{number}" in draft for number in "34567")
    return old or openapi.startswith("3.0") or "asyncapi" in within


def at(within: Json, reference: str) -> Any:
    """What a reference leads to, or None."""
    found: Any = within
    for part in map(unquote, reference.removeprefix("#/").split("/")):
        if isinstance(found, list) and part.isdigit():
            found = dict(enumerate(cast("list[Any]", found))).get(int(part))
            continue
        if not isinstance(found, dict):
            return None
        found = cast("Json", found).get(part.replace("~1", "/").replace("~0", "~"))
    return found
