"""YAML of people whom nobody has to trust."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.providers.kubernetes.yaml_documents import YamlUnfit, read_documents


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a: 1\n---\n---\nb: [x]\n", [{"a": 1}, {"b": ["x"]}]),
        ("at: 2026-11-27\nsince: 12:30:45\n", [{"at": "2026-11-27", "since": "12:30:45"}]),
        ("mode: 0644\non: yes\noff: null\nhalf: 0.5\n", [{"mode": 420, True: True}]),
        ("base: &b {x: 1}\nmore: {<<: *b, y: 2}\n", [{"base": {"x": 1}, "more": {"x": 1, "y": 2}}]),
        ("list: [~, '1', \"2\"]\n", [{"list": [None, "1", "2"]}]),
        ("", []),
    ],
)
def test_it_is_read_as_kubernetes_reads_it(text: str, read: list[object]) -> None:
    if "on:" in text:  # `on` is no text in YAML 1.1, and no key
        with pytest.raises(YamlUnfit, match="is no text, as keys are"):
            read_documents(text.encode())
        return
    assert read_documents(text.encode()) == read


def test_aliases_are_copies() -> None:
    (found,) = read_documents(b"a: &x {deep: [1]}\nb: *x\n")
    assert isinstance(found, dict)
    assert found["a"] == found["b"]
    assert found["a"] is not found["b"]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("a: 1\na: 2\n", "line 2: key 'a' is there twice", id="a key twice"),
        pytest.param("1: a\n", "line 1: 1 is no text, as keys are", id="a number as key"),
        pytest.param(
            "a: !!python/object/apply:os.system [id]\n", "is nothing that manifests hold", id="a python object"
        ),
        pytest.param("a: !!binary aGk=\n", "is nothing that manifests hold", id="bytes"),
        pytest.param("a: !!set {x}\n", "is nothing that manifests hold", id="a set"),
        pytest.param("a: .inf\n", "is no number to Kubernetes", id="infinity"),
        pytest.param("a: [\n", "line 2", id="not closed"),
        pytest.param("[" * 5_000, "deeper, longer", id="deep"),
        pytest.param("a: &a [*a]\n", "refers to itself|recursi|unhashable|deep", id="itself"),
        pytest.param(BOMB, "its aliases make more of it", id="a bomb"),
        pytest.param("x: " + "a" * 3_000_001, "and manifests have 3000000 at most", id="large"),
        pytest.param("a: *b\n", "undefined alias", id="an alias of nothing"),
    ],
)
def test_what_nobody_means_is_refused(text: str, why: str) -> None:
    with pytest.raises(YamlUnfit, match=why):
        read_documents(text.encode())


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(YamlUnfit, match="no UTF-8"):
        read_documents(b"a: \xff\n")


@given(st.binary(max_size=200) | st.text("{}[]&*!a:-\n #'\"|>%@", max_size=60).map(str.encode))
def test_whatever_it_is_it_is_read_or_refused(text: bytes) -> None:
    try:
        read_documents(text)
    except YamlUnfit:
        return
