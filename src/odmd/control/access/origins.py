"""Where a request comes from: proxies that the settings name are believed who asked them, and nobody else is."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
_WITH_PORT: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?")
"""As some proxies write the address of who asked them."""


@dataclass(frozen=True, slots=True)
class Proxies:
    """Those that stand before a server; none, and nothing that a request says of itself is believed."""

    networks: tuple[Network, ...] = ()

    def origin(self, peer: str, forwarded: Sequence[str]) -> str:
        """The address of who asked the first of our proxies, as the last of them saw it.

        Args:
            peer: who is connected.
            forwarded: the lines of `X-Forwarded-For`: each proxy adds at the end who asked it, so that what stands
                before the first of ours may be anybody's invention.
        """
        found = _address(peer)
        if found is None or not self._has(found):
            return peer
        for said in reversed([one for line in forwarded for one in line.split(",")]):
            if (before := _address(said.strip())) is None:
                break  # what is no address was no proxy's of ours to say, nor is anything before it
            found = before
            if not self._has(found):
                break
        return str(found)

    def _has(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.networks)


def _address(said: str) -> IPv4Address | IPv6Address | None:
    if with_port := _WITH_PORT.fullmatch(said):
        said = with_port[1] or with_port[2]
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return None  # free text, which only means something on one machine
        return found.ipv4_mapped or found
    return found
