"""By which hosts a server is asked: a name that somebody else made point here is none of its own."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers

from odmd.control.access.addresses import AUTHORITY
from odmd.control.access.writes import MARK
from odmd.errors import NotAllowed, WriteUnmarked
from odmd.server.console import AT
from odmd.server.rights import READS

_NO_FORMS: Final = ("application/json", "application/octet-stream")
_PROBED: Final = ("/healthz", "/readyz", "/metrics")
"""What is looked at by who knows a process by its address, and not by its name."""


@dataclass(frozen=True, slots=True)
class OwnNames:
    """A server's own, as they stand in `Host`: with the port where that is not the usual one."""

    said: frozenset[str] = frozenset()
    """Those of the settings, in small letters; empty: they say none."""
    port: int = 0
    """At which it listens at a loopback address; 0: it listens at another one."""
    only_here: bool = False
    """Whether nobody but this machine reaches it."""

    def refuse_others(self, method: str, path: str, headers: Headers) -> None:
        """Raises:
        NotAllowed: it is asked by another name, or for a page of another site.
        WriteUnmarked: the page of another site could have sent this write.
        """
        if self.only_here:
            _refuse_beyond_this_machine(method, path, headers)
        elif self.said and path not in _PROBED and not (self.asked(headers) or self._asked_here(headers)):
            raise NotAllowed("this server has another name", next_step="ask for it by a name that its settings have")

    def asked(self, headers: Headers) -> str:
        """The name of its own by which it is asked, for which somebody proves who he is; empty: it is by none."""
        host = _host(headers)
        own = self._asked_here(headers) if self.only_here or not self.said else host in self.said
        return host if own else ""

    def _asked_here(self, headers: Headers) -> bool:
        found = AUTHORITY.fullmatch(_host(headers))
        return found is not None and is_loopback(found[1]) and int(found[2] or 80) == self.port


def _host(headers: Headers) -> str:
    """As it is asked by; empty where that is said twice, or not."""
    said = headers.getlist("host")
    return said[0].lower() if len(said) == 1 else ""


def _refuse_beyond_this_machine(method: str, path: str, headers: Headers) -> None:
    asked = [host_of(one) for one in headers.getlist("host")]
    asked += [host_of_origin(one) for one in headers.getlist("origin")]
    is_link = method == "GET" and (path == AT or path.startswith(f"{AT}/"))  # to a page that is the same for everybody
    led_here = headers.get("sec-fetch-site") == "cross-site" and not is_link
    if not asked or not all(map(is_loopback, asked)) or led_here:
        raise NotAllowed("this server answers this machine only", next_step="ask for http://127.0.0.1")
    if method not in READS and MARK not in headers and not _is_no_form(headers):
        raise WriteUnmarked(f"this write needs a body of JSON, or the header {MARK}", next_step=f"send {MARK}: 1")


def _is_no_form(headers: Headers) -> bool:
    """Whether the body is of a type that a page may send to another site only after asking there."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() in _NO_FORMS


def is_loopback(host: str) -> bool:
    """Whether an address, or the name of one, is of this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        if host.startswith("["):
            return ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]")).is_loopback
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(authority: str) -> str:
    """The host in what a `Host` header says, without its port; nothing where that is not a host and a port alone."""
    found = AUTHORITY.fullmatch(authority)
    return found[1] if found else ""


def host_of_origin(origin: str) -> str:
    """The host in what an `Origin` header says."""
    scheme, _, authority = origin.partition("://")
    return host_of(authority) if scheme in ("http", "https") else ""
