"""Kinds of addresses and names in networks."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import ClassVar, Self

from odmd.model.kinds.base import Kind, NotOfKind, TextKind


@dataclass(frozen=True)
class HostName(TextKind):
    """A DNS host name."""

    pattern: ClassVar[str] = r"(?=.{1,253}\.?$)[A-Za-z0-9_][A-Za-z0-9_\-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_\-]{0,62})*\.?"
    looks_like: ClassVar[str] = "a host name like db.example.com"


@dataclass(frozen=True)
class NameServers(Kind):
    """The name servers of a DNS zone; their order says nothing."""

    hosts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        hosts = tuple(HostName.parse(part.strip()).value for part in text.split(",") if part.strip())
        if not hosts:
            raise NotOfKind(f"{text!r} are no NameServers: expected host names with commas between")
        return cls(hosts)

    def text(self) -> str:
        return ",".join(self.hosts)

    def identity(self) -> str:
        return ",".join(sorted(host.lower().rstrip(".") for host in self.hosts))


@dataclass(frozen=True)
class Cidr(Kind):
    """An IPv4 or IPv6 network."""

    block: str

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            return cls(str(ipaddress.ip_network(text)))
        except ValueError as wrong:
            raise NotOfKind(f"{text!r} is no Cidr: {wrong}") from wrong

    def text(self) -> str:
        return self.block
