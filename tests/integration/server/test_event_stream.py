"""The live stream: in order, without a gap, resumed by position, and cheap for many."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

from odmd.client import AgentWord, Client
from odmd.client.stream import Alive, Message
from odmd.control.ports.log import Logged
from odmd.control.ports.run_log import Line
from odmd.control.reading.views import Happened
from odmd.control.scheduler import events as e
from odmd.errors import PositionUnknown
from odmd.server.listening import WantedEvents
from odmd.server.stream import Feed
from support.actors import somebody
from support.served import Served
from support.until import TOO_LONG, until
from support.worlds import address


def take(messages: Iterator[Message], wanted: int) -> list[Happened]:
    found: list[Happened] = []
    for message in messages:
        if isinstance(message.what, Happened):
            found.append(message.what)
        if len(found) == wanted:
            break
    return found


def test_what_was_and_what_comes_is_told_once_and_in_order(served: Served) -> None:
    served.deploy()
    end = served.store.position()
    with Client(served.url, served.own) as client:
        messages = client.follow(0)
        first = take(messages, end)
        served.push("c2", 0)
        served.finish(0, "two")
        rest = take(messages, served.store.position() - end)
    assert [one.position for one in (*first, *rest)] == list(range(1, served.store.position() + 1))
    assert [one.event for one in (*first, *rest)] == [entry.event for entry in served.store.read()]


def test_it_is_resumed_where_it_ended(served: Served) -> None:
    served.deploy()
    headers = {"Last-Event-ID": f"acme:{served.store.position() - 1}"}
    with served.http() as api, api.stream("GET", "/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        ids = (line for line in answer.iter_lines() if line.startswith("id:"))
        assert next(ids) == f"id: acme:{served.store.position() - 1}", "where it begins"
        assert next(ids) == f"id: acme:{served.store.position()}"


@pytest.mark.parametrize("said", ["other:1", "999999", "acme:-1", "x"])
def test_a_position_of_another_log_is_refused(served: Served, said: str) -> None:
    with served.http() as api:
        answer = api.get("/events", params={"after": said})
    assert (answer.status_code, answer.json()["code"]) == (410, "ODMD312")


def test_the_client_says_so_too(served: Served) -> None:
    with Client(served.url, served.own) as client, pytest.raises(PositionUnknown):
        next(client.follow(10**6))


def test_runs_are_heard_and_move_no_position(served: Served) -> None:
    with Client(served.url, served.own) as client:
        served.deploy()
        messages = client.follow(served.store.position(), runs=[1])
        next(messages)
        until(lambda: served.feed._line is not None)  # pyright: ignore[reportPrivateUsage]
        served.say(2, "of another run")
        served.say(1, "checkout", lasting=True)
        heard = next(message for message in messages if isinstance(message.what, AgentWord))
    assert heard.what == AgentWord(1, "checkout", True)
    assert heard.id == f"acme:{served.store.position()}", "no decision"


def test_what_comes_while_somebody_begins_to_listen_is_told() -> None:
    log = list[Logged]()

    def lines(_run: int | None, _after: int | None, _limit: int) -> Sequence[Line]:
        """Slow: something is committed, and read for all others, meanwhile."""
        log.append(Logged(len(log) + 1, e.Released(1, "writer/b..main", somebody("ada"), 0.0), "m1"))
        feed.wake()
        until(lambda: feed._at == len(log))  # pyright: ignore[reportPrivateUsage]
        return ()

    feed = Feed("acme", lambda after, _limit: log[after:], lines, lambda _run: None)

    async def told() -> str:
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(feed.run(0))
            messages = feed.follow(0, WantedEvents(change=1))
            await anext(messages)
            said = await asyncio.wait_for(anext(messages), TOO_LONG)
            await messages.aclose()
            reading.cancel()
        return said.decode()

    assert asyncio.run(told()).startswith("id: acme:1\n")


def test_two_hundred_listen_at_once(served: Served) -> None:
    served.deploy()
    before, told = served.store.position(), list[int]()
    counted = threading.Lock()

    def listen() -> None:
        with served.http() as http, http.stream("GET", "/events", timeout=60) as answer:
            for line in answer.iter_lines():
                if line.startswith("id:") and (position := int(line.rpartition(":")[2])) > before:
                    with counted:
                        told.append(position)
                    return

    threads = [threading.Thread(target=listen) for _ in range(200)]
    for one in threads:
        one.start()
    until(lambda: len(served.feed._listeners) == 200)  # pyright: ignore[reportPrivateUsage]
    served.push("c2", 0)
    for one in threads:
        one.join(60)
    assert told == [before + 1] * 200
    until(lambda: not served.feed._listeners)  # pyright: ignore[reportPrivateUsage]


def test_who_does_not_keep_up_is_cut_off_and_others_are_not(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("odmd.server.stream.BEHIND", 5)
    served.deploy()
    with served.http() as slow, slow.stream("GET", "/events?run=1", timeout=60) as answer:
        until(lambda: served.feed._line is not None)  # pyright: ignore[reportPrivateUsage]
        (listener,) = served.feed._listeners  # pyright: ignore[reportPrivateUsage]
        for _ in range(500):
            served.say(1, "x" * 2_000)
        until(lambda: listener.ended)
        served.deploy("c2")
        list(answer.iter_raw())
    until(lambda: not served.feed._listeners)  # pyright: ignore[reportPrivateUsage]
    with served.http() as api:
        assert api.get("/envers").status_code == 200


def test_who_lost_the_connection_before_anything_happened_misses_nothing(served: Served) -> None:
    with Client(served.url, served.own) as client:
        first = next(client.follow())
        assert first.what == Alive()
        assert first.id == f"acme:{served.store.position()}", "what to resume after"


def told(served: Served, **asked: object) -> tuple[list[int], list[tuple[int, str]]]:
    """The positions and lines that a listener is told while two runs speak and everything is deployed anew."""
    positions, lines = list[int](), list[tuple[int, str]]()
    with Client(served.url, served.own) as client:
        messages = client.follow(0, **asked)  # pyright: ignore[reportArgumentType]
        next(messages)
        if asked:
            until(lambda: served.feed._line is not None)  # pyright: ignore[reportPrivateUsage]
        served.say(1, "one")
        served.say(2, "two")
        served.push("last", 0)
        served.finish(0, "last")
        for message in messages:
            match message.what:
                case AgentWord(run, line):
                    lines.append((run, line))
                case Happened(position, event):
                    positions.append(position)
                    if isinstance(event, e.RunSucceeded) and event.run > 2:
                        break
                case _:
                    pass
    return positions, lines


def test_who_asks_for_nothing_hears_every_decision_and_no_run(served: Served) -> None:
    served.deploy()
    positions, lines = told(served)
    assert positions == list(range(1, positions[-1] + 1))
    assert lines == []


def test_who_asks_for_an_enver_hears_of_it_alone(served: Served) -> None:
    served.deploy()
    log = {entry.position: entry.event for entry in served.store.read()}
    positions, lines = told(served, envers=["e0@main"])
    log.update({entry.position: entry.event for entry in served.store.read()})
    assert lines == [(1, "one")], "run 2 is that of e1"
    heard = [log[position] for position in positions]
    assert {event.enver for event in heard if isinstance(event, e.RunStarted)} == {address(0)}
    assert {event.run for event in heard if isinstance(event, e.RunClaimed)} >= {1}
    assert not any(isinstance(event, e.RunClaimed) and event.run == 2 for event in heard)


def test_who_follows_a_change_hears_its_runs(served: Served) -> None:
    served.deploy()
    positions, lines = told(served, change=1)
    assert positions == list(range(1, positions[-1] + 1))
    assert lines == [(1, "one"), (2, "two")]


def test_a_change_of_somebody_else_is_not_heard(served: Served) -> None:
    served.deploy()
    assert told(served, change=77)[1] == []


def test_an_enver_that_nobody_has_is_refused(served: Served) -> None:
    with served.http() as api:
        assert api.get("/events", params={"enver": "nobody@main"}).json()["code"] == "ODMD101"
