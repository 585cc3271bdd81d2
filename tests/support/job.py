"""An agent over HTTP by hand, honest or not: it says what a test wants it to say."""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Mapping

import httpx

from odmd.control.access.claims import HEADER, new_secret
from odmd.control.access.tokens import make_token
from odmd.control.scheduler.actor import Scope
from support.actors import somebody
from support.served import Served


class Job:
    """Comes with a token, a name and a secret."""

    def __init__(self, served: Served, token: str, worker: str = "agent-honest-1", secret: str = "") -> None:
        self.served, self.token, self.worker, self.secret = served, token, worker, secret or new_secret()

    def claim(self, run: int) -> httpx.Response:
        contracts = self.served.graph.digest()
        said = {"worker": self.worker, "release": "0", "contracts": contracts, "secret": self.secret}
        return self.send("POST", f"/runs/{run}/claims", json=said)

    def post(self, run: int, what: str, said: Mapping[str, object] | None = None, attempt: int = 1) -> httpx.Response:
        return self.send("POST", f"/runs/{run}/attempts/{attempt}/{what}", json=said)

    def step(self, run: int, name: str = "preflight", result: str = "{}") -> httpx.Response:
        return self.post(run, "steps", {"name": name, "result": result, "seconds": 1, "at": 1})

    def put(self, run: int, content: bytes, *, report: bool = False) -> httpx.Response:
        path = f"/runs/{run}/attempts/1/artifacts/{digest(content)}{'?report=true' if report else ''}"
        return self.send("PUT", path, content=zlib.compress(content, 9))

    def get(self, run: int, digest: str) -> httpx.Response:
        return self.send("GET", f"/runs/{run}/attempts/1/artifacts/{digest}")

    def send(self, method: str, path: str, *, json: object = None, content: bytes | None = None) -> httpx.Response:
        headers = {HEADER: self.secret} | ({"Content-Type": "application/octet-stream"} if content is not None else {})
        with self.served.http(self.token) as http:
            return http.request(method, path, json=json, content=content, headers=headers)


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def right(served: Served, run: int, scope: Scope = Scope.RUN) -> str:
    """The text of a token for a run."""
    now = time.time()
    return make_token(served.tokens, "job", scope, somebody("ada"), now, now + 600, run).text


def told(answer: httpx.Response) -> tuple[int, str]:
    """Its status, and the code of what is wrong."""
    return answer.status_code, answer.json()["code"] if answer.content else ""
