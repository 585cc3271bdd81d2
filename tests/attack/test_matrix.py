"""Who may do what, at every address that the app itself says it has: a new one without a line here fails."""

from __future__ import annotations

import math
import re
import secrets
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
import pytest
from fastapi.routing import APIRoute

from odmd.control.access.tokens import SignedIn, Token, make_token, secret_digest, text_of
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.server.app import _NOUNS, _OUTSIDE
from odmd.server.guard import PREFIX
from odmd.store.tokens import SqlTokens
from odmd.trust import nobody
from support.actors import somebody
from support.job import Job, right
from support.served import Served
from support.until import TOO_LONG

WHO: Final = (
    *("nobody", "own", "other", "ended", "read", "write", "admin", "revoked", "expired", "prepares"),
    *("foreign", "person", "role", "job"),
)
"""No token; that of run 1, which its agent carries out; of run 3; of run 2, which ended; scopes; what was good; that of
run 1 again, for who only prepares it; an admin's of another organisation; sessions: of a person of the team who may
write, of a role that may read, of a job that has the right to run 1 and did not claim it."""
TEAMS: Final = ("baristas",)

MAY: Final = {
    #             nobody own   other ended read  write admin revoked expired prepares foreign person role  job
    "open": "     yes    yes   yes   yes   yes   yes   yes   yes     yes     yes      yes     yes    yes   yes",
    "signed in": "302    yes   yes   302   yes   yes   yes   302     302     yes      302     yes    yes   yes",
    "read": "     302    303   303   302   yes   yes   yes   302     302     303      302     yes    yes   303",
    "write": "    302    303   303   302   303   yes   yes   302     302     303      302     yes    303   303",
    "admin": "    302    303   303   302   303   303   yes   302     302     303      302     303    303   303",
    "claim": "    302    yes   303   302   303   yes   yes   302     302     yes      302     yes    303   yes",
    "attempt": "  302    yes   303   302   303   330   330   302     302     330      302     330    303   330",
    "carried": "  302    yes   303   302   303   330   330   302     302     303      302     330    303   330",
    "last word": "302    yes   303   303   303   330   330   302     302     330      302     330    303   330",
}
"""What is answered: yes (whatever comes of it), not signed in (ODMD302), not allowed (303), another's attempt (330)."""

OPERATIONS: Final = {
    "GET /console": "open",
    "GET /console/{path}": "open",
    "GET /costs": "read",
    "GET /overview": "read",
    "GET /questions": "read",
    "GET /neighbourhood": "read",
    "GET /search": "read",
    "POST /handovers": "read",
    "POST /browser": "open",
    "DELETE /browser": "signed in",
    "GET /healthz": "open",
    "GET /readyz": "open",
    "GET /metrics": "read",
    "POST /webhooks/github": "open",
    "GET /artifacts/{digest}": "write",
    "DELETE /pauses/{scope}": "write",
    "DELETE /delegations/{team}/{to}": "write",
    "GET /clones": "read",
    "PATCH /clones/{clone}": "write",
    "GET /delegations": "read",
    "POST /delegations": "write",
    "POST /questions": "write",
    "DELETE /tokens/{token}": "admin",
    "GET /audit": "read",
    "GET /audit/entries": "read",
    "GET /history": "read",
    "GET /provenance": "read",
    "GET /reached": "read",
    "GET /changes/{wave}": "read",
    "GET /comparison": "read",
    "GET /config": "write",
    "GET /config/layers": "read",
    "GET /config/layers/versions": "write",
    "GET /config/moved": "write",
    "GET /config/problems": "read",
    "PUT /config/layers": "write",
    "PATCH /config/layers": "write",
    "GET /contracts": "read",
    "GET /dora": "read",
    "GET /envers": "read",
    "GET /envers/{build}/{slot}": "read",
    "GET /envers/{build}/{slot}/checks": "read",
    "GET /envers/{build}/{slot}/reports": "read",
    "POST /verifications": "write",
    "GET /envers/{build}/{slot}/earlier": "read",
    "GET /envers/{build}/{slot}/document": "read",
    "GET /envers/{build}/{slot}/documents": "read",
    "GET /envers/{build}/{slot}/why": "read",
    "GET /events": "read",
    "GET /graph": "read",
    "GET /lag": "read",
    "GET /log": "read",
    "GET /pauses": "read",
    "GET /runs": "read",
    "GET /runs/{run}": "read",
    "GET /runs/{run}/log": "read",
    "GET /secrets": "write",
    "GET /subscribers": "read",
    "GET /troubles": "read",
    "GET /tokens": "admin",
    "GET /identities": "open",
    "POST /sessions": "open",
    "GET /sessions": "signed in",
    "DELETE /sessions/{session}": "signed in",
    "GET /whoami": "signed in",
    "GET /values": "read",
    "GET /waves": "read",
    "GET /where": "read",
    "POST /answers": "write",
    "POST /changes": "write",
    "POST /contracts:reload": "admin",
    "POST /deployability": "write",
    "POST /held-answers": "write",
    "DELETE /held-answers/{enver}": "write",
    "POST /drifts": "write",
    "POST /drift-acceptances": "write",
    "POST /pauses": "write",
    "POST /pins": "write",
    "POST /plans": "write",
    "POST /preflights": "write",
    "POST /releases": "write",
    "POST /runs/{run}:cancel": "write",
    "POST /tokens": "admin",
    "PUT /secrets": "write",
    "POST /runs/{run}/claims": "claim",
    "POST /runs/{run}/attempts/{attempt}/beat": "attempt",
    "POST /runs/{run}/attempts/{attempt}/steps": "attempt",
    "POST /runs/{run}/attempts/{attempt}/lines": "attempt",
    "POST /runs/{run}/attempts/{attempt}/end": "last word",
    "PUT /runs/{run}/attempts/{attempt}/artifacts/{digest}": "attempt",
    "GET /runs/{run}/attempts/{attempt}/artifacts/{digest}": "carried",
    "POST /runs/{run}/attempts/{attempt}/given-back": "carried",
    "POST /runs/{run}/attempts/{attempt}/prepared": "attempt",
    "POST /runs/{run}/rights": "open",
}
GIVEN: Final = {
    "team": "baristas",
    "to": "grace",
    "attempt": "1",
    "digest": f"sha256:{'0' * 64}",
    "token": "0" * 12,
    "session": "0" * 12,
}


