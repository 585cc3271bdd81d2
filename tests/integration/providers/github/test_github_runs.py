"""Runs beside their commits at GitHub: each once, the newest, at least once, and nobody waits for whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.control.leading.mirroring import Mirroring
from odmd.control.ports.hosts import RunNews, RunPhase
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Later
from odmd.errors import HostLacks, HostRefused, HostUnknown, HostUnreachable
from odmd.providers.github.look import standing
from odmd.providers.github.places import Places
from odmd.providers.github.runs import GithubRuns
from odmd.store.sql import SqlStore
from support.github.site import GithubSite
from support.github.state import Record
from support.served import Served
from support.until import until
from support.worlds import graph_of, node, wire

COMMIT = "c1".ljust(40, "0")
NEWS = RunNews(4, "e0@main", "acme/e0", COMMIT, RunPhase.RUNNING, "on", is_newest=True)


@pytest.fixture
def site() -> Iterator[GithubSite]:
    with GithubSite.serving("e0", "e1") as made:
        yield made


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """e0 → e1; nothing is deployed yet."""
    monkeypatch.chdir(tmp_path)
    made = Served(graph_of([node(0), node(1, [wire(0, 1)])]), tmp_path)
    with made.serving():
        yield made


def mirroring(served: Served, site: GithubSite) -> Mirroring:
    return Mirroring(served.store, lambda: served.graph, GithubRuns(site.client, site.places))


def log(store: SqlStore, after: int = 0) -> list[Logged]:
    return list(store.read(after))


def handled(mirror: Mirroring, batch: list[Logged]) -> bool:
    try:
        mirror.handle(batch)
    except Later:
        return False
    return True


def statuses(site: GithubSite, name: str) -> list[tuple[str, str]]:
    repository = site.github.find(f"acme/{name}")
    assert repository
    return [(one.said["context"], one.said["state"]) for one in repository.statuses]


def deployments(site: GithubSite, name: str) -> dict[int, list[str]]:
    """By run, what was said of it."""
    repository = site.github.find(f"acme/{name}")
    assert repository
    return {
        one.said["payload"]["run"]: [status.said["state"] for status in repository.deployment_statuses.get(one.id, [])]
        for one in repository.deployments.values()
    }


class TestWhatIsShown:
    def test_a_run_from_its_beginning_to_its_end(self, served: Served, site: GithubSite) -> None:
        mirror = mirroring(served, site)
        served.push(COMMIT, 0)
        mirror.handle(log(served.store))
        after = served.store.position()
        served.finish(0)
        mirror.handle(log(served.store, after))
        assert statuses(site, "e0") == [("odmd/e0@main", "pending"), ("odmd/e0@main", "success")]
        assert deployments(site, "e0") == {1: ["queued", "success"]}
        (made,) = site.github.find("acme/e0").deployments.values()  # type: ignore[union-attr]
        assert (made.said["environment"], made.said["production_environment"]) == ("e0@main", False)

    def test_who_is_late_shows_how_it_stands_and_not_each_step(self, served: Served, site: GithubSite) -> None:
        served.push(COMMIT, 0)
        served.fail(0)
        mirroring(served, site).handle(log(served.store))
        assert [state for _, state in statuses(site, "e0")] in (["failure"], ["failure", "pending"])
        assert deployments(site, "e0")[1] == ["failure"]

    def test_the_same_again_says_nothing_again(self, served: Served, site: GithubSite) -> None:
        mirror = mirroring(served, site)
        served.push(COMMIT, 0)
        served.finish(0)
        mirror.handle(log(served.store))
        asked = len(site.github.asked)
        mirror.handle(log(served.store))
        assert len(site.github.asked) == asked

    def test_a_list_that_lags_behind_makes_no_second_deployment(self, served: Served, site: GithubSite) -> None:
        site.github.faults.lag = 1000
        mirror = mirroring(served, site)
        served.push(COMMIT, 0)
        mirror.handle(log(served.store))
        served.finish(0)
        mirror.handle(log(served.store))
        assert deployments(site, "e0") == {1: ["queued", "success"]}

    def test_another_process_goes_on_with_the_deployment_that_is_there(self, served: Served, site: GithubSite) -> None:
        served.push(COMMIT, 0)
        mirroring(served, site).handle(log(served.store))
        served.finish(0)
        mirroring(served, site).handle(log(served.store))
        assert deployments(site, "e0") == {1: ["queued", "success"]}

    @pytest.mark.parametrize(("status", "refused"), [(422, HostRefused), (404, HostLacks)])
    def test_a_status_that_is_refused_keeps_no_deployment_away(
        self, site: GithubSite, status: int, refused: type[Exception]
    ) -> None:
        site.github.faults.planned.append(("statuses", status, {}, None))
        with pytest.raises(refused):
            GithubRuns(site.client, site.places).show(NEWS)
        assert deployments(site, "e0") == {4: ["in_progress"]}

    def test_what_is_refused_of_both_is_told_of_both(self, site: GithubSite) -> None:
        site.github.faults.planned += [
            ("/statuses/{sha}", 422, {}, None),
            ("POST /repos/{owner}/{repo}/deploy", 403, {}, None),
        ]
        with pytest.raises(HostRefused, match=r"/statuses/.*; .*/deployments"):
            GithubRuns(site.client, site.places).show(NEWS)

    def test_what_was_refused_is_not_taken_for_shown(self, served: Served, site: GithubSite) -> None:
        mirror = mirroring(served, site)
        served.push(COMMIT, 0)
        site.github.faults.planned.append(("POST /repos/{owner}/{repo}/deploy", 403, {}, None))
        mirror.handle(log(served.store))
        assert deployments(site, "e0") == {}
        mirror.handle(log(served.store))
        assert deployments(site, "e0") == {1: ["queued"]}

    def test_another_apps_deployment_is_not_taken_for_ours(self, served: Served, site: GithubSite) -> None:
        repository = site.github.find("acme/e0")
        assert repository
        said = {"payload": {"run": 1}, "sha": COMMIT, "environment": "e0@main"}
        repository.deployments[5] = Record(5, {**said, "performed_via_github_app": {"id": 8}})
        served.push(COMMIT, 0)
        mirroring(served, site).handle(log(served.store))
        assert repository.deployment_statuses.keys() == repository.deployments.keys() - {5}

    def test_an_earlier_run_of_a_commit_does_not_speak_for_it(self, served: Served, site: GithubSite) -> None:
        served.push(COMMIT, 0)
        served.finish(0, "one")
        first = log(served.store)
        served.push(COMMIT, 0, 1)
        served.finish(1, "one")
        again = mirroring(served, site)
        again.handle(first)
        assert statuses(site, "e0")[-1] == ("odmd/e0@main", "success")
        news = RunNews(1, "e0@main", "acme/e0", COMMIT, RunPhase.FAILED, "an old one", is_newest=False)
        before = len(statuses(site, "e0"))
        GithubRuns(site.client, site.places).show(news)
        assert len(statuses(site, "e0")) == before

    def test_clones_share_one_environment(self, site: GithubSite) -> None:
        news = RunNews(4, "e0@fix-1", "acme/e0", COMMIT, RunPhase.RUNNING, "on" * 99, is_newest=True, is_clone=True)
        GithubRuns(site.client, site.places).show(news)
        repository = site.github.find("acme/e0")
        assert repository
        (made,) = repository.deployments.values()
        assert (made.said["environment"], made.said["transient_environment"]) == ("clones", True)
        assert max(len(one.said["description"]) for one in repository.statuses) == 140


class TestWhoIsAway:
    def test_a_repository_that_is_not_reached_keeps_no_other_waiting(self, served: Served, site: GithubSite) -> None:
        site.installation.repositories.remove(site.github.find("acme/e0").id)  # type: ignore[union-attr]
        served.push(COMMIT, 0, 1)
        mirroring(served, site).handle(log(served.store))
        assert statuses(site, "e0") == []
        served.finish(0)
        mirroring(served, site).handle(log(served.store))
        assert statuses(site, "e1")

    def test_who_is_asked_too_much_is_asked_later_and_nothing_is_lost(self, served: Served, site: GithubSite) -> None:
        served.push(COMMIT, 0)
        site.github.faults.planned.append(("statuses/{sha}", 403, {"Retry-After": "1"}, None))
        mirror = mirroring(served, site)
        with pytest.raises(Later) as later:
            mirror.handle(log(served.store))
        assert 0 < later.value.seconds <= 1
        until(lambda: handled(mirror, log(served.store)))
        assert statuses(site, "e0") == [("odmd/e0@main", "pending")]

    @pytest.mark.parametrize("part", ["statuses/{sha}", "POST /repos/{owner}/{repo}/deployments", "access_tokens"])
    def test_a_failure_anywhere_comes_again_as_a_whole(self, served: Served, site: GithubSite, part: str) -> None:
        served.push(COMMIT, 0)
        site.github.faults.planned.append((part, 502, {}, b"<html>"))
        mirror = mirroring(served, site)
        with pytest.raises(HostUnreachable):
            mirror.handle(log(served.store))
        mirror.handle(log(served.store))
        assert statuses(site, "e0")[-1] == ("odmd/e0@main", "pending")
        assert deployments(site, "e0") == {1: ["queued"]}


class TestPlaces:
    def test_a_renamed_repository_is_the_same_and_who_takes_its_name_is_another(self, site: GithubSite) -> None:
        before = site.places.of("acme/e0")
        renamed = site.github.find("acme/e0")
        assert renamed
        renamed.names.append("acme/e0-new")
        squatter = site.github.repository("acme/e0")
        assert site.places.of("acme/e0").repository.id == before.repository.id
        assert site.places.of("Acme/E0").path == "/repos/acme/e0-new"
        again = Places(site.client, site.documents)
        assert again.of("acme/e0").repository.id == renamed.id
        site.installation.repositories.remove(renamed.id)
        with pytest.raises(HostLacks, match="acme/e0 is another one now"):
            site.places.of("acme/e0")
        assert squatter.statuses == []

    def test_its_number_says_what_the_contracts_call_it(self, site: GithubSite) -> None:
        number = site.places.of("Acme/E0").repository.id
        assert site.places.names() == {number: "acme/e0"}

    def test_without_an_installation_nothing_is_shown_and_it_is_said(self, site: GithubSite) -> None:
        site.github.installations.clear()
        with pytest.raises(HostUnknown, match="is not installed in acme"):
            site.places.of("acme/e0")


def test_repositories_of_other_owners_are_told_and_no_mistake(site: GithubSite) -> None:
    found = standing(site.client, ["ACME/e0", "acmex/two", "other/one"])
    assert (found.elsewhere, found.unreached, found.is_good) == (["acmex/two", "other/one"], [], True)
