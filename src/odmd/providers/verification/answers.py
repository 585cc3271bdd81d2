"""Checks that ask over HTTP, until the answer is as it should be."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from odmd.control.running.saying import WAITS
from odmd.control.running.verifying import CheckResult, CheckVerdict
from odmd.model import HttpCheck
from odmd.trust import authorities

if TYPE_CHECKING:
    import httpx

_BETWEEN: Final = 1.0
"""Seconds between two looks."""
_MOST_REDIRECTS: Final = 5
_LARGEST: Final = 1_000_000
"""Bytes of an answer that are looked at."""
_SHOWN: Final = 120


class _Wrong(Exception):
    """An answer, or that there is none, is not as it should be."""


class _Refused(Exception):
    """An address that is never asked."""


def verify_answer(
    check: HttpCheck, values: Mapping[str, str], alive: Callable[[str], None], *, here: bool
) -> CheckResult:
    """Asks until all is as it should be, or the time is over.

    Args:
        values: of products and inputs, by name.
        alive: told what is waited for; it raises where nobody waits any more.
        here: whether what is on this machine may be asked.
    """
    url = f"{values.get(check.at, check.at).rstrip('/')}{check.path}" if check.path else values.get(check.at, check.at)
    ends, began = time.monotonic() + check.seconds, time.monotonic()
    while True:
        try:
            took = _asked(url, check, here=here)
        except _Refused as refused:
            return CheckResult(CheckVerdict.RED, str(refused))
        except _Wrong as wrong:
            if (left := ends - time.monotonic()) <= 0:
                return CheckResult(CheckVerdict.RED, f"{wrong}, within {check.seconds:g} s")
            alive(f"{WAITS} for {url}: {wrong}")
            time.sleep(min(_BETWEEN, left))
        else:
            said = f"{url} answers {check.status} in {took * 1000:.0f} ms"
            waited = time.monotonic() - began
            return CheckResult(CheckVerdict.GREEN, said if waited < _BETWEEN else f"{said}, after {waited:.0f} s")


def _asked(url: str, check: HttpCheck, *, here: bool) -> float:
    """Seconds that the answer took."""
    import httpx

    began = time.monotonic()
    try:
        with httpx.Client(timeout=check.latency, verify=authorities(), trust_env=False) as client:
            for _ in range(_MOST_REDIRECTS + 1):
                request = _request(client, url, here=here)
                answer = client.send(request, stream=True)
                try:
                    if not answer.is_redirect or answer.status_code == check.status:
                        _refuse_wrong(answer, check, began, url)
                        return time.monotonic() - began
                    url = urljoin(url, answer.headers["Location"])
                finally:
                    answer.close()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as wrong:
        raise _Wrong(f"{url} does not answer: {wrong or type(wrong).__name__}") from wrong
    raise _Wrong(f"{url} leads on more than {_MOST_REDIRECTS} times")


def _request(client: httpx.Client, url: str, *, here: bool) -> httpx.Request:
    """Sent to the very address that was looked at: a name may stand for another one a moment later."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _Refused(f"{url[:_SHOWN]!r} is no address of HTTP")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(parts.hostname, port, here=here)
    host = f"[{address}]" if ":" in address else address
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    name = parts.netloc.rpartition("@")[2]
    return client.build_request(
        "GET",
        f"{parts.scheme}://{host}:{port}{path}",
        headers={"Host": name, "User-Agent": "odmd"},
        extensions={"timeout": client.timeout.as_dict(), "sni_hostname": parts.hostname},
    )


def _address(host: str, port: int, *, here: bool) -> str:
    """Where a name leads, if that may be asked.

    Raises:
        _Refused: it is the metadata of a machine in a cloud, or this machine, by whichever of its addresses.
    """
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as unknown:
        raise _Wrong(f"nobody knows where {host} is") from unknown
    for one in found:
        address = ipaddress.ip_address(one.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA:
            raise _Refused(f"{host} leads to {address}, which no check asks")
        if not here and (address.is_loopback or _is_this_machines(str(address))):
            raise _Refused(f"{host} leads to {address}, which no check asks")
    return found[0]


def _is_this_machines(address: str) -> bool:
    """Only to its own addresses a machine lets a socket be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as own:
            own.bind((address, 0))
    except OSError:
        return False
    return True


_METADATA: Final = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "fd00:ec2::23", "100.100.100.200")))
"""Where clouds tell machines their credentials, besides addresses that are link-local."""


def _refuse_wrong(answer: httpx.Response, check: HttpCheck, began: float, url: str) -> None:
    if answer.status_code != check.status:
        raise _Wrong(f"{url} answers {answer.status_code}, not {check.status}")
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if time.monotonic() - began > check.latency:
            raise _Wrong(f"{url} takes longer than {check.latency:g} s")
        if len(body) > _LARGEST or not check.contains:
            break
    if check.contains and check.contains not in body[:_LARGEST].decode(errors="replace"):
        raise _Wrong(f"{url} answers without {check.contains!r}")
