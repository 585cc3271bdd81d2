"""Asks GitHub as an App: with the narrowest token, no faster than it likes, and for nothing twice that did not move."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar, cast
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError

from odmd.errors import HostUnreachable
from odmd.providers.github.app import GithubApp
from odmd.providers.github.budget import CONTENT, READ, WRITE, Cost, Priority
from odmd.providers.github.connection import LONGEST_WAIT, GithubAnswer, GithubConnection, busy, no, too_much, whole
from odmd.providers.github.grants import AppGrant, GrantTokens
from odmd.providers.github.models import MOST, InstallationToken
from odmd.providers.github.pacer import PATIENCE_SECONDS, Pacer

M = TypeVar("M", bound=BaseModel)

_KEPT_BYTES: Final = 64 * 1024 * 1024
"""Of answers that are not sent again while nothing moves."""
_PAGES: Final = 500
_PROOF_SECONDS: Final = 300.0
"""For which the App proves who it is in the same words; GitHub takes them somewhat longer."""


class Github:
    """Threads share it. With no grant it is the App itself that asks.

    Args:
        patience: seconds for which a request is held back before `HostBusy` says how long it would be.
    """

    def __init__(self, app: GithubApp, patience: float = PATIENCE_SECONDS) -> None:
        self.app, self._patience = app, patience
        self._connection = GithubConnection(app.api)
        self._tokens = GrantTokens(self._make_token)
        self._pacers = dict[int, Pacer]()
        self._seen = OrderedDict[tuple[AppGrant | None, str], GithubAnswer]()
        self._seen_bytes = 0
        self._proof = float("-inf"), ""
        self._lock = threading.Lock()

    def get(self, grant: AppGrant | None, path: str, to: type[M], priority: Priority = Priority.ANSWER) -> M:
        """What is there now.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        return _parsed(self._get(grant, path, priority), to)

    def every(
        self, grant: AppGrant | None, path: str, to: type[M], priority: Priority = Priority.ANSWER, key: str = ""
    ) -> Iterator[M]:
        """All of a list, page by page; `key`: the list stands below it.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        url = f"{path}{'&' if '?' in path else '?'}{urlencode({'per_page': MOST})}"
        for _ in range(_PAGES):
            found = self._get(grant, url, priority)
            yield from _listed(found, to, key)
            if not (url := found.next_page):
                return
        raise HostUnreachable(f"{path} has more than {_PAGES * MOST}")

    def send(
        self,
        grant: AppGrant | None,
        method: str,
        path: str,
        body: object,
        to: type[M],
        priority: Priority = Priority.ANSWER,
        *,
        notifies: bool = False,
    ) -> M:
        """Changes something; `notifies`: people are told of it.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        return _parsed(self._asked(grant, method, path, priority, CONTENT if notifies else WRITE, body), to)

    def token(self, grant: AppGrant) -> str:
        """One to ask something else of GitHub with, as git; it is for nobody's eyes.

        Raises:
            HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        return self._tokens.token(grant)

    def close(self) -> None:
        self._connection.close()

    def _get(self, grant: AppGrant | None, path: str, priority: Priority) -> GithubAnswer:
        with self._lock:
            known = self._seen.get((grant, path))
        etag = known.headers.get("etag", "") if known else ""
        answer = self._asked(grant, "GET", path, priority, READ, etag=etag)
        if answer.status == 304 and known:
            return known
        if answer.headers.get("etag"):
            self._see(grant, path, answer)
        return answer

    def _see(self, grant: AppGrant | None, path: str, answer: GithubAnswer) -> None:
        with self._lock:
            if before := self._seen.pop((grant, path), None):
                self._seen_bytes -= len(before.content)
            self._seen[grant, path] = answer
            self._seen_bytes += len(answer.content)
            while self._seen_bytes > _KEPT_BYTES:
                self._seen_bytes -= len(self._seen.popitem(last=False)[1].content)

    def _asked(
        self,
        grant: AppGrant | None,
        method: str,
        path: str,
        priority: Priority,
        cost: Cost,
        body: object = None,
        etag: str = "",
    ) -> GithubAnswer:
        answer = self._once(grant, method, path, priority, cost, body, etag)
        if answer.status == 401 and grant is not None:  # its token was taken back before its time
            answer = self._once(grant, method, path, priority, cost, body, etag)
        if not answer.is_good:
            raise no(answer, f"{method} {path.partition('?')[0]}")
        return answer

    def _once(
        self, grant: AppGrant | None, method: str, path: str, priority: Priority, cost: Cost, body: object, etag: str
    ) -> GithubAnswer:
        token, pacer = self._token(grant), self._pacer(grant)
        with pacer.turn(cost, priority):
            answer = self._connection.ask(method, path, token, body, etag)
        if (seconds := too_much(answer)) is not None:
            raise busy(pacer.refused(seconds or None))
        pacer.taken()
        if answer.status == 304:
            pacer.give_back()
        said = [whole(answer.headers.get(f"x-ratelimit-{name}", "")) for name in ("limit", "remaining", "reset")]
        match said:
            case [int(limit), int(left), int(reset)]:
                pacer.told(limit, left, min(reset - time.time(), LONGEST_WAIT))
            case _:
                pass
        if answer.status == 401 and grant is not None:
            self._tokens.drop(grant, token)
        return answer

    def _token(self, grant: AppGrant | None) -> str:
        return self._app_proof() if grant is None else self._tokens.token(grant)

    def _app_proof(self) -> str:
        """To sign one takes longer than most answers."""
        now = time.time()
        with self._lock:
            made, text = self._proof
        if not made <= now < made + _PROOF_SECONDS:
            text = self.app.proof(now)
            with self._lock:
                self._proof = now, text
        return text

    def _make_token(self, grant: AppGrant) -> InstallationToken:
        body: dict[str, object] = {"permissions": dict(grant.permissions)}
        body |= {"repository_ids": list(grant.repositories)} if grant.repositories else {}
        return self.send(
            None, "POST", f"/app/installations/{grant.installation}/access_tokens", body, InstallationToken
        )

    def _pacer(self, grant: AppGrant | None) -> Pacer:
        with self._lock:
            return self._pacers.setdefault(grant.installation if grant else 0, Pacer(self._patience))


def in_path(text: str) -> str:
    """A name, a ref or a commit as a part of a path."""
    return quote(text, safe="")


def ref_path(branch: str) -> str:
    """`heads/BRANCH`: a slash parts a ref there, all else is quoted."""
    return f"heads/{quote(branch)}"


def repo_path(full_name: str) -> str:
    """`/repos/OWNER/NAME`."""
    owner, _, name = full_name.partition("/")
    return f"/repos/{in_path(owner)}/{in_path(name)}"


def _parsed(answer: GithubAnswer, to: type[M]) -> M:
    try:
        return to.model_validate(answer.data())
    except ValidationError as wrong:
        raise HostUnreachable(
            f"GitHub's answer lacks what a {to.__name__} has: {_where(wrong)}", next_step="it is tried again"
        ) from None  # it may hold a token


def _listed(answer: GithubAnswer, to: type[M], key: str) -> Sequence[M]:
    said = answer.data()
    if key:
        said = cast("dict[str, object]", said).get(key) if isinstance(said, dict) else None
    if not isinstance(said, list):
        raise HostUnreachable(f"GitHub's answer is no list of {to.__name__}", next_step="it is tried again")
    try:
        return [to.model_validate(one) for one in cast("list[object]", said)]
    except ValidationError as wrong:
        raise HostUnreachable(f"GitHub's answer is no list of {to.__name__}: {_where(wrong)}") from None


def _where(wrong: ValidationError) -> str:
    return ", ".join(".".join(map(str, one["loc"])) or one["type"] for one in wrong.errors()[:3])
