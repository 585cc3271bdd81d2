"""What is written can be read again, also by a release that knows less or more fields."""

import json
from typing import ClassVar, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.effects import Effect, SendLater
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.events import Event, RunClaimed
from odmd.control.scheduler.messages import Answer, ClaimRun, Message
from odmd.control.scheduler.questions import LOSS, SOURCE, AboutInput
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.state import Pause, Standing, Wave
from odmd.control.scheduler.values import RunInput, Value
from odmd.errors import StateUnreadable
from odmd.store.codec import EFFECTS, ENVERS, EVENTS, MESSAGES, RUNS, STANDING, VALUES, WAVES, Body, Tagged
from odmd.store.unknown import keep_unknown
from support.actors import somebody
from support.soak import examples

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(st.characters(codec="utf-8"), max_size=8))
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(lambda name: name != "!")  # as of inputs
st.register_type_strategy(AboutInput, st.builds(AboutInput, NAMES))
RELAXED = settings(deadline=None, max_examples=examples(40))


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


@pytest.mark.parametrize(("question", "key"), [(AboutInput("bus"), "bus"), (SOURCE, ""), (LOSS, "!")])
def test_questions_are_written_under_the_keys_that_older_releases_read(question, key):
    _, message = MESSAGES.encode(Answer("a/b..main", question, "id", True, somebody("ada")))
    enver = json.loads(ENVERS.encode(Enver("a/b..main", rejected={question: "id"})))
    assert (json.loads(message)["input"], enver["rejected"]) == (key, {key: "id"})


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


class TestUpcasts:
    """As if `RunClaimed.worker` had been called `by`, and before that `who`, in a list."""

    UPCASTS: ClassVar = {
        ("RunClaimed", 1): lambda said: {**said, "by": said["who"][0]},
        ("RunClaimed", 2): lambda said: {**said, "worker": said["by"]},
    }
    EVENTS = Tagged(RunClaimed, UPCASTS)

    def test_a_body_of_any_older_version_is_read(self):
        first, second = '{"run": 1, "attempt": 2, "at": 3.0, "who": ["w"]}', '{"run":1,"attempt":2,"at":3.0,"by":"w"}'
        assert self.EVENTS.decode("RunClaimed", first) == RunClaimed(1, 2, "w", 3.0)
        assert self.EVENTS.decode("RunClaimed@2", second) == RunClaimed(1, 2, "w", 3.0)

    def test_what_is_written_has_the_newest_version_and_is_read_as_it_is(self):
        tag, body = self.EVENTS.encode(RunClaimed(1, 2, "w", 3.0))
        assert tag == "RunClaimed@3"
        assert self.EVENTS.decode(tag, body) == RunClaimed(1, 2, "w", 3.0)

    @pytest.mark.parametrize("tag", ["RunClaimed@4", "RunClaimed@10"])
    def test_a_newer_version_is_refused(self, tag):
        with pytest.raises(StateUnreadable, match=tag) as refusal:
            self.EVENTS.decode(tag, "{}")
        assert "newer" in refusal.value.next_step

    def test_a_missing_upcast_is_a_mistake(self):
        with pytest.raises(ValueError, match="missing"):
            Tagged(RunClaimed, {("RunClaimed", 2): dict})


class TestUnknownFields:
    """Written by a newer release, and kept when this one writes the body anew."""

    def test_they_stay(self):
        old = rewritten(ENVERS, Enver("a", commit="1"), colour="blue")
        assert kept(ENVERS, old, Enver("a", commit="2")) == {**plain(ENVERS, Enver("a", commit="2")), "colour": "blue"}

    def test_they_stay_where_what_they_stand_in_stays(self):
        standing = Standing(pauses={"a": Pause(somebody("ada"), "", 1.0), "b": Pause(somebody("bob"), "", None)})
        old = plain(STANDING, standing)
        for scope in "ab":
            old["pauses"][scope]["colour"] = scope
        now = Standing(
            contracts="new", pauses={"b": Pause(somebody("bob"), "later", 2.0), "c": Pause(somebody("cy"), "", None)}
        )
        written = kept(STANDING, json.dumps(old), now)
        assert written["pauses"]["b"] == {
            "by": plain(Body(Actor), somebody("bob")),
            "why": "later",
            "until": 2.0,
            "colour": "b",
        }
        assert written["pauses"].keys() == {"b", "c"}
        assert STANDING.decode(json.dumps(written)) == now

    def test_they_stay_with_their_item_of_a_list(self):
        first, second = RunInput("x", "p", 1, "{}", "i"), RunInput("y", "p", 2, "{}", "i")
        old = plain(ENVERS, Enver("a", consumed=(first, second)))
        old["consumed"][1]["colour"] = "blue"
        written = kept(ENVERS, json.dumps(old), Enver("a", consumed=(second,)))
        assert written["consumed"] == [{**old["consumed"][1]}]

    def test_without_any_the_body_is_as_it_would_be(self):
        old, new = ENVERS.encode(Enver("a", owes=frozenset({1, 2}))), ENVERS.encode(Enver("a"))
        assert keep_unknown(ENVERS, old, new) == new
        assert keep_unknown(ENVERS, '{"address": "a"}', new) == new


def plain(body: Body, value: object) -> dict:
    return json.loads(body.encode(value))


def rewritten(body: Body, value: object, **more: object) -> str:
    return json.dumps({**plain(body, value), **more})


def kept(body: Body, old: str, new: object) -> dict:
    return json.loads(keep_unknown(body, old, body.encode(new)))


def test_the_name_is_the_class():
    assert EVENTS.encode(RunClaimed(1, 2, "w", 3.0))[0] == "RunClaimed"
    assert EFFECTS.decode("SendLater", '{"due": 1.5, "message": {"product": "p", "version": 2}}') == SendLater(
        1.5, EFFECTS.decode("SendLater", '{"due": 1.5, "message": {"product": "p", "version": 2}}').message
    )
