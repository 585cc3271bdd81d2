"""One request to GitHub and its answer: what no answer may do, and what each means that is no yes."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import ValidationError

from odmd import __version__
from odmd.control.scheduler.inert import inert
from odmd.errors import HostBusy, HostLacks, HostRefused, HostUnreachable, OdmdError
from odmd.providers.github.models import GithubRefusal
from odmd.trust import authorities, nobody

VERSION: Final = "2022-11-28"
_SECONDS: Final = 20.0
_LARGEST: Final = 20 * 1024 * 1024
_LONGEST_SECONDS: Final = 120.0
_HOPS: Final = 3
_SHOWN: Final = 300
_DIGITS: Final = 15
LONGEST_WAIT: Final = 3600.0
"""Seconds, whatever GitHub says: its limits are of an hour."""
_MOVED: Final = (301, 302, 307, 308)


@dataclass(frozen=True, slots=True)
class GithubAnswer:
    """What GitHub said."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    next_page: str = ""
    """Its address; of a list that ends here, nothing."""

    @property
    def is_good(self) -> bool:
        """Whether it is a yes, be it that nothing moved."""
        return 200 <= self.status < 300 or self.status == 304

    def data(self) -> object:
        """Raises:
        HostUnreachable: it is no JSON.
        """
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as wrong:
            raise HostUnreachable(f"GitHub answers {self.status} with what is no JSON") from wrong

    @property
    def message(self) -> str:
        """Its own words for what is wrong, in one line."""
        try:
            said = GithubRefusal.model_validate_json(self.content)
        except ValidationError:
            return ""
        details = [one if isinstance(one, str) else one.message or one.code for one in said.errors or ()]
        return inert("; ".join(one for one in (said.message, *details) if one), _SHOWN)


class GithubConnection:
    """To one API, by https or on this machine; sends nobody on to another host with what is meant for this one."""

    def __init__(self, api: str) -> None:
        self.api = api.rstrip("/")
        is_plain = urlsplit(api).scheme == "http"
        self._http = httpx.Client(timeout=_SECONDS, verify=nobody() if is_plain else authorities())

    def ask(self, method: str, path: str, token: str, body: object = None, etag: str = "") -> GithubAnswer:
        """Follows where a repository was renamed or transferred to.

        Raises:
            HostUnreachable: nothing answers, or too much, or what leads elsewhere.
        """
        url = self._address(path)
        for _ in range(_HOPS):
            found = self._once(method, url, token, body, etag)
            if found.status not in _MOVED:
                return found
            url = urljoin(url, found.headers.get("location", ""))
            if not url.startswith(self.api + "/"):
                raise HostUnreachable(f"GitHub sends on to {urlsplit(url).hostname}", next_step="see its address")
        raise HostUnreachable(f"GitHub leads in a circle at {path}")

    def _address(self, path: str) -> str:
        if path.startswith(self.api + "/"):
            return path
        if not path.startswith("/"):  # glued to the host it would be part of its name
            raise HostUnreachable(f"GitHub leads to {inert(path, _SHOWN)}, which is none of {self.api}")
        return self.api + path

    def close(self) -> None:
        self._http.close()

    def _once(self, method: str, url: str, token: str, body: object, etag: str) -> GithubAnswer:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
            "User-Agent": f"odmd/{__version__}",
        }
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"If-None-Match": etag} if etag else {}
        content = None if body is None else json.dumps(body).encode()
        headers |= {"Content-Type": "application/json"} if content else {}
        try:
            with self._http.stream(method, url, headers=headers, content=content) as answer:
                after = answer.links.get("next", {}).get("url", "")
                return GithubAnswer(answer.status_code, dict(answer.headers), _read(answer), after)
        except (httpx.HTTPError, httpx.InvalidURL) as wrong:
            raise HostUnreachable(
                f"{self.api} does not answer: {type(wrong).__name__}", next_step="see the network, and GitHub's status"
            ) from wrong


def _read(answer: httpx.Response) -> bytes:
    content, until = bytearray(), time.monotonic() + _LONGEST_SECONDS
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > _LARGEST or time.monotonic() > until:
            raise HostUnreachable("GitHub's answer is too large, or takes too long")
    return bytes(content)


def whole(text: str) -> int | None:
    """A number as a header says it; None: it is none."""
    return int(text) if len(text) <= _DIGITS and text.isascii() and text.isdigit() else None


def too_much(answer: GithubAnswer) -> float | None:
    """For how many seconds nothing is to be asked; 0: GitHub does not say for how long; None: it is not too much."""
    if answer.status not in (403, 429):
        return None
    if (said := whole(answer.headers.get("retry-after", ""))) is not None:
        return min(float(said), LONGEST_WAIT)
    if answer.headers.get("x-ratelimit-remaining") == "0":
        reset = whole(answer.headers.get("x-ratelimit-reset", ""))
        return 0.0 if reset is None else min(max(1.0, reset - time.time()), LONGEST_WAIT)
    return 0.0 if answer.status == 429 or "rate limit" in answer.message.lower() else None


def no(answer: GithubAnswer, what: str) -> OdmdError:
    """The error that an answer is which is no yes."""
    said = f": {answer.message}" if answer.message else ""
    match answer.status:
        case 404 | 410:
            return HostLacks(
                f"GitHub does not show {what}{said}",
                next_step="see whether the App is installed there: odmd github status",
            )
        case 401:
            return HostRefused(
                f"GitHub does not know who asks for {what}{said}",
                next_step="see `odmd github status`; was the App removed?",
            )
        case 403:
            needed = answer.headers.get("x-accepted-github-permissions", "")
            hint = f"it takes {inert(needed)}: grant it to the App" if needed else "see `odmd github status`"
            return HostRefused(f"GitHub refuses {what}{said}", next_step=hint)
        case status if status >= 500 or status in (408, 425):
            return HostUnreachable(f"GitHub answers {status} to {what}{said}", next_step="it is tried again")
        case status:
            return HostRefused(f"GitHub answers {status} to {what}{said}")


def busy(seconds: float) -> HostBusy:
    """It was too much."""
    return HostBusy(f"GitHub takes no more requests for {seconds:.0f} s", seconds, next_step="it goes on by itself")
