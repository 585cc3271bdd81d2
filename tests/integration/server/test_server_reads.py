"""What the server tells: the same as the embedded commands, in pages, and nothing twice."""

from __future__ import annotations

import httpx
import pytest

from odmd.client import Client
from odmd.errors import EnverUnknown, ServerMisunderstood, ServerUnreachable, SettingsInvalid
from support.served import Served
from support.worlds import address


def test_an_enver_says_what_it_runs_and_what_it_asks(served: Served, api: httpx.Client) -> None:
    served.deploy()
    one = api.get("/envers/e1/b..main").json()
    assert (one["state"], one["commit"], one["inputs"][0]["version"]) == ("deployed", "c1", 1)
    gated = api.get("/envers/e2/b..main").json()
    assert [(ask["input"], ask["gate"]) for ask in gated["asks"]] == [("in1", "baristas")]


def test_the_client_sees_what_a_command_on_the_state_sees(served: Served) -> None:
    served.deploy()
    served.push("c2", 0)
    served.fail(0)
    records = served.service.records
    with Client(served.url, served.own) as client:
        assert list(client.all_envers()) == list(records.all_envers())
        assert client.runs(limit=3) == list(records.runs(limit=3))
        assert client.runs("e0@main") == list(records.runs("e0@main"))
        assert list(client.all_values("e1")) == list(records.all_values("e1"))
        assert client.pauses() == tuple(records.pauses())
        for n in range(3):
            assert list(client.why(f"e{n}@main")) == list(records.why(f"e{n}@main"))
        assert client.earlier("e0@main", 1) == records.earlier("e0@main", 1)


def test_values_say_who_runs_with_them(served: Served) -> None:
    served.deploy("c1")
    served.push("c2", 0)
    served.finish(0, "two")
    with Client(served.url, served.own) as client:
        users = {one.value.version: one.used_by for one in client.all_values("e0@main/out")}
        assert users == {1: (address(1),), 2: (address(1),)}, "it runs with one and may run with the other"
        served.finish(1)
        assert list(client.all_values("e0@main/out"))[-1].used_by == (address(1),)


@pytest.mark.parametrize("path", ["/envers", "/runs", "/values", "/log", "/graph"])
def test_pages_follow_each_other_and_hold_everything_once(served: Served, api: httpx.Client, path: str) -> None:
    served.deploy()
    whole = api.get(path, params={"limit": 500}).json()
    assert whole["next"] is None
    found, following = [], f"{path}?limit=1"
    while following:
        page = api.get(following.removeprefix("/api/v1")).json()
        assert len(page["items"]) <= 1
        found += page["items"]
        following = page["next"]
    assert found == whole["items"]
    assert len(found) >= 2


def test_what_did_not_move_is_not_told_again(served: Served, api: httpx.Client) -> None:
    served.deploy()
    first = api.get("/envers")
    again = api.get("/envers", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    served.push("c2", 0)
    moved = api.get("/envers", headers={"If-None-Match": first.headers["etag"]})
    assert moved.status_code == 200
    assert moved.headers["etag"] != first.headers["etag"]


def test_what_moves_elsewhere_leaves_an_etag_as_it_is(served: Served, api: httpx.Client) -> None:
    served.deploy()
    etags = {path: api.get(path).headers["etag"] for path in ("/envers/e2/b..main", "/graph", "/runs/1", "/pauses")}
    served.push("c2", 0)
    for path, etag in etags.items():
        assert api.get(path, headers={"If-None-Match": f'"other", {etag}'}).status_code == 304, path


def test_large_answers_are_compressed_for_who_takes_that(served: Served, api: httpx.Client) -> None:
    served.deploy()
    large = api.get("/log", headers={"Accept-Encoding": "gzip"})
    plain = api.get("/log", headers={"Accept-Encoding": "identity"})
    assert large.headers["content-encoding"] == "gzip"
    assert int(large.headers["content-length"]) < len(plain.content) / 3
    assert large.json() == plain.json()
    assert large.headers["etag"] == plain.headers["etag"]
    assert "content-encoding" not in api.get("/pauses").headers, "it is small"


def test_the_client_asks_again_for_what_changed_only(served: Served) -> None:
    served.deploy()
    statuses = list[int]()
    with Client(served.url, served.own) as client:
        client._server.http.event_hooks["response"].append(lambda one: statuses.append(one.status_code))  # pyright: ignore[reportPrivateUsage]
        first = client.enver("e0@main")
        assert client.enver("e0@main") == first
        served.push("c2", 0)
        served.finish(0, "two")
        assert client.enver("e0@main") != first
    assert statuses == [200, 304, 200]


def test_an_error_is_a_problem_that_the_client_reads_as_it_was(served: Served, api: httpx.Client) -> None:
    served.deploy()
    answer = api.get("/envers/e9/b..main")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "ODMD101"
    assert answer.json()["request"] == answer.headers["x-request-id"]
    with Client(served.url, served.own) as client, pytest.raises(EnverUnknown) as wrong:
        client.enver("e9@main")
    assert wrong.value.fact == "e9@main was never deployed"
    assert "did you mean" in wrong.value.next_step


def test_what_is_no_server_of_ours_is_said_to_be_none(served: Served) -> None:
    with Client(f"{served.url}/elsewhere", served.own) as client, pytest.raises(Exception, match="nothing here"):
        client.pauses()
    with pytest.raises(SettingsInvalid):
        Client("localhost:80")
    page = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
    with Client("http://proxy", "", page) as client, pytest.raises(ServerMisunderstood):
        client.pauses()


def test_where_nobody_listens_it_is_said_so() -> None:
    with Client("http://127.0.0.1:1", "") as client, pytest.raises(ServerUnreachable, match="does not answer"):
        client.pauses()


def test_health_needs_nothing_and_says_when_the_leader_is_gone(served: Served) -> None:
    assert httpx.get(f"{served.url}/healthz").json()["status"] == "ok"
    assert httpx.get(f"{served.url}/readyz").status_code == 200
    served.leader.give_up(RuntimeError("the disk is gone"))
    answer = httpx.get(f"{served.url}/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert httpx.get(f"{served.url}/healthz").status_code == 200
