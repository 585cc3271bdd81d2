"""What of comments and commits is said to odmd, and what only looks so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.leading.pulls.words import Trailer, Word, trailer, words

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def test_a_line_of_its_own_is_a_word_with_what_follows() -> None:
    found = words("Let us see.\r\n/odmd clone orders@main --ttl 3d --with-consumers\r\n\r\n/odmd  why \nbye")
    assert found == [Word("clone", ("orders@main", "--ttl", "3d", "--with-consumers")), Word("why")]
    assert (found[0].option("--ttl"), found[0].option("--with-consumers"), found[1].option("--ttl")) == ("3d", "", None)


@pytest.mark.parametrize(
    "text",
    [
        "> /odmd clone",
        "please /odmd clone",
        "  /odmd clone",
        "/odmdclone",
        "/ODMD clone",
        "/odmd",
        "```\n/odmd clone\n```",
        "~~~~ text\n/odmd clone\n~~~\n/odmd clone",
        "<!-- -->/odmd clone",
        "/odmd clone" + " x" * 2000,
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert words(text) == []


def test_a_comment_has_a_few_at_most() -> None:
    assert len(words("/odmd why\n" * 1000)) == 5


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("cheaper\n\nodmd: create@main", Trailer("main")),
        ("cheaper\n\nwhy so\n\nodmd: create@feature/x_1\nSigned-off-by: Ada <a@b>\n", Trailer("feature/x_1")),
        ("cheaper\r\n\r\nodmd: delete\r\n", Trailer("")),
        ("odmd: create@main", None),
        ("cheaper\nodmd: create@main", None),
        ("cheaper\n\nodmd: create@main (or not)", None),
        ("cheaper\n\nsee below\nodmd: create@main", None),
        ("cheaper\n\n> odmd: create@main", None),
        ("cheaper\n\n* one\n\nodmd: create@main\n\n* two", None),
        ("cheaper\n\nODMD: create@main", None),
        ("", None),
    ],
)
def test_a_trailer_stands_in_the_last_paragraph_among_trailers(message: str, found: Trailer | None) -> None:
    assert trailer([message]) == found


def test_the_last_commit_that_says_something_counts() -> None:
    said = ["a\n\nodmd: create@main", "b\n\nodmd: delete", "c"]
    assert trailer(said) == Trailer("")
    assert trailer(said[:1]) == Trailer("main")


@given(TEXT, TEXT)
def test_whatever_stands_around_it_in_its_line_a_word_is_none(before: str, after: str) -> None:
    before, after = (text.replace("\n", "").replace("\r", "") for text in (before, after))
    found = words(f"{before.strip() or 'x'}/odmd clone{after}")
    assert found == []


@given(st.lists(TEXT, max_size=4))
def test_nothing_that_people_write_stops_the_reading(texts: list[str]) -> None:
    assert all(one.name for text in texts for one in words(text))
    trailer(texts)
