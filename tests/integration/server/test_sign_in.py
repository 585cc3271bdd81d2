"""Who may do what: loopback names only, or tokens; and nobody learns what he may not see."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from odmd.client import Client
from odmd.control.access.local_token import kept_token
from odmd.control.leading.wishes import Answering
from odmd.control.scheduler.actor import Scope
from odmd.errors import NotAllowed, NotSignedIn, NotTheApprover, OdmdError
from odmd.server.auth import OWN
from odmd.store.claims import SqlClaims
from support.actors import somebody
from support.job import Job
from support.served import Served

ENDS = ["/envers", "/envers/e0/b..main", "/envers/none/b..none", "/runs/999", "/nothing", "/tokens", "/log"]


class TestLoopback:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Host": "127.0.0.1.evil.example"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ],
    )
    def test_pages_of_other_sites_do_not_reach_it(self, api: httpx.Client, headers: dict[str, str]) -> None:
        assert api.get("/envers", headers=headers).status_code == 403
        assert api.post("/pauses", json={"scope": "*"}, headers=headers).status_code == 403

    @pytest.mark.parametrize("host", ["localhost:8471", "127.0.0.1", "[::1]:8471", "LOCALHOST"])
    def test_names_of_this_machine_do(self, api: httpx.Client, host: str) -> None:
        assert api.get("/envers", headers={"Host": host}).status_code == 200


class TestOwn:
    @pytest.fixture(autouse=True)
    def _mine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))
        monkeypatch.delenv("ODMD_TOKEN", raising=False)

    def test_who_started_it_goes_on_when_it_is_started_again(self) -> None:
        good, asked = ["first"], list[str]()

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.headers["Authorization"].removeprefix("Bearer "))
            return httpx.Response(200 if asked[-1] == good[0] else 401, json={"items": [], "next": None})

        url, transport = "http://127.0.0.1:8471", httpx.MockTransport(answer)
        with kept_token("127.0.0.1", 8471, "first"), Client(url, transport=transport) as client:
            list(client.all_envers())
            good[0] = "second"
            with kept_token("127.0.0.1", 8471, "second"):
                list(client.all_envers())
                list(client.all_envers())
            good[0] = "third"
            with pytest.raises(OdmdError, match="status 401"):
                list(client.all_envers())
        assert asked == ["first", "first", "second", "second", "second"], "once again, and then no more"

    def test_what_it_claimed_before_is_its_own_then(self, served: Served) -> None:
        served.push("c1", 0)
        job = Job(served, served.own)
        assert job.claim(1).status_code == 201
        assert SqlClaims(served.store.database).is_of(1, 1, OWN, job.secret)


class TestTokens:
    def test_without_one_everything_looks_alike(self, guarded: Served) -> None:
        guarded.deploy()
        with guarded.http() as api:
            answers = [api.get(path) for path in ENDS]
            assert {answer.status_code for answer in answers} == {401}
            assert len({answer.json()["detail"] for answer in answers}) == 1
            assert api.post("/answers", content=b"{").status_code == 401, "before the body is looked at"

    def test_forged_expired_revoked_and_mangled_ones_are_told_the_same(self, guarded: Served) -> None:
        good = guarded.token(Scope.ADMIN)
        expired = guarded.token(Scope.ADMIN, expires=time.time() - 1)
        revoked = guarded.token(Scope.ADMIN)
        guarded.tokens.revoke(revoked.token.id, time.time(), somebody("ada"))
        last = "A" if good.text[-1] != "A" else "B"
        other_id = f"odmd_{'0' * 12}_{good.text.split('_', 2)[2]}"
        bad = [expired.text, revoked.text, good.text[:-1] + last, other_id, good.text + "x", "odmd_", "x" * 300, "é"]
        told = set()
        for text in bad:
            answer = httpx.get(f"{guarded.url}/api/v1/envers", headers={"Authorization": f"Bearer {text}".encode()})
            assert answer.status_code == 401, text
            told.add(answer.json()["detail"])
        assert len(told) == 1
        with guarded.http(good.text) as api:
            assert api.get("/envers").status_code == 200

    def test_a_scope_is_looked_at_before_what_is_there(self, guarded: Served) -> None:
        guarded.deploy()
        with guarded.http(guarded.token(Scope.READ).text) as api:
            for path in ("/runs/1:cancel", "/runs/999:cancel", "/nothing"):
                assert api.post(path).status_code == 403
            for id in ("0" * 12, guarded.token(Scope.READ).token.id):
                assert api.delete(f"/tokens/{id}").status_code == 403
        with guarded.http(guarded.token(Scope.WRITE).text) as api:
            assert api.post("/tokens", json={}).status_code == 403
            assert api.post("/contracts:reload").status_code == 403

    def test_they_are_made_listed_and_revoked_over_http_and_never_told_again(self, guarded: Served) -> None:
        with Client(guarded.url, guarded.token(Scope.ADMIN, name="boss").text) as boss:
            made = boss.create_token("robot", Scope.READ, time.time() + 60)
            assert (made.token.by, made.token.scope) == ("boss", Scope.READ)
            with Client(guarded.url, made.text) as robot:
                assert not list(robot.all_envers())
                with pytest.raises(NotAllowed):
                    robot.tokens()
                boss.revoke_token(made.token.id)
                with pytest.raises(NotSignedIn):
                    list(robot.all_envers())
            assert made.text.split("_", 2)[2] not in repr(boss.tokens())
        assert made.text.split("_", 2)[2].encode() not in guarded.path.read_bytes()

    def test_use_is_noted_coarsely(self, guarded: Served) -> None:
        made = guarded.token(Scope.READ)
        with guarded.http(made.text) as api:
            api.get("/envers")
            found = guarded.tokens.find(made.token.id)
            assert found is not None
            first = found[0].used
            assert first is not None
            api.get("/envers")
        found = guarded.tokens.find(made.token.id)
        assert found is not None
        assert found[0].used == first

    def test_a_gate_is_answered_with_a_token_of_its_team_or_an_admins(self, guarded: Served) -> None:
        guarded.deploy()
        wrong, right = guarded.token(Scope.WRITE, "roasters"), guarded.token(Scope.WRITE, "baristas")
        with Client(guarded.url, wrong.text) as client:
            (asked,) = client.enver("e2@main").asks
            answer = Answering("e2@main", asked.input, True, "", asked.identity)
            with pytest.raises(NotTheApprover, match="waits for team baristas"):
                client.tell(answer)
            assert client.enver("e2@main").asks
        with Client(guarded.url, right.text) as client:
            assert client.tell(answer)
            assert not client.enver("e2@main").asks
        assert [one.teams for one in guarded.tokens.all() if one.id == right.token.id] == [("baristas",)]
