"""What is written can be read again, also by a release that knows less or more fields."""

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odmd.control.effects import Effect, SendLater
from odmd.control.events import Event, RunClaimed
from odmd.control.messages import ClaimRun, Message
from odmd.control.state import Enver, Run, Value, Wave
from odmd.errors import StateUnreadable
from odmd.store.codec import EFFECTS, ENVERS, EVENTS, MESSAGES, RUNS, VALUES, WAVES

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(st.characters(codec="utf-8"), max_size=8))
RELAXED = settings(deadline=None, max_examples=40)


@RELAXED
@given(st.data())
@pytest.mark.parametrize(
    ("tagged", "type_"),
    [
        (tagged, type_)
        for tagged, union in ((MESSAGES, Message), (EVENTS, Event), (EFFECTS, Effect))
        for type_ in get_args(union)
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_every_message_event_and_effect_comes_back_equal(tagged, type_, data):
    sent = data.draw(st.from_type(type_))
    assert tagged.decode(*tagged.encode(sent)) == sent


@RELAXED
@given(st.data())
@pytest.mark.parametrize(
    ("body", "type_"),
    [(ENVERS, Enver), (RUNS, Run), (VALUES, Value), (WAVES, Wave)],
    ids=["enver", "run", "value", "wave"],
)
def test_every_projection_comes_back_equal(body, type_, data):
    written = data.draw(st.from_type(type_))
    read = body.decode(body.encode(written))
    assert read == written
    assert type(read) is type_


def test_fields_of_a_later_release_are_ignored():
    name, body = MESSAGES.encode(ClaimRun(1, "w"))
    assert MESSAGES.decode(name, json.dumps({**json.loads(body), "colour": "blue"})) == ClaimRun(1, "w")


def test_fields_that_an_earlier_release_did_not_write_take_their_default():
    assert ENVERS.decode('{"address": "orders@main"}') == Enver("orders@main")


def test_an_event_of_a_later_release_is_refused_with_a_next_step():
    with pytest.raises(StateUnreadable) as refusal:
        EVENTS.decode("MoonLanded", "{}")
    assert "MoonLanded" in refusal.value.fact
    assert "release" in refusal.value.next_step


def test_a_body_that_does_not_fit_its_type_is_refused():
    with pytest.raises(StateUnreadable, match="RunClaimed"):
        EVENTS.decode("RunClaimed", '{"run": "x"}')


def test_the_name_is_the_class():
    assert EVENTS.encode(RunClaimed(1, 2, "w", 3.0))[0] == "RunClaimed"
    assert EFFECTS.decode("SendLater", '{"due": 1.5, "message": {"product": "p", "version": 2}}') == SendLater(
        1.5, EFFECTS.decode("SendLater", '{"due": 1.5, "message": {"product": "p", "version": 2}}').message
    )
