"""An issuer of OpenID Connect in a process of its own: `python -m support.issuer` says its address and serves.

It lets everybody in as the person that it was told of last, has one client that keeps no secret (`odmd`), wants PKCE,
and says no as RFC 6749, 7636 and 8628 have it. It also gives tokens to jobs, as the runner of GitHub Actions does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from support.issuing import ADA, GITHUB_JOB, Json, Signer

CLIENT: Final = "odmd"
GITHUB: Final = "https://token.actions.githubusercontent.com"
RUNNER: Final = "the runner's right"
_ENDS: Final = {"authorization": "authorize", "token": "token", "device_authorization": "device"}


class _Issuer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ends)
        self.signer = Signer(f"http://127.0.0.1:{self.server_address[1]}")
        self.person: Json = dict(ADA)
        self.job: Json = dict(GITHUB_JOB)
        self.codes: dict[str, Mapping[str, str]] = {}
        self.devices: dict[str, str] = {}
        self.lock = threading.Lock()

    def for_job(self, audience: str) -> str:
        """For AWS it is GitHub's own issuer, of which the emulator wants the name, and no signature."""
        said = {"iss": GITHUB} if audience == "sts.amazonaws.com" else {}
        return self.signer.token({**self.job, **said}, audience)

    def authorize(self, asked: Mapping[str, str]) -> str:
        """Where the browser is sent: back, with a code."""
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert urlsplit(asked["redirect_uri"]).hostname == "127.0.0.1"
        said = {"state": asked["state"], "iss": self.signer.url}
        if self.person.get("sub") is None:
            said["error"] = "access_denied"
        else:
            said["code"] = secrets.token_urlsafe(16)
            self.codes[said["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(said)}"

    def token(self, form: Mapping[str, str]) -> tuple[int, Json]:
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") == "authorization_code":
            return self._for_code(form)
        state = self.devices.get(form.get("device_code", ""))
        if state != "approved":
            return 400, {"error": {"waiting": "authorization_pending", None: "expired_token"}.get(state, state)}
        del self.devices[form["device_code"]]
        return 200, {"id_token": self.signer.token(self.person, CLIENT), "token_type": "Bearer"}

    def _for_code(self, form: Mapping[str, str]) -> tuple[int, Json]:
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant", "error_description": "the code is not yours"}
        claims = {**self.person, "nonce": asked.get("nonce")}
        return 200, {"id_token": self.signer.token(claims, CLIENT), "token_type": "Bearer"}

    def device(self, form: Mapping[str, str]) -> Json:
        code, user = secrets.token_urlsafe(16), secrets.token_hex(3)
        self.devices[code] = "waiting"
        self.devices[user] = code
        url = f"{self.signer.url}/approve"
        return {"device_code": code, "user_code": user, "verification_uri": url, "expires_in": 60, "interval": 0.05}

    def told(self, said: Json) -> Json:
        """What only a test says."""
        if said["do"] == "rotate":
            self.signer.rotate()
        elif said["do"] == "person":
            self.person = said["claims"]
        elif said["do"] == "job":
            self.job = said["claims"]
        elif said["do"] == "device":
            self.devices[self.devices[said["user_code"]]] = said["state"]
        elif said["do"] == "token":
            return {"token": self.signer.token(said["claims"], said["audience"])}
        return {}


class _Ends(BaseHTTPRequestHandler):
    server: _Issuer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: texts[0] for name, texts in parse_qs(parts.query).items()}
        with self.server.lock:
            if parts.path == "/.well-known/openid-configuration":
                ends = {f"{name}_endpoint": f"{self.server.signer.url}/{path}" for name, path in _ENDS.items()}
                self._say(200, {**self.server.signer.discovery, **ends})
            elif parts.path == "/jwks":
                self._say(200, self.server.signer.keys)
            elif parts.path == "/authorize":
                self._say(302, {}, {"Location": self.server.authorize(query)})
            elif parts.path == "/job" and self.headers["Authorization"] == f"Bearer {RUNNER}":
                self._say(200, {"value": self.server.for_job(query["audience"])})
            else:
                self._say(404, {"error": "not_found"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: texts[0] for name, texts in parse_qs(body).items()}
        with self.server.lock:
            if self.path == "/token":
                self._say(*self.server.token(form))
            elif self.path == "/device":
                self._say(200, self.server.device(form))
            elif self.path == "/told":
                self._say(200, self.server.told(json.loads(body)))
            else:
                self._say(404, {"error": "not_found"})

    def _say(self, status: int, said: Json, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        for name, one in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, one)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


class RunningIssuer:
    """One that runs, and hands to move it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def told(self, do: str, **more: object) -> Json:
        answer = httpx.post(f"{self.url}/told", json={"do": do, **more}).raise_for_status()
        found: Json = answer.json()
        return found

    def token(self, claims: Json, audience: str = CLIENT) -> str:
        return str(self.told("token", claims=claims, audience=audience)["token"])


@contextmanager
def running_issuer() -> Iterator[RunningIssuer]:
    """In a process of its own, on a free port."""
    words = [sys.executable, "-m", "support.issuer"]
    with subprocess.Popen(words, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield RunningIssuer(process.stdout.readline().strip())
        finally:
            process.kill()


if __name__ == "__main__":
    issuer = _Issuer()
    print(issuer.signer.url, flush=True)  # noqa: T201  # to who started it
    issuer.serve_forever()
