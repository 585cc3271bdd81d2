"""What the library that compares GraphQL does not tell: defaults of what clients leave out, where operations begin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from odmd.graph.schemas.sdl import Definitions

if TYPE_CHECKING:
    from graphql import GraphQLArgument, GraphQLInputField, GraphQLSchema


def roots(serves: Definitions, knows: Definitions) -> Iterator[str]:
    """Operations that are served no more, or begin elsewhere."""
    for operation, name in knows.roots.items():
        if (now := serves.roots.get(operation)) is None:
            yield f"{name} is served no more: there is no {operation}"
        elif now != name:
            yield f"{name} is {operation} no more: {now} is"


def no_longer_left_out(serves: GraphQLSchema, knows: GraphQLSchema) -> Iterator[str]:
    """What clients could leave out as it had a default, and what became the only one of several."""
    from graphql import GraphQLInputObjectType

    for where, was, now in _both(serves, knows):
        if was.has_default and not now.may_be_left_out:
            yield f"{where} has no default any more, and has to be given"
    for name, type_ in knows.type_map.items():
        other = serves.type_map.get(name)
        both = isinstance(type_, GraphQLInputObjectType) and isinstance(other, GraphQLInputObjectType)
        if both and getattr(other, "is_one_of", False) and not getattr(type_, "is_one_of", False):
            yield f"{name} takes one of its fields only"


def left_out_otherwise(serves: GraphQLSchema, knows: GraphQLSchema) -> Iterator[str]:
    """Defaults of fields of inputs that are others, and scalars that are specified elsewhere."""
    from graphql import GraphQLScalarType

    for where, was, now in _both(serves, knows):
        if was.is_of_input and was.may_be_left_out and was.default != now.default:
            yield f"{where} has another default"
    for name, type_ in knows.type_map.items():
        other = serves.type_map.get(name)
        if not isinstance(type_, GraphQLScalarType) or not isinstance(other, GraphQLScalarType):
            continue
        if type_.specified_by_url != other.specified_by_url:
            yield f"{name} is specified by {other.specified_by_url}, not {type_.specified_by_url}"


class _Given(NamedTuple):
    """An argument, or a field of an input."""

    is_of_input: bool
    has_default: bool
    default: object
    may_be_left_out: bool


def _both(serves: GraphQLSchema, knows: GraphQLSchema) -> Iterator[tuple[str, _Given, _Given]]:
    """What clients give that is there in both: where, as it was, as it is."""
    then, now = dict(_given(knows)), dict(_given(serves))
    yield from ((where, was, now[where]) for where, was in then.items() if where in now)


def _given(schema: GraphQLSchema) -> Iterator[tuple[str, _Given]]:
    from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

    for name, type_ in schema.type_map.items():
        if isinstance(type_, GraphQLInputObjectType):
            for field, one in type_.fields.items():
                yield f"{name}.{field}", _of(one, is_of_input=True)
        elif isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
            for field, its in type_.fields.items():
                yield from ((f"{name}.{field}({arg}:)", _of(one, is_of_input=False)) for arg, one in its.args.items())


def _of(one: GraphQLArgument | GraphQLInputField, *, is_of_input: bool) -> _Given:
    from graphql import GraphQLNonNull
    from graphql.pyutils import Undefined

    has_default, its = one.default_value is not Undefined, cast("Any", one).type
    return _Given(is_of_input, has_default, one.default_value, has_default or not isinstance(its, GraphQLNonNull))
