"""What a consumer relies on, held against what is published: types, JSON Schema, OpenAPI, AsyncAPI."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from odmd.graph.schemas import SchemaUnreadable, document, misfits


@dataclass
class Order:
    id: str
    price: int
    size: Literal["small", "large"] = "small"


@dataclass
class Narrow:
    id: str


@dataclass
class Wide:
    id: str | None
    price: float


class Model(BaseModel):
    id: str
    lines: list[Order]


class Lines(BaseModel):
    lines: list[Narrow]


def wrong(published: type[Any], relied_on: type[Any]) -> list[str]:
    return list(misfits(document(published), document(relied_on)))


def test_types() -> None:
    assert wrong(Order, Order) == wrong(Order, Narrow) == wrong(Order, Wide) == wrong(Model, Lines) == []
    assert wrong(Narrow, Order) == ["price is not there"]
    assert wrong(Wide, Order) == ["id is null, not string", "price is number, not integer"]
    assert wrong(Lines, Model) == ["id is not there", "lines[].price is not there"]


def test_values() -> None:
    small = {"type": "object", "properties": {"size": {"enum": ["small"]}}}
    both = {"type": "object", "properties": {"size": {"enum": ["small", "large"]}}}
    any_size = {"type": "object", "properties": {"size": {"type": "string"}}}
    assert list(misfits(small, both)) == []
    assert list(misfits(both, small)) == ["size may be large"]
    assert list(misfits(any_size, small)) == ["size may be anything, not only small"]


def api(path: str, answer: dict[str, Any], body: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    operation = {
        "parameters": list(parameters),
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
    }
    return {"openapi": "3.1.0", "paths": {path: {"post": operation}}}


ONE = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
TWO = {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}


def test_an_api_may_answer_more_and_ask_less() -> None:
    assert list(misfits(api("/x", TWO, ONE), api("/x", ONE, TWO))) == []
    assert list(misfits(api("/x", ONE, TWO), api("/x", TWO, ONE))) == [
        "POST /x, which the client writes: body as application/json: b is not there",
        "POST /x, which the client reads: 200: application/json: b is not there",
    ]
    assert list(misfits(api("/y", ONE, ONE), api("/x", ONE, ONE))) == ["POST /x is not there"]
    required = {"name": "tenant", "in": "header", "required": True}
    assert list(misfits(api("/x", ONE, ONE, required), api("/x", ONE, ONE))) == [
        "POST /x, which the client writes: header parameter tenant is required"
    ]


def test_channels() -> None:
    def events(payload: dict[str, Any], channel: str = "orders") -> dict[str, Any]:
        return {"asyncapi": "3.0.0", "channels": {channel: {"messages": {"placed": {"payload": payload}}}}}

    assert list(misfits(events(TWO), events(ONE))) == []
    assert list(misfits(events(ONE), events(TWO))) == ["channel orders: b is not there"]
    assert list(misfits(events(ONE, "other"), events(ONE))) == ["channel orders is not there"]


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {"$ref": "#/$defs/t", "$defs": {"t": {"type": "object", "properties": {"next": {"$ref": "#/$defs/t"}}}}}
    assert list(misfits(tree, tree)) == []
    assert list(misfits({"$ref": "#"}, {"$ref": "#"})) == []


@pytest.mark.parametrize("text", [None, "[1]", "{", "a: [", ""])
def test_an_unreadable_document_is_told(tmp_path: Path, text: str | None) -> None:
    for suffix in (".json", ".yaml"):
        file = tmp_path / f"schema{suffix}"
        if text is not None:
            file.write_text(text)
        with pytest.raises(SchemaUnreadable):
            document(file)


json_schemas = st.recursive(
    st.one_of(
        st.builds(lambda kind: {"type": kind}, st.sampled_from(["string", "integer", "number", "null"])),
        st.builds(lambda values: {"enum": values}, st.lists(st.integers(0, 3), min_size=1)),
    ),
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(lambda options: {"anyOf": options}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda fields: {"type": "object", "properties": fields, "required": sorted(fields)},
            st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        ),
    ),
    max_leaves=8,
)


@given(json_schemas)
def test_every_schema_fits_itself(schema: dict[str, Any]) -> None:
    assert list(misfits(schema, schema)) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["$ref", "type", "items", "properties", "required", "anyOf", "enum", "openapi", "paths", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_rubbish_is_no_crash(schema: object) -> None:
    if isinstance(schema, dict):
        with suppress(SchemaUnreadable):
            misfits(schema, schema)
