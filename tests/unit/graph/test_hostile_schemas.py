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
