"""Who signs in to a package index: said for each host, by variables or in a netrc file, and sent to no other one."""

from __future__ import annotations

import os
import re
from netrc import NetrcParseError, netrc
from pathlib import Path
from urllib.parse import urlsplit

from odmd.errors import SettingsInvalid
from odmd.graph.rules.packages_are_said import THIS_MACHINE

TOKENS_NAME = "__token__"
"""The user's name that indexes take together with a token."""


def sign_in(url: str) -> tuple[str, str] | None:
    """User and password for the host of an address; None where nobody says them.

    Raises:
        SettingsInvalid: the netrc file cannot be read; no word of what it holds.
    """
    parts, variable = urlsplit(url), variable_of(url)
    if not may_be_told(url):
        return None
    if password := os.environ.get(f"{variable}_PASSWORD"):
        return os.environ.get(f"{variable}_USERNAME", TOKENS_NAME), password
    file = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    if not file.is_file():
        return None
    try:
        found = netrc(str(file)).authenticators(parts.hostname or "")
    except (NetrcParseError, UnicodeDecodeError, OSError) as wrong:
        line = getattr(wrong, "lineno", None)
        where = f" in line {line}" if line else ""
        raise SettingsInvalid(f"{file} cannot be read as a netrc file{where}") from None
    return (found[0], found[2]) if found else None


def may_be_told(url: str) -> bool:
    """Whether a password may go there: over plain HTTP anybody on the way would read it."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in THIS_MACHINE


def variable_of(url: str) -> str:
    """What the names of a host's variables begin with: `ODMD_INDEX_PYPI_ACME_DEV` for https://pypi.acme.dev/simple/."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    return f"ODMD_INDEX_{re.sub('[^A-Z0-9]+', '_', host.upper()).strip('_')}"
