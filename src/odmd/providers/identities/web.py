"""What is asked of who knows others: over TLS or on this machine, bounded, and nowhere else than where it was meant."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

import httpx

from odmd.control.access.addresses import is_safe
from odmd.control.access.identities import NotProven

_TIMEOUT: Final = httpx.Timeout(5.0)
_LONGEST_SECONDS: Final = 10.0
"""For one answer, however it drips."""
_LARGEST: Final = 512 * 1024


class Web:
    """Safe from many threads.

    Args:
        authority_file: certificates in PEM of who signs for the servers; None: those that the machine trusts.
    """

    def __init__(self, authority_file: Path | None = None, transport: httpx.BaseTransport | None = None) -> None:
        trust = ssl.create_default_context(cafile=str(authority_file)) if authority_file else True
        self._client = httpx.Client(timeout=_TIMEOUT, verify=trust, follow_redirects=False, transport=transport)

    def json(
        self, url: str, headers: Mapping[str, str] | None = None, body: Mapping[str, object] | None = None
    ) -> Mapping[str, object]:
        """The object that is the answer; with a body, to a POST.

        Raises:
            NotProven: there is none.
        """
        content = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if body is not None else {}
        answer = self.answer(url, {"Accept": "application/json", **kind, **(headers or {})}, content)
        try:
            said: object = json.loads(answer)
        except (ValueError, RecursionError) as wrong:
            raise NotProven(f"{url} answers with no JSON: {type(wrong).__name__}") from None
        if not isinstance(said, dict):
            raise NotProven(f"{url} answers with no object")
        return cast("Mapping[str, object]", said)

    def answer(self, url: str, headers: Mapping[str, str], content: bytes | None = None) -> bytes:
        """Raises:
        NotProven: there is none, it is no success, or too much of it.
        """
        if not is_safe(url):
            raise NotProven(f"{url} is neither https nor on this machine")
        method, found, until = "GET" if content is None else "POST", bytearray(), time.monotonic() + _LONGEST_SECONDS
        try:
            with self._client.stream(method, url, headers=dict(headers), content=content) as answer:
                if not answer.is_success:
                    raise NotProven(f"{url} answers {answer.status_code}")
                for piece in answer.iter_bytes():
                    found += piece
                    if len(found) > _LARGEST or time.monotonic() > until:
                        raise NotProven(f"{url} answers too much, or too slowly")
        except (httpx.HTTPError, httpx.InvalidURL) as wrong:
            raise NotProven(f"{url} does not answer: {type(wrong).__name__}") from None
        return bytes(found)
