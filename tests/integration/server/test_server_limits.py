"""Bad input: refused, bounded, and never a 500."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from odmd.errors import RevisionNotFound
from support.served import Served
from support.until import TOO_LONG


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/answers", b"{"),
        ("POST", "/answers", b'{"enver": "\\ud800", "approved": true}'),
        ("POST", "/answers", b'{"enver": "a\\u0000b", "approved": true}'),
        ("POST", "/pauses", b'{"scope": "*", "until": NaN}'),
        ("POST", "/pauses", b'{"scope": "*", "until": 1e999}'),
        ("POST", "/pins", b'{"enver": "e0@main", "run": 99999999999999999999999}'),
        ("POST", "/changes", b'{"plan": "../../etc/passwd"}'),
        ("POST", "/changes", b"[" * 100_000),
        ("GET", "/runs?limit=501", b""),
        ("GET", "/runs?limit=0", b""),
        ("GET", "/runs?after=99999999999999999999", b""),
        ("GET", "/runs?after=-1", b""),
        ("GET", "/values?after=x%23y", b""),
        ("GET", "/values?after=x%23%C2%B2", b""),
        ("GET", "/log?after=1e3", b""),
        ("GET", "/envers?after=%00", b""),
    ],
)
def test_nonsense_is_told_to_be(api: httpx.Client, method: str, path: str, body: bytes) -> None:
    answer = api.request(method, path, content=body, headers={"Content-Type": "application/json"} if body else {})
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["code"] == "ODMD304"


def test_a_body_of_more_than_a_megabyte_is_refused_said_or_not(api: httpx.Client) -> None:
    json = {"Content-Type": "application/json"}
    assert api.post("/answers", content=b"x" * 1_100_000, headers=json).status_code == 413
    answer = api.post("/answers", content=(b"x" * 10_000 for _ in range(200)), headers=json)
    assert (answer.status_code, answer.json()["code"]) == (413, "ODMD306")


def test_a_header_without_end_is_refused(served: Served) -> None:
    host, port = urlsplit(served.url).hostname, urlsplit(served.url).port
    with socket.create_connection((host, port), timeout=TOO_LONG) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000)
        assert b" 400 " in line.recv(100)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/where?of=main", None), ("GET", "/comparison?before=e0@main&run=1", None), ("POST", "/plans", {})],
)
def test_slow_repositories_stop_nobody_else(
    served: Served, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: object
) -> None:
    """More ask them than there are threads for requests."""
    served.deploy()
    served.push("c2", 0)
    served.finish(0, "two")
    answers, asked = threading.Event(), threading.Semaphore(0)

    def slow(*_: object) -> str:
        asked.release()
        assert answers.wait(TOO_LONG)
        raise RevisionNotFound("it is not there")

    for name in ("head", "find", "between"):
        monkeypatch.setattr(served.repositories, name, slow)
    with served.http() as api, ThreadPoolExecutor(60) as people:
        waiting = [people.submit(api.request, method, path, json=body) for _ in range(60)]
        try:
            assert asked.acquire(timeout=TOO_LONG)
            assert api.get("/envers", timeout=5.0).status_code == 200
        finally:
            answers.set()
        assert {one.result().status_code for one in waiting} <= {200, 404}


def test_every_answer_has_an_id_and_keeps_browsers_from_guessing(api: httpx.Client) -> None:
    for answer in (api.get("/envers"), api.get("/nothing"), api.put("/envers"), api.post("/answers")):
        assert answer.headers["x-request-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in answer.headers
    assert api.get("/envers", headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert api.get("/envers", headers={"X-Request-Id": "a b"}).headers["x-request-id"] != "a b"
