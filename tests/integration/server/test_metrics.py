"""What Prometheus scrapes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Begin
from odmd.control.scheduler.actor import Scope
from support.served import Served, bearer
from support.until import until
from support.worlds import graph_of, node

Labels = frozenset[tuple[str, str]]


def scraped(served: Served, token: str = "") -> dict[tuple[str, Labels], float]:
    answer = httpx.get(f"{served.url}/metrics", headers=bearer(token or served.own))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def of(found: dict[tuple[str, Labels], float], name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


def caught_up(served: Served) -> dict[tuple[str, Labels], float]:
    """Once what was committed is counted."""
    until(lambda: of(scraped(served), "odmd_subscriber_lag", subscriber="metrics") == 0)
    return scraped(served)


def test_what_is_so_now_and_what_was(served: Served) -> None:
    before = scraped(served)
    assert of(before, "odmd_leading") == 1
    assert of(before, "odmd_waves_open") == 0
    served.deploy()
    waves = of(scraped(served), "odmd_waves_open")
    served.push("c2", 0)
    found = caught_up(served)
    assert of(found, "odmd_log_position") == served.store.position()
    assert of(found, "odmd_events_total", type="RunSucceeded") == of(
        found, "odmd_run_seconds_count", mode="full", outcome="succeeded"
    )
    assert of(found, "odmd_runs_under_way", status="started") == 1
    assert of(found, "odmd_waves_open") == waves + 1
    assert of(found, "odmd_envers", state="deploying") == 1
    assert sum(value for (name, _), value in found.items() if name == "odmd_envers") == 3
    assert of(found, "odmd_inbox_messages") == 0
    assert of(found, "odmd_commit_seconds_count") > 3
    served.fail(0)
    assert of(scraped(served), "odmd_envers", state="failed") == 1


def test_requests_are_counted_by_their_route(served: Served) -> None:
    with served.http() as api:
        api.get("/envers/e0/b..main")
        api.get("/envers/e9/b..main")
        api.get("/nothing/here")
        api.request("BREW", "/envers")
    counted = {key: value for key, value in scraped(served).items() if key[0] == "odmd_http_request_seconds_count"}
    assert of(counted, "odmd_http_request_seconds_count", method="GET", route="none", status="4xx") == 1
    methods = {dict(labels)["method"] for _, labels in counted}
    assert methods == {"GET", "other"}
    routes = {dict(labels)["route"] for _, labels in counted}
    assert routes == {"/envers", "/envers/{build}/{slot}", "none"}, "no label holds what somebody typed"


def test_who_may_not_read_may_not_scrape(guarded: Served) -> None:
    assert httpx.get(f"{guarded.url}/metrics").status_code == 401
    assert of(scraped(guarded, guarded.token(Scope.READ).text), "odmd_leading") == 1


class Ill:
    """Handles nothing."""

    name = "ill"
    begin = Begin.NEXT

    def handle(self, batch: Sequence[Logged]) -> None:
        raise ConnectionError(f"refused {len(batch)} \x1b[2J")


def test_one_that_follows_and_fails_is_seen_and_the_figures_go_on(tmp_path: Path) -> None:
    with Served(graph_of([node(0)]), tmp_path, subscribers=lambda _store: [Ill()]).serving() as served:
        served.deploy()
        found = caught_up(served)
        assert of(found, "odmd_events_total", type="RunSucceeded") == 1
        assert of(found, "odmd_subscriber_lag", subscriber="ill") > 3
        assert of(found, "odmd_subscriber_failures_total", subscriber="ill") >= 1
        with served.http() as api:
            (ill,) = api.get("/subscribers").raise_for_status().json()
        assert ill["trouble"].startswith(f"ill is {ill['lag']} events behind: ConnectionError: refused ")
        assert "\x1b" not in ill["error"]


def test_a_process_that_does_not_lead_says_so(served: Served) -> None:
    served.metrics.follows()
    found = scraped(served)
    assert of(found, "odmd_leading") == 0
    assert ("odmd_log_position", frozenset()) not in found
    assert of(found, "odmd_workers") == 0
