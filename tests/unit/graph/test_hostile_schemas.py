"""Schemas that nobody means well with: large, deep, endless, elsewhere."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from odmd.graph.schemas import SchemaUnreadable, compared, document

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.yaml", BOMB, "its aliases make more of it than a schema holds"),
        ("a.yaml", "a: &a [*a]", "an alias in it leads back"),
        ("a.yaml", "a:\tb: c", "cannot be read"),
        ("a.yaml", "- 1", "is no object"),
        ("a.yaml", "no", "is no object"),
        ("a.json", "[" * 100_000, "cannot be read"),
        ("a.json", "{", "cannot be read"),
        ("a.avsc", "{", "cannot be read"),
    ],
)
def test_what_is_no_document_is_said_to_be_none(tmp_path: Path, name: str, text: str, why: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SchemaUnreadable, match=why):
        document(tmp_path / name)


@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.graphql", "a.avsc", "a.binpb"])
def test_what_is_no_text_or_too_large_is_said_to_be(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(SchemaUnreadable, match="cannot be read"):
        document(tmp_path / name)
    (tmp_path / name).write_bytes(b"a" * 8_000_001)
    with pytest.raises(SchemaUnreadable, match="cannot be read"):
        document(tmp_path / name)


def test_what_stands_elsewhere_is_never_fetched() -> None:
    here: Any = {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:1/schema.json"}}, "required": ["a"]}
    found = compared({**here, "title": "one"}, {**here, "title": "other"})
    assert not found.misfits
    assert "leads nowhere within the document" in found.doubts[0]


def test_five_megabytes_that_refer_to_themselves_are_compared(tmp_path: Path) -> None:
    node: Any = {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}, "n": {"type": "integer"}}}
    filler = {f"D{n}": {"type": "string", "description": "x" * 900} for n in range(5500)}
    one = {"$ref": "#/$defs/N", "$defs": {**filler, "N": {**node, "required": ["n"]}}}
    other = {"$ref": "#/$defs/N", "$defs": {**filler, "N": node}}
    for name, said in (("one.json", one), ("other.json", other)):
        (tmp_path / name).write_text(json.dumps(said))
    assert (tmp_path / "one.json").stat().st_size > 5_000_000
    began = time.process_time()
    full, optional = (document(tmp_path / name) for name in ("one.json", "other.json"))
    assert compared(full, optional).fits
    assert compared(optional, full).misfits
    assert time.process_time() - began < 20


def tangled(of: str, many: int = 12) -> Any:
    """Each of these refers to all others."""
    nodes = {
        f"N{at}": {
            "type": "object",
            "properties": {**{f"p{to}": {"$ref": f"#/$defs/N{to}"} for to in range(many)}, "v": {"type": of}},
            "required": ["v"],
        }
        for at in range(many)
    }
    return {"$ref": "#/$defs/N0", "$defs": nodes}


def branching(of: str, word: str, depth: int = 12) -> Any:
    """Each level is one of several that lead to the next twice."""
    levels = {
        f"L{at}": {
            word: [
                {
                    "type": "object",
                    "properties": {
                        "k": {"const": kind},
                        "a": {"$ref": f"#/$defs/L{at + 1}"},
                        "b": {"$ref": "#/$defs/L0"},
                    },
                    "required": ["k", "a"],
                }
                for kind in range(4)
            ]
        }
        for at in range(depth)
    }
    return {"$ref": "#/$defs/L0", "$defs": {**levels, f"L{depth}": {"type": of}}}


def shop(of: str, many: int = 150) -> Any:
    """An API whose answers all lead to each other."""
    schemas = {
        f"S{at}": {
            "type": "object",
            "properties": {
                "n": {"type": of if at == 7 else "string"},
                "next": {"$ref": f"#/components/schemas/S{(at * 7 + 3) % many}"},
                "other": {"oneOf": [{"$ref": f"#/components/schemas/S{(at * 5 + 1) % many}"}, {"type": "null"}]},
            },
            "required": ["n"],
        }
        for at in range(many)
    }
    answers = [
        {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}} for name in schemas
    ]
    paths = {f"/p{at}": {"get": {"responses": {"200": answer}}} for at, answer in enumerate(answers)}
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}


@pytest.mark.parametrize("make", [tangled, shop, lambda of: branching(of, "oneOf"), lambda of: branching(of, "anyOf")])
def test_what_refers_to_itself_in_many_ways_is_decided_soon(make: Any) -> None:
    began = time.process_time()
    assert compared(make("integer"), make("number")).fits
    assert compared(make("number"), make("integer")).misfits
    assert time.process_time() - began < 10


def test_a_pattern_that_takes_for_ever_takes_no_time() -> None:
    began = time.process_time()
    assert not compared({"enum": ["a" * 60 + "!"]}, {"type": "string", "pattern": "^(a+)+$"}).fits
    assert time.process_time() - began < 5


def test_many_values_are_compared() -> None:
    values = [f"value{at}" for at in range(50_000)]
    began = time.process_time()
    assert compared({"enum": values}, {"enum": [*values[1:], "more"]}).misfits == ("it may be value0",)
    assert compared({"enum": values[1:]}, {"enum": values}).fits
    assert time.process_time() - began < 5


def graph(many: int, *, older: bool, differ: int) -> dict[str, str]:
    types = [
        f'"""Of number {at}.""" type T{at} {{ id: ID! next: T{(at + 1) % many} '
        f"{'old: Int' if older and at < differ else ''} "
        f"many(first: Int, after: String): [T{(at * 7) % many}!]! }}"
        for at in range(many)
    ]
    return {"graphql": f"type Query {{ t: T0 }} {' '.join(types)}"}


def test_of_a_large_graph_only_what_differs_is_read() -> None:
    began = time.process_time()
    newer, older = graph(15_000, older=False, differ=9), graph(15_000, older=True, differ=9)
    assert len(older["graphql"]) > 1_400_000
    assert len(compared(newer, older).misfits) == 9
    assert time.process_time() - began < 6


def test_a_graph_of_which_too_much_differs_is_told_and_not_read() -> None:
    newer, older = graph(15_000, older=False, differ=15_000), graph(15_000, older=True, differ=15_000)
    found = compared(newer, older)
    assert not found.misfits
    assert "which are not compared" in found.doubts[0]
