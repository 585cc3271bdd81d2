"""What the library that compares GraphQL does not tell: defaults of what clients leave out, where operations begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from odmd.graph.schemas.sdl import Definitions

if TYPE_CHECKING:
    from graphql import GraphQLArgument, GraphQLInputField, GraphQLSchema

    Left = GraphQLArgument | GraphQLInputField


def roots(serves: Definitions, knows: Definitions) -> Iterator[str]:
    """Operations that are served no more, or begin elsewhere."""
    for operation, name in knows.roots.items():
        if (now := serves.roots.get(operation)) is None:
            yield f"{name} is served no more: there is no {operation}"
        elif now != name:
            yield f"{name} is {operation} no more: {now} is"


def no_longer_left_out(serves: GraphQLSchema, knows: GraphQLSchema) -> Iterator[str]:
    """What clients could leave out as it had a default, and what became the only one of several."""
    from graphql import GraphQLInputObjectType, is_non_null_type
    from graphql.pyutils import Undefined

    for where, was, now in _both(serves, knows):
        has = now.default_value is not Undefined or not is_non_null_type(now.type)
        if was.default_value is not Undefined and not has:
            yield f"{where} has no default any more, and has to be given"
    for name, type_ in knows.type_map.items():
        other = serves.type_map.get(name)
        both = isinstance(type_, GraphQLInputObjectType) and isinstance(other, GraphQLInputObjectType)
        if both and getattr(other, "is_one_of", False) and not getattr(type_, "is_one_of", False):
            yield f"{name} takes one of its fields only"


def left_out_otherwise(serves: GraphQLSchema, knows: GraphQLSchema) -> Iterator[str]:
    """Defaults of fields of inputs that are others, and scalars that are specified elsewhere."""
    from graphql import GraphQLInputObjectType, GraphQLScalarType, is_non_null_type
    from graphql.pyutils import Undefined

    fields = {name for name, one in knows.type_map.items() if isinstance(one, GraphQLInputObjectType)}
    for where, was, now in _both(serves, knows):
        was_given = is_non_null_type(was.type) and was.default_value is Undefined
        if where.partition(".")[0] in fields and not was_given and was.default_value != now.default_value:
            yield f"{where} has another default"
    for name, type_ in knows.type_map.items():
        other = serves.type_map.get(name)
        if not isinstance(type_, GraphQLScalarType) or not isinstance(other, GraphQLScalarType):
            continue
        if type_.specified_by_url != other.specified_by_url:
            yield f"{name} is specified by {other.specified_by_url}, not {type_.specified_by_url}"


def _both(serves: GraphQLSchema, knows: GraphQLSchema) -> Iterator[tuple[str, Left, Left]]:
    """Arguments and fields of inputs that are there in both: where, as it was, as it is."""
    for name, type_ in knows.type_map.items():
        fields: Mapping[str, object] = getattr(type_, "fields", {})
        there: Mapping[str, object] = getattr(serves.type_map.get(name), "fields", {})
        for field, was in fields.items():
            if (now := there.get(field)) is None:
                continue
            if hasattr(was, "default_value") and hasattr(now, "default_value"):
                yield f"{name}.{field}", was, now
            args: Mapping[str, Left] = getattr(was, "args", {})
            others: Mapping[str, Left] = getattr(now, "args", {})
            yield from ((f"{name}.{field}({one}:)", args[one], others[one]) for one in args if one in others)
