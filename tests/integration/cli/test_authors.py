"""From a value back to the commit that it was made of, and to who wrote that, of what was recorded alone."""

from __future__ import annotations

import pytest

from odmd.plan.commits import Author
from support.recording import Desk

ADA, GRACE = Author("Ada L.", 1.0e9), Author("Grace H.")


@pytest.fixture
def recorded(desk: Desk) -> Desk:
    """A bus of two versions, by two authors; there are no repositories here."""
    desk.push("foundation", "reader", commit="a" * 40, author=ADA).finish(1, "one").finish(2)
    desk.push("foundation", commit="b" * 40, author=GRACE).finish(3, "two").finish(4)
    return desk.record()


def test_a_value_leads_to_both_authors(recorded: Desk) -> None:
    assert (
        "commit aaaaaaa by Ada L., 2001-09-09 01:46:40 UTC"
        in recorded.odmd("why", "foundation@main/bus", "--version", "1").out
    )
    assert "commit bbbbbbb by Grace H.\n" in recorded.odmd("why", "foundation@main/bus").out
    assert "Grace H." in recorded.odmd("why", "foundation@main/bus", "--format", "html").out


def test_a_commit_leads_to_its_author(recorded: Desk) -> None:
    assert "commit aaaaaaa by Ada L., 2001-09-09 01:46:40 UTC" in recorded.odmd("reached", "aaaa").out


def test_where_a_value_is_says_of_what_it_was_made_and_by_whom(recorded: Desk) -> None:
    shown = recorded.odmd("where", "foundation@main/bus#1").out
    assert "made of commit aaaaaaa by Ada L., 2001-09-09 01:46:40 UTC" in shown
    said = recorded.odmd("where", "foundation@main/bus#2", "--json").data
    assert (said["made_of"], said["author"]) == ("b" * 40, {"name": "Grace H.", "at": None})


def test_the_history_of_an_enver_names_who_wrote_what_it_ran(recorded: Desk) -> None:
    shown = recorded.odmd("history", "foundation@main").out
    assert "aaaaaaa → bbbbbbb by Grace H.\n" in shown
    assert "aaaaaaa by Ada L., 2001-09-09 01:46:40 UTC\n" in shown
    told = recorded.odmd("history", "foundation@main", "--json").data["happenings"]
    assert [one["author"]["name"] for one in told if one["author"]] == ["Grace H.", "Ada L."]
