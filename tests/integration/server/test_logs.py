"""What the server writes of itself."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from odmd.control.scheduler.actor import Scope
from odmd.server.guard import ACCESS
from odmd.server.logs import JsonLines
from support.served import Served
from support.until import until


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonLines())
    before = ACCESS.level
    ACCESS.addHandler(handler)
    ACCESS.setLevel(logging.INFO)
    yield text
    ACCESS.removeHandler(handler)
    ACCESS.setLevel(before)


def test_each_request_is_one_object_and_holds_no_secret(guarded: Served, written: io.StringIO) -> None:
    token = guarded.token(Scope.READ)
    with guarded.http(token.text) as api:
        answer = api.get("/envers", params={"after": "s3cret"})
    with guarded.http("odmd_forged") as api:
        api.get("/envers")
    until(lambda: written.getvalue().count("\n") == 2)  # it is written after the answer
    first, second = [json.loads(line) for line in written.getvalue().splitlines()]
    assert {**first, "time": "", "ms": 0} == {
        "time": "", "level": "info", "logger": "odmd.server.access", "request": answer.headers["X-Request-Id"],
        "method": "GET", "path": "/api/v1/envers", "status": 200, "ms": 0, "by": "grace", "from": "127.0.0.1",
    }  # fmt: skip
    assert (second["status"], second["by"]) == (401, None)
    for secret in (token.text, "s3cret", "odmd_forged", "Bearer"):
        assert secret not in written.getvalue()


def test_trouble_has_its_trace_in_the_same_line() -> None:
    try:
        raise MemoryError("no room")
    except MemoryError as wrong:
        record = logging.LogRecord(
            "odmd.server", logging.ERROR, __file__, 1, "it broke: %s\nbadly", ("so",), (type(wrong), wrong, None)
        )
    (line,) = JsonLines().format(record).splitlines()
    said = json.loads(line)
    assert (said["level"], said["message"]) == ("error", "it broke: so\nbadly")
    assert "no room" in said["trace"]
