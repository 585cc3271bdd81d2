"""Kinds of change in GraphQL: whether the server may move first (its older clients go on), and whether a client may.

Argued from the specification (October 2021): a client's operations have to stay valid, and what they answer of the same
type. An argument or a field of an input has to be given if it is non-null without a default.
"""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.graph.schemas.graph_ql import served
from support.pairs import EITHER, FITS, NEITHER, READER, UNKNOWN, WRITER, Pair, moves, word

ANSWERED: Final = "type Query { a: T } "
ENUM: Final = "enum E { A B } "

PAIRS: Final[dict[str, Pair]] = {
    # what clients read
    "a field comes": (ANSWERED + "type T { x: Int }", ANSWERED + "type T { x: Int y: Int }", WRITER),
    "a field goes": (ANSWERED + "type T { x: Int y: Int }", ANSWERED + "type T { x: Int }", READER),
    "a field is renamed": (ANSWERED + "type T { x: Int }", ANSWERED + "type T { y: Int }", NEITHER),
    "a field is never null any more": (ANSWERED + "type T { x: Int }", ANSWERED + "type T { x: Int! }", WRITER),
    "a field may be null": (ANSWERED + "type T { x: Int! }", ANSWERED + "type T { x: Int }", READER),
    "what a list holds may be null": ("type Query { a: [Int!]! }", "type Query { a: [Int]! }", READER),
    "a list is never null any more": ("type Query { a: [Int] }", "type Query { a: [Int]! }", WRITER),
    "one becomes a list": ("type Query { a: Int }", "type Query { a: [Int] }", NEITHER),
    "an integer becomes a float": ("type Query { a: Int }", "type Query { a: Float }", NEITHER),
    "an integer becomes an ID": ("type Query { a: Int }", "type Query { a: ID }", NEITHER),
    "a type that nothing leads to comes": ("type Query { a: Int }", "type Query { a: Int } type U { b: Int }", WRITER),
    "a type becomes an interface": (
        ANSWERED + "type T { x: Int }", ANSWERED + "interface T { x: Int } type U implements T { x: Int }", NEITHER,
    ),
    "a value of an enum that is read comes": (
        "type Query { a: E } " + ENUM, "type Query { a: E } enum E { A B C }", (UNKNOWN, FITS),
    ),
    "a value of an enum that is read goes": (
        "type Query { a: E } " + ENUM, "type Query { a: E } enum E { A }", (FITS, UNKNOWN),
    ),
    "a member of a union comes": (
        "type Query { a: U } union U = X type X { x: Int } type Y { y: Int }",
        "type Query { a: U } union U = X | Y type X { x: Int } type Y { y: Int }", (UNKNOWN, "breaks"),
    ),
    "a type implements an interface no more": (
        "type Query { a: T } interface I { x: Int } type T implements I { x: Int }",
        "type Query { a: T } interface I { x: Int } type T { x: Int }", READER,
    ),
    "an interface implements another": (
        "type Query { a: I } interface B { x: Int } interface I { x: Int } type T implements I { x: Int }",
        "type Query { a: I } interface B { x: Int } interface I implements B { x: Int } "
        "type T implements I & B { x: Int }", WRITER,
    ),
    "a field is to be given up": (
        "type Query { a: Int }", 'type Query { a: Int @deprecated(reason: "use b") }', EITHER,
    ),
    "words about it": ('"""one""" type Query { a: Int }', '"other" type Query { "a field" a: Int # x\n }', EITHER),
    "the order of things": ("type Query { a: Int b: Int }", "type Query { b: Int, a: Int }", EITHER),
    "an extension that says the same": (
        "type Query { a: Int b: Int }", "type Query { a: Int } extend type Query { b: Int }", EITHER,
    ),
    # what clients write
    "an argument that may be left out comes": ("type Query { a: Int }", "type Query { a(x: Int): Int }", WRITER),
    "an argument that has to be given comes": ("type Query { a: Int }", "type Query { a(x: Int!): Int }", NEITHER),
    "an argument with a default comes": ("type Query { a: Int }", "type Query { a(x: Int! = 1): Int }", WRITER),
    "an argument has to be given": ("type Query { a(x: Int): Int }", "type Query { a(x: Int!): Int }", READER),
    "an argument loses the default that let it be left out": (
        "type Query { a(x: Int! = 1): Int }", "type Query { a(x: Int!): Int }", READER,
    ),
    "an argument has another default": (
        "type Query { a(x: Int = 1): Int }", "type Query { a(x: Int = 2): Int }", (UNKNOWN, UNKNOWN),
    ),
    "an argument takes a list": ("type Query { a(x: Int): Int }", "type Query { a(x: [Int]): Int }", NEITHER),
    "an argument goes": ("type Query { a(x: Int): Int }", "type Query { a: Int }", READER),
    "a value of an enum that is written comes": (
        "type Query { a(e: E): Int } " + ENUM, "type Query { a(e: E): Int } enum E { A B C }", WRITER,
    ),
    "a value of an enum that is written goes": (
        "type Query { a(e: E): Int } " + ENUM, "type Query { a(e: E): Int } enum E { A }", READER,
    ),
    "a field of an input comes, and may be left out": (
        "type Query { a(i: I): Int } input I { x: Int }", "type Query { a(i: I): Int } input I { x: Int y: Int }",
        WRITER,
    ),
    "a field of an input comes, and has to be given": (
        "type Query { a(i: I): Int } input I { x: Int }", "type Query { a(i: I): Int } input I { x: Int y: Int! }",
        NEITHER,
    ),
    "a field of an input loses its default": (
        "type Query { a(i: I): Int } input I { x: Int! = 1 }", "type Query { a(i: I): Int } input I { x: Int! }",
        READER,
    ),
    "a field of an input has another default": (
        "type Query { a(i: I): Int } input I { x: Int = 1 }", "type Query { a(i: I): Int } input I { x: Int = 2 }",
        (UNKNOWN, UNKNOWN),
    ),
    "an input refers to itself": (
        "type Query { a(i: I): Int } input I { x: Int i: I }", "type Query { a(i: I): Int } input I { x: Int! i: I }",
        READER,
    ),
    # the whole
    "an operation goes": (
        "type Query { a: Int } type Mutation { b: Int }", "type Query { a: Int }", READER,
    ),
    "mutations begin nowhere any more": (
        "schema { query: Q mutation: M } type Q { a: Int } type M { b: Int }",
        "schema { query: Q } type Q { a: Int } type M { b: Int }", READER,
    ),
    "queries begin elsewhere": (
        "schema { query: Q } type Q { a: Int } type P { b: Int }",
        "schema { query: P } type Q { a: Int } type P { b: Int }", NEITHER,
    ),
    "the same root, said and not said": (
        "schema { query: Query } type Query { a: Int }", "type Query { a: Int }", EITHER,
    ),
    "a directive for schemas goes": (
        "directive @auth on FIELD_DEFINITION type Query { a: Int @auth }", "type Query { a: Int }", EITHER,
    ),
    "a directive for clients goes": (
        "directive @slow on FIELD type Query { a: Int }", "type Query { a: Int }", READER,
    ),
    "a directive is taken in fewer places": (
        "directive @slow on FIELD | QUERY type Query { a: Int }", "directive @slow on FIELD type Query { a: Int }",
        READER,
    ),
    "a scalar is specified elsewhere": (
        'type Query { a: D } scalar D @specifiedBy(url: "http://a")',
        'type Query { a: D } scalar D @specifiedBy(url: "http://b")', (UNKNOWN, UNKNOWN),
    ),
    "a scalar of one's own for a text": ("type Query { a: String }", "type Query { a: D } scalar D", NEITHER),
    "names that are words of the language": (
        "type Query { type: Int input: type } type type { enum: Int } union union = type | Query",
        "type Query { type: Int input: type } type type { enum: Int! } union union = type | Query", WRITER,
    ),
}  # fmt: skip


