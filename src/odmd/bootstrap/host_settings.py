"""What settings say of a server's place: by which names it is asked, and which proxies stand before it.

[tool.odmd]
names = ["odmd.acme.example"]             # or ODMD_NAMES, with commas
proxies = ["10.0.4.0/24"]                 # or ODMD_PROXIES: networks that hold nothing but them
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from odmd.control.access.addresses import AUTHORITY
from odmd.errors import SettingsInvalid

if TYPE_CHECKING:
    from odmd.control.access.origins import Network

_WIDEST: Final = {4: 8, 6: 16}
"""Bits of the widest network that a proxy may be in."""


def read_names(said: Mapping[str, Any], file: Path | None) -> tuple[str, ...]:
    """In small letters.

    Raises:
        SettingsInvalid
    """
    where, names = _listed(said, "names", file)
    if isinstance(names, list) and all(_is_host(one) for one in cast("list[object]", names)):
        return tuple(one.lower() for one in cast("list[str]", names))
    raise SettingsInvalid(
        f"{where} must be a list of hosts, not {names!r}",
        next_step="write each as people ask for it: odmd.acme.example, or with a port odmd.acme.example:8471",
    )


def read_proxies(said: Mapping[str, Any], file: Path | None) -> tuple[Network, ...]:
    """Networks whose word on where a request comes from is taken.

    Raises:
        SettingsInvalid: something is no network, or so wide that callers would stand in it, too.
    """
    where, given = _listed(said, "proxies", file)
    listed = cast("list[object]", given) if isinstance(given, list) else [given]
    return tuple(_network(where, one) for one in listed)


def _listed(said: Mapping[str, Any], key: str, file: Path | None) -> tuple[str, object]:
    """Where it is said, and what: the environment goes before the file."""
    name = f"ODMD_{key.upper()}"
    if given := os.environ.get(name):
        return name, [one.strip() for one in given.split(",")]
    return f"{file}: [tool.odmd] {key}", said.get(key, [])


def _is_host(said: object) -> bool:
    return isinstance(said, str) and AUTHORITY.fullmatch(said) is not None


def _network(where: str, said: object) -> Network:
    try:
        found = ipaddress.ip_network(said if isinstance(said, str) else "")
    except ValueError:
        raise SettingsInvalid(
            f"{where} must be a list of networks, not {said!r}",
            next_step='write each as "10.0.4.0/24", or as one address',
        ) from None
    if found.prefixlen < _WIDEST[found.version]:
        raise SettingsInvalid(
            f"{where} has {found}, where callers are, too: whoever is there could say that he is elsewhere",
            next_step="name the addresses of the proxies, or networks that hold nothing but them",
        )
    return found
