"""Addresses at which somebody may be asked who others are."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

AUTHORITY: Final = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
"""A host, and perhaps a port, as `Host` has them."""


def is_safe(url: str) -> bool:
    """Whether what is asked there cannot be answered by somebody in between: it is https, or on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_whole = bool(host) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return is_whole and (parts.scheme == "https" or (parts.scheme == "http" and is_here(host)))


def host_of_url(url: str) -> str:
    """As it stands in the header `Host` of who asks there."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def is_here(host: str) -> bool:
    """Whether a host is this machine, by an address or its own name for itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
