"""Alternatives of a schema (`anyOf`, `oneOf`): how a discriminator tells them apart, and whether no value is of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from odmd.graph.schemas.document import Json, resolved

_MOST: Final = 100
_DEPTH: Final = 20


def told_apart(said: dict[str, Any], *, writes: bool) -> dict[str, Any]:
    """With what a discriminator says: each alternative has the value in that property by which it goes.

    A writer writes the names of the mapping; a reader takes the names of the schemas, too.
    """
    discriminator: Any = said.get("discriminator")
    word = next((one for one in ("oneOf", "anyOf") if isinstance(said.get(one), list)), None)
    if not isinstance(discriminator, dict) or word is None or "propertyName" not in discriminator:
        return said
    its = cast("Json", discriminator)
    return {**said, word: [_by_name(one, its, writes=writes) for one in said[word]]}


def _by_name(option: Any, discriminator: Json, *, writes: bool) -> Any:
    if not isinstance(option, dict) or "$ref" not in option:
        return cast("object", option)
    reference = str(cast("Json", option)["$ref"])
    own, mapping = reference.rpartition("/")[2], cast("Mapping[str, str]", discriminator.get("mapping", {}))
    mapped = sorted(name for name, to in mapping.items() if to in (reference, own))
    names = mapped if writes and mapped else [*mapped, own]
    name = discriminator["propertyName"]
    parts: list[Any] = [option, {"properties": {name: {"enum": names}}, "required": [name], "type": "object"}]
    return {"allOf": parts}


def are_apart(options: Any, within: Json) -> bool:
    """Whether no value is of two alternatives, as far as their types and the values of required properties say."""
    if not isinstance(options, list) or len(cast("list[Any]", options)) > _MOST:
        return False
    facts = [_facts(one, within, _DEPTH) for one in cast("list[Any]", options)]
    return all(_differ(one, other) for at, one in enumerate(facts) for other in facts[:at])


class _Facts:
    """Of one alternative: its types, and what values some properties have wherever it is one."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.required: set[str] = set()
        self.values: dict[str, set[str]] = {}


def _facts(schema: Any, within: Json, depth: int) -> _Facts:
    found, said = _Facts(), resolved(within, schema)
    types: Any = said.get("type", [])
    found.types = {types} if isinstance(types, str) else set(types)
    if said.get("nullable") is True:
        found.types.add("null")
    found.required = set(said.get("required", ()))
    properties: Mapping[str, Any] = said.get("properties", {})
    for name, one in properties.items():
        its = resolved(within, one)
        options: Any = [its["const"]] if "const" in its else its.get("enum")
        if isinstance(options, list):
            found.values[name] = set(map(str, cast("list[object]", options)))
    for part in said.get("allOf", ()) if depth else ():
        inner = _facts(part, within, depth - 1)
        found.types = found.types & inner.types if found.types and inner.types else found.types | inner.types
        found.required |= inner.required
        for name, values in inner.values.items():
            found.values[name] = found.values.get(name, values) & values
    return found


def _differ(one: _Facts, other: _Facts) -> bool:
    if one.types and other.types and not _meet(one.types, other.types):
        return True
    if one.types != {"object"} or other.types != {"object"}:
        return False
    both = one.required & other.required & one.values.keys() & other.values.keys()
    return any(one.values[name].isdisjoint(other.values[name]) for name in both)


def _meet(one: set[str], other: set[str]) -> bool:
    return bool(one & other) or ("number" in one and "integer" in other) or ("integer" in one and "number" in other)


def names_within(schemas: Sequence[Any], within: Json) -> set[str] | None:
    """The properties that alternatives name; None where they have others, too, or go too deep."""
    found, seen, todo = set[str](), set[int](), list(schemas)
    while todo:
        schema = todo.pop()
        if isinstance(schema, list):
            todo += cast("list[Any]", schema)
            continue
        said = resolved(within, schema)
        if not said and isinstance(schema, dict) and "$ref" in schema:
            return None  # it is not known yet
        if id(said) in seen:
            continue
        seen.add(id(said))
        if said.get("additionalProperties", False) is not False or "patternProperties" in said or len(seen) > _MOST:
            return None
        found.update(said.get("properties", ()))
        todo += [said[word] for word in ("anyOf", "oneOf", "allOf", "if", "then", "else") if word in said]
    return found
