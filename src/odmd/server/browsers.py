"""Sessions that a browser keeps: in a cookie that no script reads, and that no page of another site makes use of."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

from odmd.control.access.writes import MARK
from odmd.errors import NotAllowed, WriteUnmarked
from odmd.server.hosts import host_of_origin
from odmd.server.rights import READS

COOKIE: Final = "__Host-odmd"
"""By this name browsers take it from this very host only, and over TLS, or on this machine."""
_OWN: Final = "same-origin"
_TYPED: Final = "none"
"""What somebody typed, or keeps as a bookmark."""


def kept_by_browser(headers: Headers) -> str:
    """The text of a session; empty where none came with the request, or several."""
    try:
        found = [SimpleCookie(one).get(COOKIE) for one in headers.getlist("cookie")]
    except CookieError:
        return ""
    texts = [one.value for one in found if one]
    return texts[0] if len(texts) == 1 else ""


def refuse_other_pages(method: str, headers: Headers) -> None:
    """A page of ours sends the header of writes, and its browser says that it is ours.

    Raises:
        NotAllowed, WriteUnmarked
    """
    site = headers.get("sec-fetch-site")
    may_say_nothing = method in READS or _is_of(headers)
    if not (site == _OWN or (site == _TYPED and method in READS) or (site is None and may_say_nothing)):
        raise NotAllowed("a page of another site asks", next_step="open the page at this server's own address")
    if method not in READS and MARK not in headers:
        raise WriteUnmarked(f"a write with a browser's session needs the header {MARK}", next_step=f"send {MARK}: 1")


def keep_in_browser(response: Response, text: str, seconds: int) -> None:
    """Until it is over, or the browser forgets it."""
    response.set_cookie(COOKIE, text, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict")


def forget_in_browser(response: Response) -> None:
    """Browsers forget it at once."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def _is_of(headers: Headers) -> bool:
    """Whether the page is of the host that is asked, as browsers say that know no `Sec-Fetch-Site`."""
    origin = headers.get("origin", "")
    return bool(host_of_origin(origin)) and origin.partition("://")[2].lower() == headers.get("host", "").lower()
