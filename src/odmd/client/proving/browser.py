"""Signing in by a browser here: it comes back to a port of this machine, with a code that only who asked can use.

PKCE (RFC 7636) binds the code to who asked, `state` the way back to this sign-in, and the nonce the token to a server,
and to a secret that it is shown: who finds one of them has nothing (RFC 8252, 9700).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from odmd.client.proving.provider import Provider, refused, text_in
from odmd.control.access.identities import IdentityProof, IdentityTold, nonce_of
from odmd.errors import SignInFailed

_PATH: Final = "/signed-in"
_LONGEST: Final = 300.0
_DONE: Final = b"You are signed in. This page can be closed.\n"
_OTHER: Final = b"This is not what is waited for.\n"


def by_browser(
    told: IdentityTold,
    server: str,
    say: Callable[[str], None],
    provider: Provider | None = None,
    opened: Callable[[str], object] = webbrowser.open,
    patience: float = _LONGEST,
) -> IdentityProof:
    """For the server of this name.

    Raises:
        SignInFailed: he said no, or did not come back in time.
    """
    provider = provider or Provider(told.issuer)
    verifier, state, secret = (secrets.token_urlsafe(32) for _ in range(3))
    with _Back(state, told.issuer) as back:
        asked = {
            "response_type": "code",
            "client_id": told.audience,
            "redirect_uri": back.url,
            "scope": told.scopes,
            "state": state,
            "nonce": nonce_of(secret, server),
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        url = provider.endpoint("authorization_endpoint")
        url = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(asked)}"
        say(f"sign in at {url}")
        threading.Thread(target=opened, args=(url,), name="browser", daemon=True).start()  # some last until they end
        code = back.code(patience)
        fine, said = provider.ask(
            "token_endpoint",
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": back.url,
                "client_id": told.audience,
                "code_verifier": verifier,
            },
        )
    if not fine:
        raise refused(said, "it gives no token")
    return IdentityProof(text_in(said, "id_token"), secret)


class _Back(HTTPServer):
    """Where the browser comes back to: a free port of this machine."""

    def __init__(self, state: str, issuer: str) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self._state, self._issuer = state, issuer
        self._said: Mapping[str, str] | None = None
        self.timeout = 0.2

    def __enter__(self) -> _Back:
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{_PATH}"

    def take(self, path: str) -> bool:
        """Whether it is the answer that is waited for; what anybody else sends is none."""
        parts = urlsplit(path)
        said = {name: texts[0] for name, texts in parse_qs(parts.query).items() if len(texts) == 1}
        is_ours = parts.path == _PATH and secrets.compare_digest(said.get("state", "").encode(), self._state.encode())
        if is_ours and said.get("iss", self._issuer) == self._issuer and self._said is None:
            self._said = said
            return True
        return False

    def code(self, patience: float) -> str:
        """Raises:
        SignInFailed
        """
        until = time.monotonic() + patience
        while self._said is None:
            if time.monotonic() > until:
                raise SignInFailed("the browser did not come back", next_step="sign in again, or give --device")
            self.handle_request()
        if "error" in self._said:
            raise refused(self._said, "")
        return text_in(self._said, "code")


class _Page(BaseHTTPRequestHandler):
    timeout = 5

    def do_GET(self) -> None:
        is_it = isinstance(self.server, _Back) and self.server.take(self.path)
        body = _DONE if is_it else _OTHER
        self.send_response(200 if is_it else 400)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The address holds the code: nobody is told."""
