"""Who brought an event about is found, wherever the event says it: by who searches the log, and by who is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odmd.control.ports.ledger import Entry
from odmd.control.reading.trail import told
from odmd.control.scheduler.about import actor_of
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.codec import EVENTS
from odmd.control.scheduler.events import Event

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(st.characters(codec="utf-8"), max_size=8))


def actors(part: object) -> Iterator[Actor]:
    """All that an event, or a part of it, names."""
    for field in fields(part) if is_dataclass(part) else ():
        value = getattr(part, field.name)
        if isinstance(value, Actor):
            yield value
        elif is_dataclass(value):
            yield from actors(value)


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
@given(st.data())
def test_who_it_names_is_found(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(st.from_type(kind))
    by = next(actors(event), None)
    assert actor_of(event) == by
    assume(by is None or by.name)
    name, body = EVENTS.encode(event)
    entry = Entry(1, 0.0, name, "", body, None)
    assert told(entry, json.loads(body)).actor == (by.name if by else getattr(event, "worker", ""))
