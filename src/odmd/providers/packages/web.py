"""What package indexes and registries are asked over HTTP: bounded, and with a right that is sent to its host alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from odmd.errors import IndexUnreachable, UploadRefused
from odmd.providers.packages.credentials import variable_of
from odmd.trust import authorities

Follows = Callable[[str], bool]
"""Whether an answer that sends on to an address is followed."""
SignIn = Callable[[str], "httpx.Auth | tuple[str, str] | None"]
"""The right that this machine has at an address."""

SECONDS: Final = 30.0
"""That an index may stay silent."""
_LONGEST_SECONDS: Final = 300.0
"""For one answer, however it drips."""
_SHOWN: Final = 300
_AWAY: Final = (401, 403)
_BUSY: Final = (408, 425, 429)


@contextmanager
def answer(url: str, headers: Mapping[str, str], *, follows: Follows, sign_in: SignIn) -> Generator[httpx.Response]:
    """Asks; whoever it is sent on to is told only what is meant for that host.

    Raises:
        IndexUnreachable, SettingsInvalid
    """
    try:
        with httpx.Client(timeout=SECONDS, verify=authorities()) as client:
            for _ in range(client.max_redirects):
                with client.stream("GET", url, headers=dict(headers), auth=sign_in(url)) as found:
                    if not found.is_redirect or not follows(to := urljoin(url, found.headers["Location"])):
                        yield found
                        return
                url = to
        raise IndexUnreachable(f"{url} leads in a circle")
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        raise unreachable(url, wrong) from wrong


def stays_at(url: str) -> Follows:
    """An index that does not know a package may send on to another one, where it is somebody else's."""
    return lambda to: urlsplit(to)[:2] == urlsplit(url)[:2]


def refuse_failure(found: httpx.Response) -> None:
    """Raises:
    IndexUnreachable
    """
    if found.status_code in _AWAY:
        raise IndexUnreachable(f"{found.url} answers {found.status_code}", next_step=_hint(str(found.url)))
    if not found.is_success:
        raise IndexUnreachable(
            f"{found.url} answers {found.status_code}", next_step="see whether it is an index, and well"
        )


def refuse_upload(found: httpx.Response, what: str) -> None:
    """Where an answer to an upload is no yes.

    Raises:
        UploadRefused: it is a no; as well where it is there already.
        IndexUnreachable: nobody knows whether it was taken.
    """
    url = str(found.request.url)
    if found.status_code >= 500 or found.status_code in _BUSY:
        raise IndexUnreachable(f"{url} answers {found.status_code}", next_step="the next run tries it again")
    if not found.is_success:
        said = " ".join(found.text.split())[:_SHOWN]
        raise UploadRefused(
            f"{url} takes no {what}: {found.status_code} {said}",
            next_step=_hint(url) if found.status_code in _AWAY else "see what the index says",
        )


def content_of(found: httpx.Response, most: int) -> bytes:
    """All of an answer.

    Raises:
        IndexUnreachable: there is more of it, or it takes too long.
    """
    content, until = bytearray(), time.monotonic() + _LONGEST_SECONDS
    for piece in found.iter_bytes():
        content += piece
        if len(content) > most:
            raise IndexUnreachable(f"{found.url} has more than {most:,} bytes", next_step="see what lies there")
        if time.monotonic() > until:
            raise IndexUnreachable(f"{found.url} is not read after {_LONGEST_SECONDS:g} s", next_step="try it again")
    return bytes(content)


def unreachable(url: str, wrong: Exception) -> IndexUnreachable:
    """What is said of an index that gave no answer."""
    return IndexUnreachable(
        f"{url} does not answer: {type(wrong).__name__} {wrong}",
        next_step="see the network, the proxy, and the address in the contracts",
    )


def _hint(url: str) -> str:
    variable = variable_of(url)
    return (
        f"who signs in is {variable}_USERNAME and {variable}_PASSWORD, or what a netrc file says of "
        f"{urlsplit(url).hostname}, where runs are carried out"
    )
