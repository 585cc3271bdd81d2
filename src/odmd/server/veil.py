"""What an answer says in passing of envers that its reader may not see (a reason, an error, an event): blotted out.

Lists and gets leave them out before (`control/reading/seen`). This is for texts, which are written for whoever sees
all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from odmd.model import naming

BLOT: Final = "(hidden)"
_LIKE_AN_ENVER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:@|/[bts]\.\.)[A-Za-z0-9._-]+")
_REFUSED: Final = 400
_STREAM: Final = "text/event-stream"


class Veil:
    """For one reader, and one answer."""

    def __init__(
        self, sees: Callable[[str], bool], are_there: Callable[[Sequence[str]], Sequence[str]], own: str = ""
    ) -> None:
        """Whether he sees an enver, which of some addresses envers have, and what he is called."""
        self._sees, self._are_there, self._own = sees, are_there, own
        self._known: dict[str, bool] = {}

    def over(self, told: bytes, *, refused: bool = False) -> bytes:
        """The text without the names of what he does not see, whether they are written as addresses or as labels.

        Args:
            refused: it is told why not. What there is not is blotted out as well then, so that nobody learns which of
                the names that he guessed there are.
        """
        text = told.decode("utf-8", "surrogateescape")
        self._learn(_LIKE_AN_ENVER.findall(text))
        if refused:
            words = {one for one in _LIKE_AN_ENVER.findall(text) if one != self._own}
            known = {address for word in words for one in _beginnings(word) for address in _addresses(one)}
            seen = {one for one in self._are_there(sorted(known)) if self._sees(one)} if known else set[str]()
            for word in words:
                if not any(one in seen for part in _beginnings(word) for one in _addresses(part)):
                    self._known[word] = True
        return _LIKE_AN_ENVER.sub(lambda found: self._blotted(found[0]), text).encode("utf-8", "surrogateescape")

    def _learn(self, words: Sequence[str]) -> None:
        """Which of the words, or of what they begin with, are names of hidden envers."""
        asked = {one: _addresses(one) for word in set(words) for one in _beginnings(word) if one not in self._known}
        every = {address for of_it in asked.values() for address in of_it}
        hidden = {one for one in self._are_there(sorted(every)) if not self._sees(one)} if every else set[str]()
        self._known.update((one, not hidden.isdisjoint(of_it)) for one, of_it in asked.items())

    def _blotted(self, word: str) -> str:
        for one in () if word == self._own else _beginnings(word):
            if self._known[one]:
                return BLOT + word[len(one) :]
        return word


def _beginnings(word: str) -> Iterator[str]:
    """A word, and what it is without its last parts: `orders@main.bus` is an input of `orders@main`."""
    head = re.match(r"[^@/]+(?:@|/[bts]\.\.)", word)
    least = head.end() if head else len(word)
    yield word
    for at in range(len(word) - 1, least, -1):
        if word[at] in "._-":
            yield word[:at]


def _addresses(word: str) -> Sequence[str]:
    return naming.enver_addresses(word) if "@" in word else (word,)


class Veiled:
    """The app, as it answers who does not see all: his veil is with the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        veil = scope.get("state", {}).get("veil") if scope["type"] == "http" else None
        await self._app(scope, receive, _VeiledAnswer(send, veil).send if veil else send)


class _VeiledAnswer:
    """Holds an answer back until all of it is there; a stream goes message by message."""

    def __init__(self, send: Send, veil: Veil) -> None:
        self._send, self._veil = send, veil
        self._head: Message | None = None
        self._body: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if Headers(raw=message["headers"]).get("content-type", "").startswith(_STREAM):
                await self._send(message)
            else:
                self._head = message
        elif self._head is None:
            await self._send({**message, "body": self._veil.over(message.get("body", b""))})
        else:
            self._body.append(message.get("body", b""))
            if not message.get("more_body", False):
                body = self._veil.over(b"".join(self._body), refused=self._head["status"] >= _REFUSED)
                headers = MutableHeaders(scope=self._head)
                if "content-length" in headers:
                    headers["content-length"] = str(len(body))
                await self._send(self._head)
                await self._send({"type": "http.response.body", "body": body})
