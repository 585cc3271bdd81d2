"""People and jobs get sessions at a server by what a real issuer says, and the commands make use of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from typer.testing import CliRunner

from odmd.bootstrap.identities import known_identities
from odmd.bootstrap.identity_settings import read_identities
from odmd.cli.main import app
from odmd.client import Client
from odmd.client.proving.browser import by_browser
from odmd.client.proving.device import by_device
from odmd.control.access.identities import IdentityProof, IdentityTold
from odmd.control.access.writes import MARK
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.events import Paused
from odmd.errors import NotSignedIn, OdmdError, ProofRefused, SessionUnknown, SignInFailed
from support.issuer import RUNNER, RunningIssuer, running_issuer
from support.issuing import ADA
from support.served import Served, bearer
from support.worlds import graph_of, node

GRACE = {**ADA, "sub": "grace-1", "email": "grace@acme.example", "groups": ["admins"]}


@pytest.fixture(scope="module")
def issuer() -> Iterator[RunningIssuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture(scope="module")
def served(issuer: RunningIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("server")
    said = {
        "company": {
            "type": "oidc",
            "issuer": issuer.url,
            "audience": "odmd",
            "called": "email",
            "devices": True,
            "allow": [
                {"when": {"groups": "admins"}, "scope": "admin"},
                {"when": {"groups": "baristas"}, "scope": "write", "teams": ["baristas"]},
            ],
        },
        "actions": {
            "type": "github-actions",
            "issuer": issuer.url,
            "audience": "127.0.0.1",
            "allow": [{"when": {"repository_id": "4242", "event_name": "push"}, "scope": "run"}],
        },
    }
    made = Served(graph_of([node(0)]), folder)
    made.known.update(known_identities(read_identities(said, folder, "pyproject.toml")))
    with made.serving(tokens=True):
        made.push("c1", 0)
        yield made


@pytest.fixture(autouse=True)
def _as_ada(issuer: RunningIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer.told("person", claims=ADA)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ODMD_TOKEN", raising=False)


def browse(url: str) -> None:
    """A browser that does as it is told."""
    threading.Thread(target=lambda: httpx.get(url, follow_redirects=True), daemon=True).start()


def signed_in(served: Served, issuer: RunningIssuer, claims: dict[str, Any]) -> str:
    with Client(served.url, "") as client:
        return client.sign_in("company", IdentityProof(issuer.token(claims))).text


def odmd(*words: str) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.exception
    return result.output


def company(served: Served) -> IdentityTold:
    """By which people are known."""
    with Client(served.url, "") as client:
        return next(one for one in client.identities() if one.name == "company")


def refused(*words: str) -> str:
    """Its code and its next step."""
    wrong = CliRunner().invoke(app, words).exception
    assert isinstance(wrong, OdmdError)
    return f"{wrong.code} {wrong.next_step}"


class TestBrowser:
    def test_a_person_signs_in_with_a_browser_and_acts_under_his_own_name(self, served: Served) -> None:
        with Client(served.url, "") as client:
            host = served.url.removeprefix("http://")
            made = client.sign_in("company", by_browser(company(served), host, lambda _line: None, opened=browse))
        assert (made.token.name, made.token.scope, made.token.teams) == ("ada@acme.example", Scope.WRITE, ("baristas",))
        with served.http(made.text) as api:
            assert api.post("/pauses", json={"scope": "*"}).status_code == 200
            (pause,) = api.get("/pauses").json()
        assert pause["by"] == "ada@acme.example"
        (logged,) = [entry.event for entry in served.store.read(0) if isinstance(entry.event, Paused)]
        assert logged.pause.by.proof.startswith(f"{company(served).issuer} says ada-1 (session ")

    def test_a_token_that_was_asked_for_at_another_server_is_refused(self, served: Served) -> None:
        """Which had it from somebody who signed in there."""
        with Client(served.url, "") as client:
            proof = by_browser(company(served), "evil.example", lambda _line: None, opened=browse)
            with pytest.raises(ProofRefused):
                client.sign_in("company", proof)

    @pytest.mark.parametrize(
        "named", ["evil.example", "EVIL.example:443", "127.0.0.1", "localhost:1", "evil.example, {own}"]
    )
    def test_one_that_another_server_was_given_is_refused_whatever_that_says_it_asks_for(
        self, served: Served, named: str
    ) -> None:
        """Which hands it on under the name at which it was asked itself: that of no server of ours."""
        proof = by_browser(company(served), named, lambda _line: None, opened=browse)
        wanted = {"identity": "company", "proof": proof.text, "secret": proof.secret}
        own = served.url.removeprefix("http://")
        for host in (named.replace("{own}", own), own):
            answer = httpx.post(f"{served.url}/api/v1/sessions", json=wanted, headers={"Host": host})
            assert (answer.status_code, answer.json()["code"]) == (401, "ODMD066"), host

    def test_whoever_says_no_is_told_so(self, served: Served, issuer: RunningIssuer) -> None:
        issuer.told("person", claims={})
        with pytest.raises(SignInFailed, match="access_denied"):
            by_browser(company(served), "x", lambda _line: None, opened=browse)

    def test_what_comes_back_from_elsewhere_is_not_waited_for(self, served: Served) -> None:
        """Another page knows the port, and not the state."""

        def opened(url: str) -> None:
            back = httpx.URL(url).params["redirect_uri"]
            forged = [f"{back}?code=x&state=y", f"{back}?code=x", back, back.replace("/signed-in", "/")]
            threading.Thread(
                target=lambda: [*(httpx.get(one) for one in forged), httpx.get(url, follow_redirects=True)], daemon=True
            ).start()

        with Client(served.url, "") as client:
            host = served.url.removeprefix("http://")
            assert client.sign_in("company", by_browser(company(served), host, lambda _line: None, opened=opened))


class TestDevice:
    def test_a_code_is_typed_elsewhere(self, served: Served, issuer: RunningIssuer) -> None:
        said, waited = list[str](), list[float]()

        def wait(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 2:
                issuer.told("device", user_code=said[0].rpartition(" ")[2], state="slow_down")
            if len(waited) == 3:
                issuer.told("device", user_code=said[0].rpartition(" ")[2], state="approved")

        with Client(served.url, "") as client:
            made = client.sign_in("company", by_device(company(served), said.append, wait=wait))
        assert made.token.name == "ada@acme.example"
        assert waited == [0.05, 0.05, 5.05], "slower, as it was told"

    @pytest.mark.parametrize("state", ["access_denied", "expired_token"])
    def test_a_no_ends_it(self, served: Served, issuer: RunningIssuer, state: str) -> None:
        said = list[str]()

        def wait(seconds: float) -> None:
            issuer.told("device", user_code=said[0].rpartition(" ")[2], state=state)

        with pytest.raises(SignInFailed, match=state):
            by_device(company(served), said.append, wait=wait)


class TestSessions:
    def test_keys_that_are_rotated_are_followed(self, served: Served, issuer: RunningIssuer) -> None:
        before = issuer.token(ADA)
        assert signed_in(served, issuer, ADA)
        served.known["company"].identities._tokens.issuer._tried = float("-inf")  # type: ignore[attr-defined]
        issuer.told("rotate")
        assert signed_in(served, issuer, ADA)
        with Client(served.url, "") as client, pytest.raises(ProofRefused):
            client.sign_in("company", IdentityProof(before))

    def test_a_proof_is_good_for_one_session(self, served: Served, issuer: RunningIssuer) -> None:
        proof = IdentityProof(issuer.token(ADA))
        with Client(served.url, "") as client:
            client.sign_in("company", proof)
            with pytest.raises(ProofRefused):
                client.sign_in("company", proof)

    def test_each_sees_and_ends_his_own_and_admins_all(self, served: Served, issuer: RunningIssuer) -> None:
        adas, graces = signed_in(served, issuer, ADA), signed_in(served, issuer, GRACE)
        with Client(served.url, adas) as ada, Client(served.url, graces) as grace:
            assert {one.name for one in ada.sessions()} == {"ada@acme.example"}
            assert {one.name for one in grace.sessions(everybody=True)} >= {"ada@acme.example", "grace@acme.example"}
            mine, hers = ada.whoami().session, grace.whoami().session
            assert mine
            assert hers
            with pytest.raises(SessionUnknown):
                ada.end_session(hers)
            grace.end_session(mine)
            with pytest.raises(NotSignedIn):
                ada.whoami()
            grace.end_session(hers)
            with pytest.raises(NotSignedIn):
                grace.whoami()

    def test_who_has_a_token_has_no_session_and_ends_none(self, served: Served, issuer: RunningIssuer) -> None:
        text = signed_in(served, issuer, ADA)
        with Client(served.url, text) as ada, Client(served.url, served.token(Scope.WRITE).text) as other:
            session = ada.whoami().session
            assert session
            assert other.sessions() == []
            with pytest.raises(SessionUnknown):
                other.end_session(session)
            with pytest.raises(SessionUnknown):
                other.end_session(other.whoami().session or "0" * 12)

    def test_a_list_of_tokens_has_none(self, served: Served, issuer: RunningIssuer) -> None:
        signed_in(served, issuer, ADA)
        admin = served.token(Scope.ADMIN)
        with Client(served.url, admin.text) as client:
            assert all(one.session is None for one in client.tokens())


class TestCommands:
    def test_a_job_of_github_signs_in_and_out(
        self, served: Served, issuer: RunningIssuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{issuer.url}/job?api-version=2")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", RUNNER)
        monkeypatch.setenv("ODMD_SERVER", served.url)
        assert "acme/orders run 9001.1" in odmd("login", "actions")
        assert "on push (session" in odmd("whoami")
        assert "ODMD303" in refused("status"), "it may carry out runs, and no more"
        assert "the session is over" in odmd("logout")
        assert "there was no session" in odmd("logout")
        assert "ODMD302" in refused("whoami")

    def test_a_person_signs_in_and_his_commands_find_the_session(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(by_browser, "__defaults__", (None, browse, 60.0))
        monkeypatch.setenv("ODMD_SERVER", served.url)
        assert "may write, answers for baristas" in odmd("login", "company")
        assert "ada@acme.example" in odmd("whoami")
        mine = json.loads(odmd("whoami", "--json"))["session"]
        assert mine in [one["id"] for one in json.loads(odmd("session", "list", "--json"))]
        assert "is over" in odmd("session", "revoke", mine)
        assert "ODMD302" in refused("whoami")

    def test_an_admin_ends_all_sessions_of_who_leaves(
        self, served: Served, issuer: RunningIssuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        leaver = {**ADA, "sub": "leaver-1", "email": "leaver@acme.example"}
        left = [signed_in(served, issuer, {**leaver, "jti": str(n)}) for n in range(2)]
        token = served.token(Scope.READ, name="leaver@acme.example")
        monkeypatch.setenv("ODMD_SERVER", served.url)
        monkeypatch.setenv("ODMD_TOKEN", left[0])
        assert "ODMD303" in refused("session", "revoke", "--of", "leaver@acme.example"), "nobody asks for everybody's"
        monkeypatch.setenv("ODMD_TOKEN", signed_in(served, issuer, {**GRACE, "jti": "end"}))
        said = odmd("session", "revoke", "--of", "leaver@acme.example")
        assert said.count("is over") == 2
        assert f"still has tokens: `odmd token revoke {token.token.id}`" in said
        for text in left:
            with Client(served.url, text) as client, pytest.raises(NotSignedIn):
                client.whoami()
        assert "has no session" in odmd("session", "revoke", "--of", "leaver@acme.example")

    def test_several_identities_have_to_be_told_apart(self, served: Served) -> None:
        assert "actions (github-actions), company (oidc)" in refused("login", "--server", served.url)
        assert "ODMD067" in refused("login", "nobody", "--server", served.url)

    def test_a_server_that_wants_a_proof_for_another_one_gets_none(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        elsewhere = served.url.replace("127.0.0.1", "localhost")
        said = refused("login", "actions", "--server", elsewhere)
        assert "ODMD068" in said
        assert "--audience 127.0.0.1" in said

    def test_a_proof_is_sent_over_no_open_line(self) -> None:
        assert "ODMD068" in refused("login", "--server", "http://odmd.acme.example")


class TestBrowsersOwnSession:
    """A cookie that no script reads, and that no page of another site makes use of."""

    OURS: ClassVar = {"Sec-Fetch-Site": "same-origin", MARK: "1"}

    @pytest.fixture
    def cookie(self, served: Served, issuer: RunningIssuer) -> str:
        wanted = {"identity": "company", "proof": issuer.token(ADA), "cookie": True}
        answer = httpx.post(f"{served.url}/api/v1/sessions", json=wanted, headers=self.OURS)
        assert answer.json()["text"] == ""
        kept, *words = answer.headers["set-cookie"].split("; ")
        assert {word.lower() for word in words} >= {"httponly", "secure", "samesite=strict", "path=/"}
        assert kept.startswith("__Host-odmd=odmd_")
        assert not any(word.lower().startswith("domain") for word in words)
        return str(kept)

    def test_pages_of_ours_read_and_write_with_it(self, served: Served, cookie: str) -> None:
        with httpx.Client(base_url=f"{served.url}/api/v1", headers={"Cookie": cookie}) as api:
            assert api.get("/whoami", headers={"Sec-Fetch-Site": "same-origin"}).json()["name"] == "ada@acme.example"
            assert api.post("/pauses", json={"scope": "*"}, headers=self.OURS).status_code == 200
            old = {"Origin": served.url, MARK: "1"}
            assert api.post("/pauses", json={"scope": "*"}, headers=old).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site", MARK: "1"},
            {"Sec-Fetch-Site": "same-site", MARK: "1"},
            {"Sec-Fetch-Site": "none", MARK: "1"},
            {"Sec-Fetch-Site": "same-origin"},
            {"Origin": "https://evil.example", MARK: "1"},
            {"Origin": "null", MARK: "1"},
            {MARK: "1"},
            {},
        ],
        ids=str,
    )
    def test_others_do_not_write_with_it(self, served: Served, cookie: str, headers: dict[str, str]) -> None:
        answer = httpx.post(f"{served.url}/api/v1/pauses", json={"scope": "*"}, headers={"Cookie": cookie, **headers})
        assert (answer.status_code, answer.json()["code"]) in ((403, "ODMD303"), (403, "ODMD332"))

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_others_do_not_read_with_it(self, served: Served, cookie: str, site: str) -> None:
        answer = httpx.get(f"{served.url}/api/v1/envers", headers={"Cookie": cookie, "Sec-Fetch-Site": site})
        assert answer.status_code == 403

    def test_another_site_signs_nobody_in(self, served: Served, issuer: RunningIssuer) -> None:
        wanted = {"identity": "company", "proof": issuer.token(ADA), "cookie": True}
        evil = {**self.OURS, "Sec-Fetch-Site": "cross-site"}
        answer = httpx.post(f"{served.url}/api/v1/sessions", json=wanted, headers=evil)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers

    def test_a_token_that_is_said_counts_and_not_the_cookie(self, served: Served, cookie: str) -> None:
        headers = {"Cookie": cookie, **bearer(served.token(Scope.READ, name="grace").text)}
        assert httpx.get(f"{served.url}/api/v1/whoami", headers=headers).json()["name"] == "grace"

    def test_two_of_them_are_none(self, served: Served, cookie: str) -> None:
        answer = httpx.get(f"{served.url}/api/v1/whoami", headers=[("Cookie", cookie), ("Cookie", "__Host-odmd=x")])
        assert answer.status_code == 401

    def test_it_is_forgotten_when_its_session_is_ended(self, served: Served, cookie: str) -> None:
        with httpx.Client(base_url=f"{served.url}/api/v1", headers={"Cookie": cookie, **self.OURS}) as api:
            answer = api.delete(f"/sessions/{api.get('/whoami').json()['session']}")
            assert answer.status_code == 204
            assert 'odmd=""' in answer.headers["set-cookie"]
            assert api.get("/whoami").status_code == 401
