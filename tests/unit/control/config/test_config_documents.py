"""A document is read as YAML 1.2 says, whoever wrote it; and what is written is read again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.config.document import EMPTY, LARGEST, ConfigDocument, read_document, read_values
from odmd.errors import ConfigUnreadable

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.builds(
    ConfigDocument,
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.dictionaries(st.text(max_size=8), VALUES, min_size=1, max_size=4),
        max_size=3,
    ),
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=30), max_size=2),
)


@given(DOCUMENTS)
def test_what_is_written_is_read_again(document: ConfigDocument) -> None:
    assert ConfigDocument.from_json(document.to_json()) == document
    assert read_document(document.to_yaml().encode(), "it") == document


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("no", "no"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("2024-01-01", "2024-01-01"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0x1F", 31),
        ("0o17", 15),
        ("012", 12),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("~", None),
        ("", None),
        (".inf", ".inf"),
        ("'5'", "5"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_words_mean_what_yaml_1_2_says(written: str, means: object) -> None:
    found = read_document(f"config: {{}}\nsecrets:\nx: {written}".replace("x:", "#").encode(), "f")
    assert found == EMPTY
    assert read_values(f"a: {written}".encode(), "f") == {"a": means}


@pytest.mark.parametrize(
    ("text", "fact", "next_step"),
    [
        (b"config:\n  p: &a\n    x: *a\n", "line 3: aliases are not read", ""),
        (b"a: &a [x]\nb: [*a, *a]", "line 2: aliases", ""),
        (b"config:\n\tx: 1", "line 2", "indent with spaces, no tabs"),
        (b"\xff\xfec\x00", "it is no UTF-8: byte 0".replace("it is", "f.yaml is"), "UTF-8"),
        (b"config: [1]", "f.yaml: config is no object", "below its name"),
        (b"config: {prices: 1}", "config.prices is no object", ""),
        (b"secrets: {key: 1}", "secrets.key is no text", ""),
        (b"conf: {}", "has a section conf, and there is none", ""),
        (b"[]", "f.yaml is no object", ""),
        (b"config: {p: {a: 1, a: 2}}", "key 'a' is there twice", ""),
        (b"config: {p: {1: 2}}", "1 is no text, as keys are", ""),
        (b"x" * (LARGEST + 1), "has 1,000,001 bytes", "bucket"),
        (b"[" * 5000, "deeper than 32 levels", ""),
        (b"a: !!python/object/apply:os.system [ls]", "nothing that config holds", ""),
        (b"a: 1\n--- \nb: 2", "expected a single document", ""),
        (b"a: 1e999", "is no number", ""),
        (b"{", "f.yaml line", ""),
        (b"a: " + b"9" * 10_000, "", ""),
    ],
)
def test_what_is_no_document_is_refused_with_its_line(text: bytes, fact: str, next_step: str) -> None:
    with pytest.raises(ConfigUnreadable) as told:
        read_document(text, "f.yaml")
    assert fact in told.value.fact
    assert next_step in told.value.next_step
    assert len(told.value.fact) < 300


def test_nothing_is_a_document_that_says_nothing() -> None:
    for text in (b"", b"# nothing\n", b"config:\nsecrets:\n", b"{}", b"\xef\xbb\xbfconfig:", b"config: {prices: {}}"):
        assert read_document(text, "f") == EMPTY
    assert EMPTY.to_yaml() == ""
    assert not EMPTY


def test_json_is_a_document_too() -> None:
    said = {"config": {"prices": {"latte": 4.5, "cakes": ["a"]}}, "secrets": {"key": "arn:x"}}
    assert read_document(json.dumps(said).encode(), "f") == ConfigDocument(said["config"], said["secrets"])
