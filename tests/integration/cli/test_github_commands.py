"""`odmd github`, as it is typed, at a GitHub Enterprise Server that is played; a browser that clicks at once."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from odmd.bootstrap.keys import key_ring
from odmd.bootstrap.settings import read_settings
from odmd.providers.github.app import LEAST, TO_WRITE_WORKFLOWS
from odmd.store.credentials import SqlCredentials
from odmd.store.sql import SqlStore
from odmd.trust import nobody
from support.actors import somebody
from support.github.browser import click
from support.github.fake import FakeGithub, key
from support.github.git_answers import close, push
from support.recording import Desk, Done


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub().serving() as made:
        yield made
        assert made.wrong == []


class Browser:
    """Of an owner who clicks whatever there is to click."""

    def __init__(self) -> None:
        self.pages = list[str]()
        self.thread = threading.Thread()

    def open(self, url: str) -> None:
        self.thread = threading.Thread(target=self.click, args=(url,))
        self.thread.start()

    def click(self, url: str) -> None:
        self.pages = click(url)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    made = Browser()
    monkeypatch.setattr("odmd.providers.github.setup.webbrowser.open", lambda _url: None)
    monkeypatch.setattr("odmd.providers.github.setup.make_app.__defaults__", (made.open, 20.0))
    return made


def setup(desk: Desk, github: FakeGithub, *more: str) -> Done:
    return desk.odmd("github", "setup", "--org", "acme", "--enterprise", github.url, *more)


class TestSetup:
    def test_a_click_makes_the_app_and_its_key_is_sealed(
        self, desk: Desk, github: FakeGithub, browser: Browser
    ) -> None:
        done = setup(desk, github)
        assert done.code == 0, done.err
        browser.thread.join()
        app = github.apps[7]
        assert (app["slug"], app["owner"], app["permissions"]) == ("odmd-acme", "acme", LEAST)
        assert app["hook"] == {}
        assert "PRIVATE KEY" not in done.out + done.err
        for file in (desk.root / ".odmd").rglob("*"):
            assert not file.is_file() or key().split("\n")[2].encode() not in file.read_bytes()
        store = SqlStore(desk.root / ".odmd" / "state.db")
        assert store.waiting() is False
        store.close()

    def test_with_an_address_it_is_told_what_happens(self, desk: Desk, github: FakeGithub, browser: Browser) -> None:
        assert setup(desk, github, "--webhooks-to", "https://odmd.acme.com/").code == 0
        browser.thread.join()
        assert github.apps[7]["hook"] == {"url": "https://odmd.acme.com/webhooks/github", "active": True}
        assert "push" in github.apps[7]["events"]

    def test_one_that_is_known_is_not_lost(self, desk: Desk, github: FakeGithub, browser: Browser) -> None:
        assert setup(desk, github).code == 0
        browser.thread.join()
        done = setup(desk, github)
        assert done.code == 1
        assert "ODMD355" in done.err
        assert "App 7 odmd-acme of acme" in done.err
        assert setup(desk, github, "--again", "--json").code == 0

    def test_who_is_slower_takes_nobodys_place(self, desk: Desk, github: FakeGithub, browser: Browser) -> None:
        def slowly(url: str) -> None:
            store = SqlStore(desk.root / ".odmd" / "state.db")
            ring = key_ring(read_settings(), store)
            SqlCredentials(store.database, ring).put("github", github.app.to_json(), "App 7", somebody("grace"), 1.0)
            store.close()
            browser.pages = click(url)

        browser.click = slowly  # type: ignore[method-assign]
        done = setup(desk, github)
        browser.thread.join()
        assert done.code == 1
        assert "somebody else was faster: remove" in done.err

    def test_a_key_that_cannot_be_kept_is_said_at_once_with_what_to_remove(
        self, desk: Desk, github: FakeGithub, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def put(*_args: object) -> None:
            raise OSError("no space left")

        monkeypatch.setattr(SqlCredentials, "put", put)
        done = setup(desk, github)
        browser.thread.join()
        assert done.code == 1
        assert f"remove {github.url}/apps/odmd-acme" in done.err
        assert "the command says why" in browser.pages[-1]

    def test_a_code_that_github_does_not_know_keeps_nothing(
        self, desk: Desk, github: FakeGithub, browser: Browser
    ) -> None:
        github.faults.planned.append(("app-manifests", 404, {}, None))
        done = setup(desk, github)
        assert done.code == 1
        assert "ODMD353" in done.err
        browser.thread.join()
        assert "the command says why" in browser.pages[-1]
        assert desk.odmd("github", "status").code == 1

    def test_who_does_not_know_the_state_or_the_page_gets_nothing_in(
        self, desk: Desk, github: FakeGithub, browser: Browser
    ) -> None:
        answers = list[int]()

        def probe(url: str) -> None:
            origin = f"http://{urlsplit(url).netloc}"
            with httpx.Client(verify=nobody(), timeout=20) as web:
                for path in ("/", "/back?code=x", "/back?code=x&state=y", "/back?code=x&state=y&state=z"):
                    answers.append(web.get(origin + path).status_code)
                answers.append(web.get(url, headers={"Host": "evil.example"}).status_code)
            Browser.click(browser, url)

        browser.click = probe  # type: ignore[method-assign]
        assert setup(desk, github).code == 0
        browser.thread.join()
        assert answers == [400] * 5

    @pytest.mark.parametrize("url", ["http://github.acme.com", "ftp://x", "https://user@acme.com", "nonsense"])
    def test_a_key_is_fetched_from_nobody_in_between(self, desk: Desk, url: str) -> None:
        done = desk.odmd("github", "setup", "--org", "acme", "--enterprise", url)
        assert done.code == 1
        assert "is no address by https" in done.err


CONTRACTS = '''
from odmd.model import *

team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", team, ids=("1", "2")), runs_on=Actions())):
    """Jobs carry it out."""

class Other(CdkEnver, build=Build("other", Repo("acme/other", team))):
    """Workers carry it out."""

envers = [one(on=Branch("main"), at=dev) for one in (Orders, Other)]
acme = Organisation("acme", central=dev.account, envers=envers)
'''


class TestWorkflows:
    def propose(self, desk: Desk, *more: str) -> Done:
        return desk.odmd("github", "workflows", "--server", "https://odmd.acme.example", "--propose", *more)

    def test_they_are_proposed_by_the_app_that_was_let_do_so(
        self, desk: Desk, github: FakeGithub, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (desk.root / "contracts.py").write_text(CONTRACTS)
        (desk.root / "pyproject.toml").write_text('[tool.odmd]\ncontracts = "contracts.py:acme"\n')
        for name in ("orders", "other"):
            subprocess.run(["git", "init", "-q", "-b", "main", str(desk.root / "at" / name)], check=True)
            push(github.repository(f"acme/{name}", desk.root / "at" / name), "main", {"a": "b"}, "ada")
        assert "ODMD354" in self.propose(desk).err, "there is no App"
        assert setup(desk, github, "--brings-workflows").code == 0
        browser.thread.join()
        assert github.apps[7]["permissions"] == {**LEAST, **TO_WRITE_WORKFLOWS}
        (orders, _) = github.repositories.values()
        waited = list[float]()
        monkeypatch.setattr("odmd.cli.workflows.sleep", waited.append)
        github.faults.planned.append(("POST /repos/{owner}/{repo}/pulls", 502, {}, None))
        done = self.propose(desk)
        assert done.code == 0, done.err
        (number,) = orders.pulls
        where = f"{github.url}/acme/orders/pull/{number}"
        assert f"acme/orders: proposed  {where}  (add odmd-orders.yaml, add action.yml)" in done.out
        assert "acme/other: all is as" in done.out
        assert len(waited) == 1
        (found, _) = json.loads(self.propose(desk, "--json").out)
        assert (found["how"], found["url"]) == ("proposed before", where)
        close(orders, number)
        assert "somebody closed the pull request" in (done := self.propose(desk)).out
        assert done.code == 1
        assert desk.odmd("github", "status").code == 0


class TestStatus:
    @pytest.fixture(autouse=True)
    def known(self, desk: Desk, github: FakeGithub, browser: Browser) -> None:
        for name in ("foundation", "reader", "writer"):
            github.repository(f"acme/{name}")
        assert setup(desk, github, "--webhooks-to", "https://odmd.acme.com").code == 0
        browser.thread.join()

    def test_all_is_well(self, desk: Desk) -> None:
        done = desk.odmd("github", "status")
        assert done.code == 0, done.err
        assert "repositories that it reaches: 3" in done.out
        assert (data(desk)["lacking"], data(desk)["elsewhere"]) == ({}, [])

    def test_an_archived_repository_is_told_and_is_no_mistake(self, desk: Desk, github: FakeGithub) -> None:
        archived = github.find("acme/writer")
        assert archived
        archived.archived = True
        done = desk.odmd("github", "status")
        assert (done.code, "acme/writer is archived" in done.out) == (0, True)
        (found,) = [one for one in json.loads(desk.odmd("doctor", "--json").out) if one["name"] == "GitHub"]
        assert found["state"] == "note"
        assert "acme/writer is archived" in found["fact"]

    def test_what_is_missing_is_named_with_where_to_mend_it(self, desk: Desk, github: FakeGithub) -> None:
        (installed,) = github.installations.values()
        installed.permissions = {**LEAST, "checks": "read", "administration": "write"}
        installed.events.remove("push")
        installed.repositories.pop()
        done = desk.odmd("github", "status")
        assert done.code == 1
        for said in (
            "lacks checks: write",
            "has administration: write",
            "not told of push",
            "does not reach acme/writer",
        ):
            assert said in done.out
        assert f"{github.url}/apps/odmd-acme" in done.out

    def test_doctor_says_the_same(self, desk: Desk, github: FakeGithub) -> None:
        (installed,) = github.installations.values()
        installed.permissions = {**LEAST, "checks": "read"}
        (found,) = [one for one in json.loads(desk.odmd("doctor", "--json").out) if one["name"] == "GitHub"]
        assert found["state"] == "wrong"
        assert "lacks checks: write" in found["fact"]

    @pytest.mark.parametrize("how", ["uninstalled", "suspended", "removed"])
    def test_an_app_that_is_not_let_in_says_so(self, desk: Desk, github: FakeGithub, how: str) -> None:
        match how:
            case "uninstalled":
                github.installations.clear()
            case "suspended":
                next(iter(github.installations.values())).suspended_at = "2026-11-01T00:00:00Z"
            case _:
                github.apps.clear()
        done = desk.odmd("github", "status")
        assert done.code == 1
        assert "ODMD354" in done.err

    def test_without_its_key_nobody_is_the_app(self, desk: Desk) -> None:
        (desk.root / ".odmd" / "settings.key").unlink()
        done = desk.odmd("github", "status")
        assert done.code == 1
        assert "key" in done.err


def data(desk: Desk) -> Any:
    return json.loads(desk.odmd("github", "status", "--json").out)


def test_nobody_is_known_before(desk: Desk, tmp_path: Path) -> None:
    done = desk.odmd("github", "status")
    assert done.code == 1
    assert "odmd github setup" in done.err
    assert not (tmp_path / ".odmd").exists()
