"""What has to be fetched before a Dockerfile is built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.providers.images.dockerfile import bases, is_pinned


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM scratch\n", []),
        ("FROM python:3.11\nRUN true\n", ["python:3.11"]),
        ("from --platform=$BUILD node as one\nFROM nginx\nCOPY --from=one /a /b\n", ["node", "nginx"]),
        ("FROM a AS one\nFROM one AS two\nCOPY --from=0 /x /\nFROM two\n", ["a"]),
        ("FROM a\nCOPY --chown=1 --from=tools:1 /x /\n", ["a", "tools:1"]),
        ("FROM a\nRUN --mount=type=bind,from=cache:2,target=/x ls\n", ["a", "cache:2"]),
        ("ARG V=3\nFROM python:${V}\n", ["python:3"]),
        ("ARG V=3\nFROM python:$V\nARG V=4\nFROM other:$V\n", ["python:3", "other:3"]),
        ("ARG V\nFROM python:${V:-3.12}\n", ["python:3.12"]),
        ("ARG SLIM=yes\nFROM python:3${SLIM:+-slim}\n", ["python:3-slim"]),
        ("# FROM nothing\n\nFROM \\\n# in between\n  python:3\n", ["python:3"]),
        ("# escape=`\nFROM `\n  windows\n", ["windows"]),
        ("FROM a AS Build\nFROM build\n", ["a"]),
        ("", []),
    ],
)  # fmt: skip
def test_the_images_that_it_begins_from(text: str, found: list[str]) -> None:
    assert bases(text, {}) == found


def test_who_builds_says_otherwise() -> None:
    assert bases("ARG V=3\nFROM python:$V\n", {"V": "4"}) == ["python:4"]


def test_a_digest_never_moves() -> None:
    assert is_pinned(f"python@sha256:{'a' * 64}")
    assert not is_pinned("python:3")


@given(st.text(alphabet="FROM as\n\\#`${}:-=ARGCOPY 0x", max_size=80))
def test_whatever_stands_in_it_is_read(text: str) -> None:
    assert all(bases(text, {"A": "x"})) or "" in bases(text, {"A": "x"})
