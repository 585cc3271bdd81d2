"""Workflow files brought to GitHub: into real git repositories, behind an API held against GitHub's own description."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.errors import HostBusy, HostRefused, HostUnreachable
from odmd.providers.github.app import LEAST, TO_WRITE_WORKFLOWS
from odmd.providers.github.wanted_files import ACTION, MARK, WantedFile
from odmd.providers.github.workflow_pulls import BRANCH, Brought, WorkflowPulls
from support.github.git_answers import close, merge, push, text_at
from support.github.site import GithubSite
from support.github.state import FakeRepository

FILE, GONE = ".github/workflows/odmd-orders.yaml", ".github/workflows/odmd-gone.yaml"
WANTED = WantedFile("acme/orders", FILE, f"{MARK}\nname: é\n")
OWN = WantedFile("acme/orders", ACTION, "# yours\n", is_users=True)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[GithubSite]:
    with GithubSite.serving(patience=5.0) as made:
        folder = tmp_path / "orders"
        subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
        push(made.github.repository("acme/orders", folder), "main", {"README.md": "# orders\n"}, "ada")
        made.installation.permissions |= {**LEAST, **TO_WRITE_WORKFLOWS}
        yield made


@pytest.fixture
def orders(site: GithubSite) -> FakeRepository:
    found = site.github.find("acme/orders")
    assert found
    return found


def bring(site: GithubSite, *wanted: WantedFile, commit: bool = False) -> Brought:
    return WorkflowPulls(site.client, site.places).bring("acme/orders", wanted, commit=commit).how


def writes(site: GithubSite) -> int:
    return site.github.count("POST /repos/") + site.github.count("PATCH /repos/")


class TestAPullRequest:
    def test_it_is_made_once_and_merged_is_the_end_of_it(self, site: GithubSite, orders: FakeRepository) -> None:
        assert bring(site, WANTED, OWN) is Brought.PROPOSED
        (number,) = orders.pulls
        assert FILE in orders.pulls[number]["body"]
        assert text_at(orders, "main", FILE) is None, "nobody merged it"
        before = writes(site)
        assert bring(site, WANTED, OWN) is Brought.WAITS
        merge(orders, number)
        assert bring(site, WANTED, OWN) is Brought.AS_WANTED
        assert writes(site) == before, "what is there is not written again"
        assert (text_at(orders, "main", FILE), text_at(orders, "main", ACTION)) == (WANTED.text, OWN.text)
        assert text_at(orders, "main", "README.md") == "# orders\n"

    def test_other_contracts_change_the_same_one(self, site: GithubSite, orders: FakeRepository) -> None:
        bring(site, WANTED)
        push(orders, "main", {"README.md": "# of today\n"}, "ada")
        other = replace(WANTED, text=f"{MARK}\nname: other\n")
        assert bring(site, other) is Brought.PROPOSED
        assert len(orders.pulls) == 1
        assert text_at(orders, BRANCH, FILE) == other.text
        assert text_at(orders, BRANCH, "README.md") == "# of today\n", "on top of what the default branch has now"

    def test_what_the_contracts_do_not_want_any_more_is_withdrawn(
        self, site: GithubSite, orders: FakeRepository
    ) -> None:
        bring(site, WANTED)
        assert bring(site) is Brought.AS_WANTED
        assert [one["state"] for one in orders.pulls.values()] == ["closed"]
        assert bring(site, WANTED) is Brought.PROPOSED, "it was not somebody's no"

    def test_closed_it_is_not_made_again_until_it_says_something_else(
        self, site: GithubSite, orders: FakeRepository
    ) -> None:
        bring(site, WANTED)
        (number,) = orders.pulls
        close(orders, number)
        assert bring(site, WANTED) is Brought.DECLINED
        assert bring(site, replace(WANTED, text=f"{MARK}\nname: other\n")) is Brought.PROPOSED
        assert len(orders.pulls) == 2

    @pytest.mark.parametrize("who", ["ada", "nobody"])
    def test_a_branch_with_commits_of_others_is_theirs(
        self, site: GithubSite, orders: FakeRepository, who: str
    ) -> None:
        bring(site, WANTED)
        push(orders, BRANCH, {"mine.txt": "mine"}, who)
        assert bring(site, replace(WANTED, text="other")) is Brought.CHANGED_BY_OTHERS
        assert text_at(orders, BRANCH, "mine.txt") == "mine"

    def test_what_is_not_ours_stays(self, site: GithubSite, orders: FakeRepository) -> None:
        there: dict[str, str | None] = {
            GONE: f"{MARK}\nof a build that is gone\n",
            ".github/workflows/odmd-mine.yaml": "# by hand\n",
            ".github/workflows/ci.yaml": f"{MARK} is a name\n",
            ACTION: "# changed by its user\n",
        }
        push(orders, "main", there, "ada")
        assert bring(site, WANTED, OWN) is Brought.PROPOSED
        assert text_at(orders, BRANCH, GONE) is None
        for path in (one for one in there if one != GONE):
            assert text_at(orders, BRANCH, path) == there[path]

    @pytest.mark.parametrize(
        "operation",
        ["git/trees", "git/commits", "POST /repos/{owner}/{repo}/git/refs", "POST /repos/{owner}/{repo}/pulls"],
    )
    def test_whoever_was_stopped_anywhere_goes_on(
        self, site: GithubSite, orders: FakeRepository, operation: str
    ) -> None:
        site.github.faults.planned.append((operation, 502, {}, None))
        with pytest.raises(HostUnreachable):
            bring(site, WANTED)
        assert bring(site, WANTED) is Brought.PROPOSED
        assert len(orders.pulls) == 1
        assert bring(site, WANTED) is Brought.WAITS


class TestACommit:
    def test_it_is_on_the_default_branch_and_there_is_no_second(self, site: GithubSite, orders: FakeRepository) -> None:
        assert bring(site, WANTED, commit=True) is Brought.COMMITTED
        assert text_at(orders, "main", FILE) == WANTED.text
        assert bring(site, WANTED, commit=True) is Brought.AS_WANTED
        assert not orders.pulls

    def test_who_pushes_meanwhile_loses_nothing(self, site: GithubSite, orders: FakeRepository) -> None:
        site.github.faults.planned.append(("PATCH", 422, {}, b'{"message": "Update is not a fast forward"}'))
        with pytest.raises(HostRefused, match="not a fast forward"):
            bring(site, WANTED, commit=True)
        assert text_at(orders, "main", FILE) is None


class TestWhatGithubSays:
    def test_a_folder_that_cannot_be_read_is_not_an_empty_one(self, site: GithubSite, orders: FakeRepository) -> None:
        push(orders, "main", {FILE: WANTED.text}, "ada")
        for operation in ("contents", "GET /repos/{owner}/{repo}/commits"):
            site.github.faults.planned.append((operation, 404, {}, None))
        with pytest.raises(Exception, match="does not show"):
            bring(site, WANTED)
        assert not orders.pulls

    def test_without_the_right_it_is_said_which_and_nothing_is_written(self, site: GithubSite) -> None:
        del site.installation.permissions["workflows"]
        with pytest.raises(HostRefused, match="not granted"):
            bring(site, WANTED)
        assert writes(site) == 0

    def test_too_fast_is_later(self, site: GithubSite) -> None:
        site.github.faults.planned.append(("POST /repos/{owner}/{repo}/pulls", 403, {"Retry-After": "60"}, None))
        with pytest.raises(HostBusy):
            bring(site, WANTED)