@pytest.mark.parametrize("about", PAIRS)
def test_who_may_move_first(about: str) -> None:
    older, newer, expected = PAIRS[about]
    assert moves({"graphql": older}, {"graphql": newer}) == expected


@pytest.mark.parametrize("about", PAIRS)
def test_reading_what_differs_alone_comes_to_the_same(about: str) -> None:
    older, newer, expected = PAIRS[about]
    one, other = {"graphql": older}, {"graphql": newer}
    assert (word(served(other, one, whole_up_to=0)), word(served(one, other, whole_up_to=0))) == expected


WORLD: Final = st.lists(
    st.tuples(
        st.sampled_from(["T", "U"]), st.sampled_from("xyz"), st.sampled_from(["", "(e: E)", "(i: I!)", "(n: Int = 1)"]),
        st.sampled_from(["Int", "E", "T!", "[U!]", "W"]),
    ),
    min_size=1, max_size=5, unique_by=lambda one: one[:2],
)  # fmt: skip


def schema(fields: list[tuple[str, str, str, str]], enum: str, union: str) -> dict[str, str]:
    said = {"T": "id: ID", "U": "id: ID"}
    for type_, name, arguments, of in fields:
        said[type_] += f" {name}{arguments}: {of}"
    types = " ".join(f"type {name} {{ {its} }}" for name, its in said.items())
    return {
        "graphql": f"type Query {{ t: T }} {types} enum E {{ {enum} }} union W = {union} input I {{ e: E n: Int! = 1 }}"
    }


WORLDS: Final = st.builds(schema, WORLD, st.sampled_from(["A", "A B"]), st.sampled_from(["T", "T | U"]))


@given(WORLDS, WORLDS)
def test_reading_what_differs_alone_says_the_same(one: dict[str, str], other: dict[str, str]) -> None:
    whole, cut = served(one, other), served(one, other, whole_up_to=0)
    assert (set(whole.misfits), set(whole.doubts)) == (set(cut.misfits), set(cut.doubts))
