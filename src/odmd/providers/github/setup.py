"""How an organisation gets its App: a page of this machine sends a manifest to GitHub, where an owner clicks once, and
GitHub sends the browser back with a code, which is exchanged for the App's credentials.

Who does not know the page's address, or the state, gets nothing in: another page, another program, another click.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from pydantic import ValidationError

from odmd.control.access.addresses import is_safe
from odmd.errors import HostNotJoined, OdmdError, SettingsInvalid
from odmd.providers.github.app import EVENTS, LEAST, PUBLIC_API, PUBLIC_WEB, TO_WRITE_WORKFLOWS, GithubApp, Permissions
from odmd.providers.github.connection import GithubConnection, no
from odmd.providers.github.models import NewApp

PATIENCE_SECONDS: Final = 900.0
_BACK: Final = "/back"
_LONGEST_NAME: Final = 34
_ENTERPRISE_CLOUD: Final = ".ghe.com"
"""Where GitHub itself runs an enterprise of its own: its API has a host of its own, too."""
_STYLE: Final = (
    "body{font:16px system-ui;max-width:40em;margin:4em auto;padding:0 1em}button{font:inherit;padding:.5em 1em}"
)


@dataclass(frozen=True, slots=True)
class WantedApp:
    """What is asked for."""

    organisation: str
    enterprise: str = ""
    """Address of a GitHub Enterprise Server; none: github.com."""
    server: str = ""
    """Where others reach `odmd serve`, which is told by webhooks what happens; none: it looks by itself."""
    brings_workflows: bool = False
    """Whether it writes workflow files into repositories."""

    def __post_init__(self) -> None:
        for url in filter(None, (self.enterprise, self.server)):
            if not is_safe(url) or urlsplit(url).query or urlsplit(url).fragment:
                raise SettingsInvalid(
                    f"{url} is no address by https", next_step="give one such as https://odmd.acme.com"
                )

    @property
    def web(self) -> str:
        return self.enterprise.rstrip("/") or PUBLIC_WEB

    @property
    def api(self) -> str:
        if not self.enterprise:
            return PUBLIC_API
        parts = urlsplit(self.web)
        is_cloud = (parts.hostname or "").endswith(_ENTERPRISE_CLOUD)
        return f"https://api.{parts.hostname}" if is_cloud else f"{self.web}/api/v3"

    @property
    def permissions(self) -> Permissions:
        return {**LEAST, **(TO_WRITE_WORKFLOWS if self.brings_workflows else {})}

    def manifest(self, back: str) -> dict[str, object]:
        """As GitHub wants it; without an address of ours, nothing can be told to us."""
        said: dict[str, object] = {
            "name": f"odmd-{self.organisation}"[:_LONGEST_NAME],
            "url": self.server or f"{self.web}/{quote(self.organisation, safe='')}",
            "redirect_url": back,
            "public": False,
            "default_permissions": dict(self.permissions),
        }
        if self.server:
            hook = {"url": f"{self.server.rstrip('/')}/webhooks/github", "active": True}
            said |= {"hook_attributes": hook, "default_events": list(EVENTS)}
        return said


def make_app(
    wanted: WantedApp,
    keep: Callable[[GithubApp], None],
    say: Callable[[str], None],
    opened: Callable[[str], object] = webbrowser.open,
    patience: float = PATIENCE_SECONDS,
) -> GithubApp:
    """Waits for the click, and keeps what comes of it before anybody sees it.

    Raises:
        HostNotJoined: nobody clicked.
        HostUnreachable, HostRefused, HostLacks: GitHub did not give it.
    """

    def exchanged(code: str) -> GithubApp:
        app = _exchange(wanted, code)
        try:
            keep(app)
        except OdmdError:
            raise
        except Exception as wrong:
            raise HostNotJoined(
                f"the key of {app.slug} could not be kept: {type(wrong).__name__}",
                next_step=f"remove {app.page}, which nobody has the key of, and try it again",
            ) from wrong
        return app

    with _SetupServer(wanted, exchanged) as server:
        say(server.url)
        threading.Thread(target=opened, args=(server.url,), name="browser", daemon=True).start()
        return server.app(patience)


def _exchange(wanted: WantedApp, code: str) -> GithubApp:
    connection = GithubConnection(wanted.api)
    try:
        answer = connection.ask("POST", f"/app-manifests/{quote(code, safe='')}/conversions", "")
    finally:
        connection.close()
    if not answer.is_good:
        raise no(answer, "the new App")
    try:
        made = NewApp.model_validate(answer.data())
    except ValidationError:
        raise HostNotJoined("GitHub's answer is no App", next_step="remove the App there, and try it again") from None
    secret = made.webhook_secret or ""
    return GithubApp(
        made.id, made.slug, made.owner.login, made.pem, secret, made.html_url, wanted.api, bool(wanted.server)
    )


class _SetupServer(HTTPServer):
    """Serves one person, once."""

    def __init__(self, wanted: WantedApp, exchange: Callable[[str], GithubApp]) -> None:
        super().__init__(("127.0.0.1", 0), _SetupPage)
        self.timeout = 0.2
        self.state, self._start = secrets.token_urlsafe(32), f"/{secrets.token_urlsafe(16)}"
        self.wanted, self._exchange = wanted, exchange
        self._app: GithubApp | None = None
        self._failed: Exception | None = None

    def __enter__(self) -> _SetupServer:
        return self

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return self.origin + self._start

    def is_start(self, path: str) -> bool:
        return secrets.compare_digest(path.encode(), self._start.encode())

    def code_in(self, path: str) -> str:
        """The code of who comes back from the page that this one sent him to; of anybody else none."""
        parts = urlsplit(path)
        said = {name: texts[0] for name, texts in parse_qs(parts.query).items() if len(texts) == 1}
        is_ours = parts.path == _BACK and secrets.compare_digest(said.get("state", "").encode(), self.state.encode())
        return said.get("code", "") if is_ours else ""

    def take(self, code: str) -> str:
        """Where to go on; empty: it failed."""
        try:
            self._app = self._exchange(code)
        except Exception as wrong:  # the command raises it
            self._failed = wrong
            return ""
        return self._app.install_page

    def app(self, patience: float) -> GithubApp:
        """Raises:
        OdmdError
        """
        until = time.monotonic() + patience
        while self._app is None:
            if self._failed is not None:
                raise self._failed
            if time.monotonic() > until:
                raise HostNotJoined("nobody made the App", next_step="`odmd github setup` tries it again")
            self.handle_request()
        return self._app

    def page(self) -> str:
        """What is asked for, and the button."""
        wanted = self.wanted
        where = f"{wanted.web}/organizations/{quote(wanted.organisation, safe='')}/settings/apps/new"
        target = f"{where}?{urlencode({'state': self.state})}"
        asked = sorted(wanted.permissions.items())
        rights = "".join(f"<li>{escape(name.replace('_', ' '))}: {level}</li>" for name, level in asked)
        hook = (
            f"It is told what happens, at {escape(wanted.server)}."
            if wanted.server
            else "It is told nothing: odmd looks."
        )
        return (
            f'<!doctype html><html lang="en"><title>odmd and GitHub</title><style>{_STYLE}</style>'
            f"<h1>An App for {escape(wanted.organisation)}</h1>"
            f"<p>odmd speaks to {escape(wanted.web)} as an App of your own, with these rights:</p><ul>{rights}</ul>"
            f"<p>{hook} Its key is kept in odmd's state, encrypted.</p>"
            f'<form method="post" action="{escape(target)}">'
            f'<input type="hidden" name="manifest" value="{escape(json.dumps(wanted.manifest(self.origin + _BACK)))}">'
            "<button>Make it at GitHub</button></form></html>"
        )


class _SetupPage(BaseHTTPRequestHandler):
    timeout = 5

    def do_GET(self) -> None:
        server = self.server
        if not isinstance(server, _SetupServer) or self.headers.get("Host") != urlsplit(server.origin).netloc:
            self._answer(400, "This is not what is waited for.")
        elif server.is_start(self.path):
            self._answer(
                200,
                server.page(),
                f"default-src 'none'; style-src 'unsafe-inline'; form-action {server.wanted.web} 'self'",
            )
        elif not (code := server.code_in(self.path)):
            self._answer(400, "This is not what is waited for.")
        elif to := server.take(code):
            self._answer(303, "The App is made.", to=to)
        else:
            self._answer(502, "GitHub did not give the App: the command says why.")

    def _answer(self, status: int, text: str, policy: str = "default-src 'none'", to: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        if to:
            self.send_header("Location", to)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The address holds the code: nobody is told."""