def operations() -> list[str]:
    """Of the app, as its routers have them."""
    routes = [("", route) for one in _OUTSIDE for route in one.router.routes]
    routes += [(PREFIX, route) for noun in _NOUNS for route in noun.router.routes]
    found = [(prefix, route) for prefix, route in routes if isinstance(route, APIRoute)]
    return sorted(
        f"{method} {prefix}{route.path}".replace(":path", "") for prefix, route in found for method in route.methods
    )


def short(operation: str) -> str:
    return operation.replace(f" {PREFIX}/", " /")


def session(served: Served, kind: ActorKind, scope: Scope, run: int | None = None) -> str:
    """Of somebody who proved who he is."""
    secret, now = secrets.token_urlsafe(32), time.time()
    proven = SignedIn("company", f"{kind}-1", kind, "by the tests")
    token = Token(
        secrets.token_hex(6), f"a {kind}", scope, "company", now, now + 600, run=run, teams=TEAMS, session=proven
    )
    served.tokens.add(token, secret_digest(secret), somebody("ada"))
    return text_of(token.id, secret)


@pytest.fixture
def tokens(served: Served, tmp_path: Path) -> dict[str, str]:
    ended = served.fail(1)
    served.push("c2", 1)
    found = {"nobody": "", "own": right(served, 1), "other": right(served, 3), "ended": right(served, ended)}
    found |= {scope.value: served.token(scope).text for scope in (Scope.READ, Scope.WRITE, Scope.ADMIN)}
    found["prepares"] = right(served, 1, Scope.PREPARE)
    with closing(SqlTokens(tmp_path / "elsewhere" / "state.db")) as elsewhere:
        found["foreign"] = make_token(elsewhere, "grace", Scope.ADMIN, somebody("ada"), time.time(), math.inf).text
    found["person"] = session(served, ActorKind.PERSON, Scope.WRITE)
    found["role"] = session(served, ActorKind.ROLE, Scope.READ)
    found["job"] = session(served, ActorKind.JOB, Scope.RUN, run=1)
    revoked = served.token(Scope.ADMIN)
    served.tokens.revoke(revoked.token.id, time.time(), somebody("ada"))
    return found | {"revoked": revoked.text, "expired": served.token(Scope.ADMIN, expires=time.time() - 1).text}


def test_every_operation_has_a_line() -> None:
    """Attacks nothing: what is new is decided on."""
    assert {short(one) for one in operations()} == set(OPERATIONS)


def test_the_app_has_no_operations_beside_them(served: Served) -> None:
    """Attacks nothing: the routers are all there is."""
    with served.http(served.token(Scope.READ).text) as api:
        paths = api.get("/openapi.json").json()["paths"]
    said = sorted(f"{method.upper()} {path}" for path, ways in paths.items() for method in ways)
    assert said == [one for one in operations() if "/console" not in one]  # a page is no part of the API


def asked(http: httpx.Client, operation: str, token: str, secret: str) -> str:
    """What is answered, in the words of the table."""
    method, path = operation.split(" ")
    run = "1" if "/attempts/" in path or "/claims" in path else "999"
    path = re.sub(r"\{(\w+)\}", lambda found: GIVEN.get(found[1], run), path)
    headers = {"X-Odmd-Claim": secret, "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    body = b'{"nonsense": 1}' if method == "POST" else b""
    with http.stream(method, path, headers=headers, content=body) as answer:
        if answer.status_code not in (401, 403):
            return "yes"
        answer.read()
        return answer.json()["code"].removeprefix("ODMD")


def _is_the_end(operation: str) -> bool:
    """Who signs out has no session for what comes after."""
    return operation.startswith("DELETE") and operation.endswith("/browser")


def test_everybody_may_what_the_table_says(served: Served, tokens: dict[str, str]) -> None:
    """Has each kind of token in turn, and knows run 1's claim secret. Wants more than it is good for."""
    job = Job(served, tokens["own"])
    assert job.claim(1).status_code == 201
    wrong = list[str]()
    with httpx.Client(base_url=served.url, timeout=TOO_LONG, verify=nobody()) as http:
        for operation in sorted(operations(), key=_is_the_end):
            may = MAY[OPERATIONS[short(operation)]].split()
            for who, expected in zip(WHO, may, strict=True):
                found = asked(http, operation, tokens[who], job.secret)
                if found != expected:
                    wrong.append(f"{who}: {operation}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)
