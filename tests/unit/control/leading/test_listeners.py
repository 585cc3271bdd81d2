"""Those who follow the log hurt nobody when they fail."""

from __future__ import annotations

import logging

import pytest

from odmd.control.leading.leader import Leader
from odmd.control.ports.log import Logged
from odmd.control.scheduler.messages import PauseScope, ResumeScope
from odmd.control.scheduler.setup import Limits, Setup
from odmd.control.scheduler.state import State
from odmd.store.memory import MemoryStore
from support.actors import somebody
from support.until import TOO_LONG
from support.worlds import graph_of, node


def _nowhere(_position: int, _effects: object) -> None:
    pass


def test_one_that_raises_reaches_neither_the_others_nor_who_asked(caplog: pytest.LogCaptureFixture) -> None:
    store, heard = MemoryStore(), list[int]()
    store._outbox = _nowhere  # pyright: ignore[reportPrivateUsage]  # it asks for no effect that matters here

    def fails(_entry: Logged, _state: State) -> None:
        raise ValueError("ill")

    def listens(entry: Logged, _state: State) -> None:
        heard.append(entry.position)

    leader = Leader(store, Setup(graph_of([node(0)]), Limits(1), 0.0), (fails, listens))
    with caplog.at_level(logging.ERROR):
        leader.start()
        assert leader.ask(PauseScope("*", somebody("ada")), patience=TOO_LONG)
        assert leader.ask(ResumeScope("*", somebody("ada")), patience=TOO_LONG), "the one who decides goes on"
        leader.stop()
    assert leader.broken is None
    assert heard == [entry.position for entry in store.read()]
    assert leader.deaf == len(heard)
    assert "a listener failed" in caplog.text
