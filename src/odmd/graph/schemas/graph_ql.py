"""GraphQL: whether the schema that clients know is still served."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from odmd.graph.schemas.compare import Comparison
from odmd.graph.schemas.inputs import left_out_otherwise, no_longer_left_out, roots
from odmd.graph.schemas.kept import GRAPHQL, Json, SchemaUnreadable, library
from odmd.graph.schemas.sdl import definitions, difference, refuse_unknown

if TYPE_CHECKING:
    from graphql import GraphQLSchema

_COORDINATE: Final = re.compile(r"\b([_A-Za-z]\w*)\.([_A-Za-z]\w*)")
_WORD: Final = re.compile(r"\b[_A-Za-z]\w*")
_HARMLESS: Final = ("OPTIONAL_INPUT_FIELD_ADDED", "OPTIONAL_ARG_ADDED", "IMPLEMENTED_INTERFACE_ADDED")
"""Clients that do not know of it go on as before."""
_MOST_TOKENS: Final = 2_000_000
_SMALL: Final = 50_000
"""Characters up to which a schema is read as a whole."""
_MOST: Final = 2_000_000
"""Characters that may differ: the library reads about a quarter of a million in a second."""
_OF_CLIENTS: Final = frozenset(
    {
        *("QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"),
        "VARIABLE_DEFINITION",
    }
)
"""Where clients write directives."""


def served(given: Json, relied_on: Json, uses: Sequence[str] = (), whole_up_to: int = _SMALL) -> Comparison:
    """Holds the schema that is served against the one that a client relies on, as far as he uses it.

    Args:
        whole_up_to: characters; of larger ones only the definitions that differ are read.

    Raises:
        SchemaUnreadable, FormatMissing
    """
    library("graphql", "GraphQL")
    texts = str(given[GRAPHQL]), str(relied_on[GRAPHQL])
    if max(map(len, texts)) <= whole_up_to:
        return _served(texts, tuple(map(checked, texts)), uses)
    cut = difference(*map(definitions, texts), also=[one.partition(".")[0] for one in uses])
    if sum(map(len, cut)) > _MOST:
        return Comparison(doubts=(f"more than {_MOST // 1_000_000} MB of definitions differ, which are not compared",))
    return _served(texts, tuple(map(_built, cut)), uses)


def _served(texts: tuple[str, str], built: tuple[GraphQLSchema, ...], uses: Sequence[str]) -> Comparison:
    from graphql import find_breaking_changes, find_dangerous_changes

    serves, knows = built
    known = definitions(texts[1])
    written, read = known.written(), known.read()
    broken = [
        _plain(one.description)
        for one in find_breaking_changes(knows, serves)
        if not (one.type.name == "VALUE_REMOVED_FROM_ENUM" and written.isdisjoint(_WORD.findall(one.description)))
        and not (one.type.name.startswith("DIRECTIVE_") and _is_of_schemas(knows, serves, one.description))
        and not one.description.startswith("Standard scalar ")  # of what is gone with it, or written otherwise now
    ]
    unclear = [
        _plain(one.description)
        for one in find_dangerous_changes(knows, serves)
        if not (one.type.name == "VALUE_ADDED_TO_ENUM" and read.isdisjoint(_WORD.findall(one.description)))
        and one.type.name not in _HARMLESS
    ]
    broken += [*roots(definitions(texts[0]), known), *no_longer_left_out(serves, knows)]
    unclear += left_out_otherwise(serves, knows)
    if uses:
        missing = [f"{one} is not there" for one in uses if not _has(serves, one)]
        concerned = _concerned(knows, uses)
        broken = [*missing, *(one for one in broken if _is_about(one, uses, concerned))]
        unclear = [one for one in unclear if _is_about(one, uses, concerned)]
    return Comparison(tuple(dict.fromkeys(broken)), tuple(dict.fromkeys(unclear)))


def check(text: str) -> None:
    """Whether it is a schema; of a large one, whether its definitions are whole and refer to each other.

    Raises:
        SchemaUnreadable, FormatMissing
    """
    if len(text) <= _SMALL:
        checked(text)
    else:
        refuse_unknown(definitions(text))


def _built(text: str) -> GraphQLSchema:
    """What was cut out of a schema that was checked.

    Raises:
        SchemaUnreadable
    """
    from graphql import GraphQLError, build_ast_schema, parse

    try:
        return build_ast_schema(parse(text, no_location=True), assume_valid=True, assume_valid_sdl=True)
    except (GraphQLError, TypeError, RecursionError) as wrong:
        raise SchemaUnreadable(f"a GraphQL schema is malformed: {_first_line(wrong)}") from wrong


def _first_line(wrong: Exception) -> str:
    return str(wrong).splitlines()[0] if str(wrong) else "it is nested too deep"


@lru_cache(maxsize=32)
def checked(text: str) -> GraphQLSchema:
    """The schema that a text defines.

    Raises:
        SchemaUnreadable, FormatMissing
    """
    library("graphql", "GraphQL")
    from graphql import GraphQLError, build_ast_schema, parse

    try:
        return build_ast_schema(parse(text, no_location=True, max_tokens=_MOST_TOKENS))
    except (GraphQLError, TypeError, RecursionError) as wrong:
        raise SchemaUnreadable(f"a GraphQL schema is malformed: {_first_line(wrong)}") from wrong


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


def _is_of_schemas(knows: GraphQLSchema, serves: GraphQLSchema, description: str) -> bool:
    """Whether a directive is one that clients never write: it says something of a schema."""
    names = set(_WORD.findall(description))
    about = [one for one in knows.directives if one.name in names]
    places = {place.name for one in about for place in one.locations} & _OF_CLIENTS
    now = {place.name for one in serves.directives if one.name in names for place in one.locations}
    return places <= now if description.partition(" was removed from ")[1] else not places
