"""Somebody who wants the log to say that he was elsewhere, or somebody else there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from odmd.control.access.origins import Proxies
from odmd.control.scheduler.actor import Scope
from support.served import Served
from support.until import until
from support.worlds import graph_of, node


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Its settings name a proxy, which is who asks in these tests."""
    made = Served(graph_of([node(0)]), tmp_path_factory.mktemp("behind"))
    made.proxies = Proxies((ip_network("127.0.0.1/32"),))
    with made.serving(tokens=True):
        yield made


def origin(served: Served, *forwarded: str) -> str:
    """What the log says of somebody who made a token, as the proxy handed it on."""
    admin = served.token(Scope.ADMIN)
    with served.http(admin.text) as http:
        lines = [*http.headers.raw, *((b"X-Forwarded-For", said.encode()) for said in forwarded)]
        wanted = {"name": "ci", "scope": "read", "expires": time.time() + 600}
        id = http.post("/tokens", json=wanted, headers=lines).json()["token"]["id"]

        def told() -> list[str]:
            entries = http.get("/audit/entries", params={"action": "AccessChanged"}).json()["items"]
            return [one["origin"] for one in entries if f'"{id}"' in one["body"]]

        until(lambda: bool(told()))
        return told()[0]


def test_who_asks_through_a_proxy_of_the_settings_is_where_that_saw_him(behind: Served) -> None:
    """Writes the header himself; the proxy adds the truth behind it."""
    assert origin(behind, "203.0.113.9") == "203.0.113.9"
    assert origin(behind, "10.0.0.1, 203.0.113.9") == "203.0.113.9"
    assert origin(behind, "10.0.0.1", "127.0.0.1, nonsense", "203.0.113.9") == "203.0.113.9"
    assert origin(behind, "<script>, \u00e9") == "127.0.0.1"
    assert origin(behind) == "127.0.0.1"


def test_who_asks_directly_is_where_he_is_whatever_he_says(served: Served) -> None:
    """Reaches the server past every proxy, or there is none."""
    assert origin(served, "203.0.113.9") == "127.0.0.1"
