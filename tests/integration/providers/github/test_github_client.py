"""The client against a fake whose requests and answers are held against GitHub's own description of its API."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from odmd.errors import HostBusy, HostLacks, HostRefused, HostUnreachable
from odmd.providers.github import AppGrant, Github
from odmd.providers.github.app import LEAST, TO_WRITE_WORKFLOWS, GithubApp, beyond, lacking
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import repo_path
from odmd.providers.github.grants import GrantTokens
from odmd.providers.github.models import Commented, GithubRepository, InstallationToken, Numbered
from odmd.providers.github.setup import WantedApp
from support.github.fake import FakeGithub
from support.github.state import FakeRepository, Record
from support.until import TOO_LONG


class Site:
    """A GitHub with one repository, and the App in it."""

    def __init__(self, github: FakeGithub) -> None:
        self.github = github
        self.orders: FakeRepository = github.repository("acme/orders")
        self.installation = github.install()
        self.client = Github(github.app, patience=0.05)
        self.grant = AppGrant.of(self.installation.id, self.orders.id, **LEAST)

    def read(self, name: str = "acme/orders") -> GithubRepository:
        return self.client.get(self.grant, repo_path(name), GithubRepository)


@pytest.fixture
def site() -> Iterator[Site]:
    with FakeGithub().serving() as github:
        made = Site(github)
        yield made
        made.client.close()
        assert github.wrong == []


class TestTokens:
    def test_one_is_as_narrow_as_what_it_is_for_and_made_once(self, site: Site) -> None:
        grant = AppGrant.of(site.installation.id, site.orders.id, statuses="write")
        for _ in range(3):
            site.client.get(grant, repo_path("acme/orders"), GithubRepository)
        assert site.github.count("access_tokens") == 1
        (token,) = site.github.tokens.values()
        assert token.permissions == {"metadata": "read", "statuses": "write"}
        assert token.repositories == [site.orders.id]

    def test_another_repository_is_not_there_for_it(self, site: Site) -> None:
        site.github.repository("acme/secrets")
        with pytest.raises(HostLacks, match="/repos/acme/secrets"):
            site.read("acme/secrets")

    def test_many_threads_make_one(self, site: Site) -> None:
        threads = [threading.Thread(target=site.read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert site.github.count("access_tokens") == 1

    def test_one_that_was_taken_back_is_made_again_at_once(self, site: Site) -> None:
        site.read()
        site.github.tokens.clear()
        assert site.read().id == site.orders.id

    def test_one_that_is_almost_over_is_not_used(self) -> None:
        now, made = 1000.0, list[str]()

        def make(_grant: AppGrant) -> InstallationToken:
            made.append(f"token {len(made)}")
            return InstallationToken(token=made[-1], expires_at=datetime.fromtimestamp(now + 3600, UTC))

        tokens, grant = GrantTokens(make, lambda: now), AppGrant.of(1, 2)
        assert {tokens.token(grant) for _ in range(2)} == {"token 0"}
        now += 3400
        assert tokens.token(grant) == "token 1"

    def test_it_stands_in_no_error_and_in_no_log(self, site: Site, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        site.read()
        (token,) = site.github.tokens
        site.github.faults.planned.append(("POST", 201, {}, b'{"token": "ghs_of_nobody", "expires_at": "nonsense"}'))
        other = AppGrant.of(site.installation.id, site.orders.id, checks="read")
        with pytest.raises(HostUnreachable) as wrong:
            site.client.get(other, repo_path("acme/orders"), GithubRepository)
        chain = f"{wrong.value!r} {wrong.value.__cause__!r} {wrong.value.__context__!r}"
        for secret in (token, "ghs_of_nobody", "PRIVATE KEY"):
            assert secret not in caplog.text + chain + repr(site.github.app)
        assert "ghs_of_nobody" not in repr(InstallationToken(token="ghs_of_nobody", expires_at=datetime.now(UTC)))


class TestWhatIsAsked:
    def test_nothing_is_read_twice_that_did_not_move(self, site: Site) -> None:
        before = site.read()
        assert site.read() == before
        assert site.github.asked[-1] == ("GET /repos/{owner}/{repo}", 304)
        site.orders.archived = True
        assert site.read().archived

    def test_what_did_not_move_is_not_of_the_hour(self, site: Site) -> None:
        site.github.faults.limit, site.github.faults.spent = 1000, 690
        for _ in range(30):
            site.read()
        found = site.client.get(site.grant, repo_path("acme/orders"), GithubRepository, Priority.SWEEP)
        assert found.id == site.orders.id

    def test_a_renamed_repository_is_the_same_one(self, site: Site) -> None:
        site.orders.names.append("acme/orders-new")
        assert (site.read().id, site.read().full_name) == (site.orders.id, "acme/orders-new")
        path = f"{repo_path('acme/orders')}/issues/1/comments"
        made = site.client.send(site.grant, "POST", path, {"body": "hello"}, Numbered, notifies=True)
        assert site.orders.comments[made.id].said["body"] == "hello"

    def test_a_list_is_read_to_its_end(self, site: Site) -> None:
        path = f"{repo_path('acme/orders')}/issues/1/comments"
        for number in range(205):
            made = site.github.number()
            site.orders.comments[made] = Record(made, {"body": str(number), "number": 1})
        found = list(site.client.every(site.grant, path, Commented))
        assert [one.body for one in found] == [str(number) for number in range(205)]

    def test_its_next_page_is_found_however_the_link_is_written(self, site: Site) -> None:
        path = f"{repo_path('acme/orders')}/issues/1/comments"
        page = f"{site.github.app.api}{path}?page=2"
        link = f'<{page}&q=a,b>; rel="prev", <{page}>;title="x, y"; rel=next'
        site.github.faults.planned.append(("GET", 200, {"Link": link}, b"[]"))
        assert list(site.client.every(site.grant, path, Commented)) == []
        assert site.github.count("comments") == 2

    def test_names_cannot_leave_their_place_in_a_path(self, site: Site) -> None:
        assert repo_path("acme/../../app") == "/repos/acme/..%2F..%2Fapp"
        assert repo_path("a?b/c#d") == "/repos/a%3Fb/c%23d"


class TestWhatGithubSays:
    def test_a_missing_right_is_named(self, site: Site) -> None:
        grant = AppGrant.of(site.installation.id, site.orders.id, checks="read")
        with pytest.raises(HostRefused) as refused:
            site.client.send(grant, "POST", f"{repo_path('acme/orders')}/statuses/abc", {"state": "success"}, Numbered)
        assert "statuses=write" in refused.value.next_step

    def test_a_right_that_the_installation_has_not_is_no_token(self, site: Site) -> None:
        with pytest.raises(HostRefused, match="not granted to this installation"):
            site.client.get(
                AppGrant.of(site.installation.id, site.orders.id, workflows="write"),
                repo_path("acme/orders"),
                GithubRepository,
            )

    @pytest.mark.parametrize(
        ("status", "headers", "seconds"),
        [
            (403, {"Retry-After": "17"}, 17),
            (429, {"Retry-After": "9"}, 9),
            (429, {}, 60),
            (429, {"Retry-After": "²"}, 60),
            (429, {"Retry-After": "9" * 14}, 3600),
            (429, {"Retry-After": "9" * 400}, 60),
            (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 14}, 3600),
            (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "in 900"}, 900),
        ],
    )
    def test_who_asks_too_much_asks_nothing_for_as_long_as_it_says(
        self, site: Site, status: int, headers: dict[str, str], seconds: float
    ) -> None:
        told = {name: said.replace("in 900", str(int(time.time()) + 900)) for name, said in headers.items()}
        site.github.faults.planned.append(("GET", status, told, None))
        with pytest.raises(HostBusy) as busy:
            site.read()
        assert seconds - 30 < busy.value.seconds <= seconds
        asked = len(site.github.asked)
        with pytest.raises(HostBusy):
            site.read()
        assert len(site.github.asked) == asked

    def test_an_answer_that_tells_no_limits_ends_the_waiting_twice_as_long(self, site: Site) -> None:
        client = Github(site.github.app, patience=TOO_LONG)
        good = json.dumps({"id": site.orders.id, "full_name": "acme/orders"}).encode()
        for status, headers, body in ((429, {"Retry-After": "1"}, None), (200, {}, good), (429, {}, None)):
            site.github.faults.planned.append(("GET", status, headers, body))
        with pytest.raises(HostBusy):
            client.get(site.grant, repo_path("acme/orders"), GithubRepository)
        client.get(site.grant, repo_path("acme/orders"), GithubRepository)
        with pytest.raises(HostBusy) as busy:
            client.get(site.grant, repo_path("acme/orders"), GithubRepository)
        assert busy.value.seconds <= 60
        client.close()

    def test_content_is_paced_before_github_says_so(self, site: Site) -> None:
        path = f"{repo_path('acme/orders')}/issues/1/comments"
        for number in range(80):
            site.client.send(site.grant, "POST", path, {"body": str(number)}, Numbered, notifies=True)
        with pytest.raises(HostBusy):
            site.client.send(site.grant, "POST", path, {"body": "one more"}, Numbered, notifies=True)
        assert len(site.orders.comments) == 80
        assert {status for name, status in site.github.asked if "comments" in name} == {201}
        assert site.read().id == site.orders.id

    def test_the_last_of_the_hour_is_not_spent_on_looking(self, site: Site) -> None:
        site.github.faults.limit, site.github.faults.spent = 1000, 800
        site.read()
        with pytest.raises(HostBusy):
            site.client.get(site.grant, repo_path("acme/orders"), GithubRepository, Priority.SWEEP)
        assert site.read().id == site.orders.id

    @pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"id": "x"}', b"", b'{"id": 1}', b"null", b"[" * 100_000])
    def test_nonsense_is_tried_again_and_never_believed(self, site: Site, body: bytes) -> None:
        site.github.faults.planned.append(("GET", 200, {}, body))
        with pytest.raises(HostUnreachable):
            site.read()
        assert site.read().id == site.orders.id

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_who_is_away_is_said_to_be(self, site: Site, status: int) -> None:
        site.github.faults.planned.append(("GET", status, {}, b"<html>unicorn</html>"))
        with pytest.raises(HostUnreachable, match=str(status)):
            site.read()

    @pytest.mark.parametrize("link", ["@evil.example/x", ".evil.example/x", "https://evil.example/x", "evil", ":1/x"])
    def test_no_token_follows_a_page_to_another_host(self, site: Site, link: str) -> None:
        site.github.faults.planned.append(("GET", 200, {"Link": f'<{link}>; rel="next"'}, b"[]"))
        with pytest.raises(HostUnreachable, match="which is none of"):
            list(site.client.every(site.grant, f"{repo_path('acme/orders')}/issues/1/comments", Commented))

    def test_nobody_is_sent_to_another_host(self, site: Site) -> None:
        site.github.faults.planned.append(("GET", 301, {"Location": "https://evil.example/api/v3/x"}, b""))
        with pytest.raises(HostUnreachable, match=r"evil\.example"):
            site.read()
        site.github.faults.planned += [
            ("GET", 301, {"Location": f"{site.github.url}/api/v3/repos/acme/orders"}, b"")
        ] * 5
        with pytest.raises(HostUnreachable, match="circle"):
            site.read()

    def test_what_it_says_cannot_move_a_cursor(self, site: Site) -> None:
        said = json.dumps({"message": "no\x1b[2J\n\u202ehidden"}).encode()
        site.github.faults.planned.append(("GET", 422, {}, said))
        with pytest.raises(HostRefused) as refused:
            site.read()
        assert refused.value.fact.isprintable()

    def test_no_connection_is_said_with_its_address(self, site: Site) -> None:
        away = Github(replace(site.github.app, api="http://127.0.0.1:9"))
        with pytest.raises(HostUnreachable, match=r"127\.0\.0\.1:9 does not answer"):
            away.get(None, "/app", Numbered)
        away.close()


class TestTheApp:
    @pytest.mark.parametrize(
        ("enterprise", "api"),
        [
            ("", "https://api.github.com"),
            ("https://github.acme.example/", "https://github.acme.example/api/v3"),
            ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ],
    )
    def test_its_api_is_where_that_github_has_it(self, enterprise: str, api: str) -> None:
        assert WantedApp("acme", enterprise).api == api

    def test_it_is_read_as_it_was_written(self, site: Site) -> None:
        assert GithubApp.from_json(site.github.app.to_json()) == site.github.app

    def test_rights_are_compared_with_the_least(self) -> None:
        assert lacking(LEAST) == {}
        assert beyond(LEAST) == {}
        assert lacking({**LEAST, "checks": "read"}) == {"checks": "write"}
        assert beyond({**LEAST, **TO_WRITE_WORKFLOWS, "administration": "write"}) == {"administration": "write"}
