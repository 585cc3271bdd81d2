"""GraphQL: whether the schema that clients know is still served."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from odmd.graph.schemas.compare import Comparison
from odmd.graph.schemas.kept import GRAPHQL, Json, SchemaUnreadable, library

if TYPE_CHECKING:
    from graphql import GraphQLSchema

_COORDINATE: Final = re.compile(r"\b([_A-Za-z]\w*)\.([_A-Za-z]\w*)")
_WORD: Final = re.compile(r"\b[_A-Za-z]\w*")
_HARMLESS: Final = ("OPTIONAL_INPUT_FIELD_ADDED", "OPTIONAL_ARG_ADDED", "IMPLEMENTED_INTERFACE_ADDED")
"""Clients that do not know of it go on as before."""
_MOST_TOKENS: Final = 2_000_000


def served(given: Json, relied_on: Json, uses: Sequence[str] = ()) -> Comparison:
    """Holds the schema that is served against the one that a client relies on, as far as he uses it.

    Raises:
        SchemaUnreadable, ToolMissing
    """
    library("graphql", "GraphQL")
    from graphql import find_breaking_changes, find_dangerous_changes

    serves, knows = checked(given[GRAPHQL]), checked(relied_on[GRAPHQL])
    broken = [
        _plain(one.description)
        for one in find_breaking_changes(knows, serves)
        if not (one.type.name == "VALUE_REMOVED_FROM_ENUM" and _is_only_read(knows, one.description))
        and not one.description.startswith("Standard scalar ")  # of what is gone with it, or written otherwise now
    ]
    unclear = [
        _plain(one.description)
        for one in find_dangerous_changes(knows, serves)
        if not (one.type.name == "VALUE_ADDED_TO_ENUM" and _is_only_written(knows, one.description))
        and one.type.name not in _HARMLESS
    ]
    if uses:
        missing = [f"{one} is not there" for one in uses if not _has(serves, one)]
        concerned = _concerned(knows, uses)
        broken = [*missing, *(one for one in broken if _is_about(one, uses, concerned))]
        unclear = [one for one in unclear if _is_about(one, uses, concerned)]
    return Comparison(tuple(dict.fromkeys(broken)), tuple(dict.fromkeys(unclear)))


@lru_cache(maxsize=32)
def checked(text: str) -> GraphQLSchema:
    """The schema that a text defines.

    Raises:
        SchemaUnreadable, ToolMissing
    """
    library("graphql", "GraphQL")
    from graphql import GraphQLError, build_ast_schema, parse

    try:
        return build_ast_schema(parse(text, no_location=True, max_tokens=_MOST_TOKENS))
    except (GraphQLError, TypeError, RecursionError) as wrong:
        said = str(wrong).splitlines()[0] if str(wrong) else "it is nested too deep"
        raise SchemaUnreadable(f"a GraphQL schema is malformed: {said}") from wrong


def _plain(description: str) -> str:
    return description.removesuffix(".")


def _has(schema: GraphQLSchema, used: str) -> bool:
    """Whether `Query.order` is there, or the type `Order`."""
    name, _, field = used.partition(".")
    found = schema.type_map.get(name)
    return found is not None and (not field or field in getattr(found, "fields", getattr(found, "values", {})))


def _concerned(schema: GraphQLSchema, uses: Sequence[str]) -> set[str]:
    """The types that are used: those that are named, and what their used fields give and take."""
    found = set[str]()
    for used in uses:
        name, _, field = used.partition(".")
        found.add(name)
        of_it = getattr(schema.type_map.get(name), "fields", {}).get(field)
        if of_it is not None:
            found.update(_inner(of_it.type), *(_inner(one.type) for one in getattr(of_it, "args", {}).values()))
    return found - {used.partition(".")[0] for used in uses if "." in used} | {one for one in uses if "." not in one}


def _inner(type_: object) -> set[str]:
    return set(_WORD.findall(str(type_)))


def _is_about(said: str, uses: Sequence[str], concerned: set[str]) -> bool:
    """Whether a change concerns what is used: by the field that it names, else by its type."""
    if found := _COORDINATE.search(said):
        return found.group(0) in uses or found.group(1) in concerned
    return not concerned.isdisjoint(_WORD.findall(said))


def _is_only_read(schema: GraphQLSchema, description: str) -> bool:
    """Whether clients never write the enum that it is about: of a value that is gone they miss nothing."""
    return _names(schema, written=True).isdisjoint(_WORD.findall(description))


def _is_only_written(schema: GraphQLSchema, description: str) -> bool:
    """Whether clients never read the enum that it is about: a value that they do not know never comes."""
    return _names(schema, written=False).isdisjoint(_WORD.findall(description))


def _names(schema: GraphQLSchema, *, written: bool) -> set[str]:
    """The types that clients write, or else read, somewhere."""
    from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

    found = set[str]()
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType) and written:
            found.update(*(_inner(field.type) for field in type_.fields.values()))
        elif isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)) and not type_.name.startswith("__"):
            for field in type_.fields.values():
                found.update(*(_inner(one.type) for one in (field.args.values() if written else (field,))))
    return found
