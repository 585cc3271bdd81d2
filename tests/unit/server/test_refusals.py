"""Whoever is turned away at the door stands in the log, and no flood of that makes the log grow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.scheduler.may import Action
from odmd.control.scheduler.messages import NoteRefusal
from odmd.errors import NotAllowed, StateUnreadable
from odmd.server.refusals import MOST, Refusals
from support.actors import somebody

NO = NotAllowed("the token is good for read, and this needs write", next_step="use another one")
KNOCKS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob", "eve"]),
        st.sampled_from([Action.PAUSE, Action.CHANGE]),
        st.floats(0, 40),
    ),
    max_size=60,
)


class Inbox:
    """As a state's: an id that came before changes nothing."""

    def __init__(self) -> None:
        self.told = dict[str, NoteRefusal]()
        self.asked = 0

    def receive(self, id: str, message: NoteRefusal, _at: float) -> bool:
        self.asked += 1
        return self.told.setdefault(id, message) is message


@given(KNOCKS, st.integers(1, 3))
def test_each_who_and_what_is_told_once_a_minute_by_all_servers_together(
    knocks: list[tuple[str, Action, float]], servers: int
) -> None:
    inbox, now, expected = Inbox(), 0.0, set[tuple[str, Action, int]]()
    doors = [Refusals(inbox.receive, lambda: now) for _ in range(servers)]
    for n, (who, action, later) in enumerate(knocks):
        now += later
        expected.add((who, action, int(now // 60)))
        doors[n % servers].note(somebody(who), action, NO)
    assert len(inbox.told) == len(expected)
    assert {(one.by.name, one.action) for one in inbox.told.values()} == {one[:2] for one in expected}
    assert inbox.asked <= len(expected) * servers, "nothing is written for what was told"


def test_however_many_knock_in_a_minute_the_log_gets_so_many_lines_and_goes_on_in_the_next() -> None:
    inbox, now = Inbox(), 0.0
    door = Refusals(inbox.receive, lambda: now)
    for n in range(3 * MOST):
        door.note(somebody(f"nobody {n}"), Action.READ, NO)
    assert len(inbox.told) == MOST
    now = 61.0
    door.note(somebody("ada"), Action.READ, NO)
    assert len(inbox.told) == MOST + 1


def test_where_it_cannot_be_told_nobody_is_let_in_by_that(caplog: pytest.LogCaptureFixture) -> None:
    def full(_id: str, _message: NoteRefusal, _at: float) -> bool:
        raise StateUnreadable("the disk is full", next_step="make room")

    Refusals(full).note(somebody("ada"), Action.PAUSE, NO)
    assert "the disk is full" in caplog.text
