"""What people ask of a server: done once, under their own name, or refused with the reason."""

from __future__ import annotations

import time

import httpx
import pytest
from sqlalchemy import event

from odmd.client import Client
from odmd.control.leading.wishes import Answering, Cancelling, Pausing, Releasing, Resuming, RollingBack
from odmd.control.scheduler.actor import Scope
from odmd.errors import (
    EnverUnknown,
    NotCommitted,
    NothingAsked,
    OfferMoved,
    PinRefused,
    RepositoryUnreachable,
    TeamUnknown,
)
from odmd.plan import Limited
from support.served import Served


def kinds(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [event["type"] for event in answer.json()["events"]]


def test_every_wish_over_http(served: Served) -> None:
    served.deploy()
    with Client(served.url, served.own) as client:
        (asked,) = client.enver("e2@main").asks
        answer = Answering("e2@main", "in1", True, "looks good", asked.identity)
        assert client.tell(answer)[0].event.by.name == "ada"  # type: ignore[union-attr]
        served.finish(2)
        client.tell(Pausing("team:baristas", "inventory", time.time() + 60))
        assert [(pause.scope, pause.why) for pause in client.pauses()] == [("team:baristas", "inventory")]
        client.tell(Resuming("team:baristas"))
        assert not client.pauses()
        served.push("c2", 0)
        run = served.finish(0, "c1")
        client.tell(RollingBack("e0@main", 1, "it was better"))
        served.finish(0, "c1")
        assert client.enver("e0@main").held_at == 1
        (released,) = client.tell(Releasing("e0@main", "mended"))[:1]
        assert released.event.why == "mended"  # type: ignore[union-attr]
        under_way = client.enver("e0@main").run
        assert under_way is not None
        assert under_way > run
        (cancelled,) = client.tell(Cancelling(under_way, "too early"))[:1]
        assert cancelled.event.why == "too early"  # type: ignore[union-attr]
        assert "too early" in served.store.read(limit=10_000)[-1].event.error  # type: ignore[union-attr]
        assert client.runs("e0@main", 1)[0].cancelled == "ada"


def test_who_is_released_goes_on_with_the_newest_commit(served: Served) -> None:
    served.deploy()
    served.push("broken", 0)
    served.finish(0, "c1")
    with Client(served.url, served.own) as client:
        client.tell(RollingBack("e0@main", 1))
        served.finish(0, "c1")
        fixed = served.repositories.commit("acme/e0", "main", {"app.py": "mended"})
        client.tell(Releasing("e0@main"))
        assert client.runs("e0@main", 1)[0].fingerprint.commit == fixed


def test_who_cannot_be_read_stays_held(served: Served) -> None:
    served.deploy()
    served.push("broken", 0)
    served.finish(0, "c1")
    served.repositories.lose("acme/e0")
    with Client(served.url, served.own) as client:
        client.tell(RollingBack("e0@main", 1))
        with pytest.raises(RepositoryUnreachable):
            client.tell(Releasing("e0@main"))
        assert client.enver("e0@main").held_at == 1


def test_a_plan_names_who_cannot_be_read_and_so_do_reads(served: Served, api: httpx.Client) -> None:
    served.deploy()
    before = api.get("/envers").headers["ETag"]
    served.repositories.lose("acme/e0")
    plan = api.post("/plans", json={}).json()["plan"]
    assert [one["enver"] for one in plan["unreadable"]] == ["e0/b..main"]
    told = api.get("/envers", headers={"If-None-Match": before})
    assert told.status_code == 200
    assert told.json()["items"][0]["unreadable"]["why"] == "there is no repository acme/e0"
    with Client(served.url, served.own) as client:
        assert "unreadable since" in client.why("e0@main")[1].text
        assert client.plan(Limited(("e1@main",))).unreadable[0].code == "ODMD201"


def test_contracts_that_are_not_committed_are_deployed_only_when_that_is_said(served: Served) -> None:
    served.service.uncommitted = ("contracts.py",)
    with Client(served.url, served.own) as client:
        plan = client.plan(Limited())
        assert plan.uncommitted == ("contracts.py",)
        with pytest.raises(NotCommitted):
            client.start(plan.digest(), "because")
        assert client.start(plan.digest(), "because", allow_dirty=True).wave == 1
        served.finish(0)
        assert any("because, with uncommitted changes in contracts.py" in one.text for one in client.why("e0@main"))


def test_what_makes_no_sense_is_refused_as_on_the_state_folder(served: Served) -> None:
    served.deploy()
    with Client(served.url, served.own) as client:
        with pytest.raises(NothingAsked):
            client.tell(Answering("e1@main", None, True, identity="of nothing"))
        with pytest.raises(EnverUnknown):
            client.tell(Cancelling(99))
        with pytest.raises(PinRefused):
            client.tell(Releasing("e1@main"))
        with pytest.raises(EnverUnknown):
            client.tell(Pausing("nobody@main"))
        for wish in (Pausing("team:baristos"), Resuming("team:baristos")):
            with pytest.raises(TeamUnknown) as unknown:
                client.tell(wish)
            assert unknown.value.next_step == "did you mean baristas?"


def test_an_answer_is_bound_to_what_was_shown(served: Served) -> None:
    served.deploy()
    with Client(served.url, served.own) as client:
        with pytest.raises(OfferMoved, match="asks about something else by now: in1 #1"):
            client.tell(Answering("e2@main", "in1", True, identity="what was shown"))
        assert client.enver("e2@main").asks


class TestKeys:
    def test_the_same_request_with_the_same_key_is_done_once_and_answered_alike(
        self, served: Served, api: httpx.Client
    ) -> None:
        served.deploy()
        (asked,) = api.get("/envers/e2/b..main").json()["asks"]
        said = {"enver": "e2@main", "approved": True, "identity": asked["identity"]}
        answers = [api.post("/answers", json=said, headers={"Idempotency-Key": "k1"}) for _ in range(3)]
        assert kinds(answers[0])[0] == "Approved"
        assert [answer.json() for answer in answers] == [answers[0].json()] * 3
        assert [type(entry.event).__name__ for entry in served.store.read()].count("Approved") == 1

    def test_another_request_with_the_same_key_is_refused(self, api: httpx.Client) -> None:
        key = {"Idempotency-Key": "k1"}
        assert kinds(api.post("/pauses", json={"scope": "*"}, headers=key)) == ["Paused"]
        other = api.post("/pauses", json={"scope": "team:baristas"}, headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "ODMD307")

    def test_keys_of_others_are_others(self, guarded: Served) -> None:
        said = {"json": {"scope": "*"}, "headers": {"Idempotency-Key": "k1"}}
        with guarded.http(guarded.token(Scope.WRITE, name="a").text) as one:
            assert kinds(one.post("/pauses", **said)) == ["Paused"]  # type: ignore[arg-type]
        with guarded.http(guarded.token(Scope.WRITE, name="b").text) as other:
            done = other.post("/pauses", **said)  # type: ignore[arg-type]
            assert done.json()["events"][0]["body"]["pause"]["by"]["name"] == "b"


def test_who_it_was_is_who_signed_in_whatever_the_body_says(guarded: Served) -> None:
    with guarded.http(guarded.token(Scope.WRITE, name="grace").text) as api:
        assert api.post("/pauses", json={"scope": "*", "by": "root"}).status_code == 422
        done = api.post("/pauses", json={"scope": "*", "why": "inventory"})
        pause = done.json()["events"][0]["body"]["pause"]
        assert (pause["by"]["name"], pause["why"]) == ("grace", "inventory")


@pytest.mark.parametrize(
    ("pragma", "reason"), [("query_only=1", "readonly"), ("max_page_count=1", "full")], ids=["read-only", "full"]
)
def test_a_database_that_takes_no_writes_is_a_clear_refusal_and_reads_go_on(
    served: Served, api: httpx.Client, pragma: str, reason: str
) -> None:
    served.deploy()
    engine = served.store._database._backend.engine  # pyright: ignore[reportPrivateUsage]
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"pragma {pragma}"))
    engine.dispose()
    for n in range(100):  # a full file has some room in its last pages
        answer = api.post("/pauses", json={"scope": "*", "why": f"{n}" + "x" * 1900})
        if answer.status_code != 200:
            break
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "ODMD310"
    assert reason in answer.json()["detail"]
    assert str(served.path) not in answer.text
    assert api.get("/envers").status_code == 200
