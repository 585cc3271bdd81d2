"""Kinds of networks, and of addresses and names in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from odmd.model.access import Access
from odmd.model.kinds.arn import REGION, UUID, ArnKind
from odmd.model.kinds.base import READ_ONLY, Concern, Kind, TextKind
from odmd.model.kinds.json_kind import JsonKind

_LABELS: Final = r"[A-Za-z0-9_][A-Za-z0-9_\-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_\-]{0,62})*\.?"
HOST: Final = rf"(?=.{{1,253}}\.?$){_LABELS}"


PORT: Final = r"[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"


class HostName(TextKind):
    """A DNS host name."""

    pattern = HOST
    looks_like = "a host name like db.example.com"
    concern = Concern.NETWORK

    def identity(self) -> str:
        """Case and the last dot make no difference."""
        return self.consumed().lower()

    def consumed(self) -> str:
        """Without the last dot, which certificates do not have."""
        return self.value.rstrip(".")


class Port(TextKind):
    """A port that something listens on."""

    pattern = PORT
    looks_like = "a port from 1 to 65535"
    concern = Concern.NETWORK
    accesses = READ_ONLY

    @property
    def number(self) -> int:
        """The port as Python has it."""
        return int(self.value)


class HostPort(TextKind):
    """Where something listens: a host name or an address, and a port."""

    pattern = rf"(?:(?=[^:]{{1,253}}\.?:){_LABELS}|\[[0-9A-Fa-f:.]{{2,45}}\]):(?:{PORT})"
    looks_like = "host:port, like db.example.com:5432 or [2001:db8::1]:443"
    concern = Concern.NETWORK

    @property
    def host(self) -> str:
        """Without the port, the brackets of an IPv6 address and a last dot."""
        return self.value.rpartition(":")[0].strip("[]").rstrip(".")

    @property
    def port(self) -> int:
        """The port as Python has it."""
        return int(self.value.rpartition(":")[2])

    def identity(self) -> str:
        """Case and the last dot of the host make no difference."""
        host, _, port = self.value.rpartition(":")
        return f"{host.lower().rstrip('.')}:{port}"


@dataclass(frozen=True)
class NameServers(Kind):
    """The name servers of a DNS zone; their order says nothing."""

    hosts: tuple[str, ...]
    looks_like: ClassVar[str] = "host names with commas between"
    concern: ClassVar[Concern] = Concern.NETWORK
    accesses: ClassVar[tuple[Access, ...]] = READ_ONLY

    @classmethod
    def parse(cls, text: str) -> Self:
        hosts = tuple(part.strip() for part in text.split(",") if part.strip())
        if not hosts or not all(re.fullmatch(HOST, host) for host in hosts):
            raise cls.refusal(text)
        return cls(hosts)

    def text(self) -> str:
        return ",".join(self.hosts)

    def identity(self) -> str:
        return ",".join(sorted({HostName(host).identity() for host in self.hosts}))


@dataclass(frozen=True)
class Cidr(Kind):
    """An IPv4 or IPv6 network."""

    block: str
    looks_like: ClassVar[str] = "a network like 10.0.0.0/16"
    concern: ClassVar[Concern] = Concern.NETWORK
    accesses: ClassVar[tuple[Access, ...]] = READ_ONLY

    @classmethod
    def parse(cls, text: str) -> Self:
        import ipaddress

        try:
            return cls(str(ipaddress.ip_network(text)))
        except ValueError as wrong:
            raise cls.refusal(text, str(wrong)) from wrong

    def text(self) -> str:
        return self.block


class IpAddress(TextKind):
    """An IPv4 or IPv6 address."""

    looks_like = "an address like 10.0.0.1"
    concern = Concern.NETWORK
    accesses = READ_ONLY

    @classmethod
    def parse(cls, text: str) -> Self:
        import ipaddress

        try:
            return cls(str(ipaddress.ip_address(text)))
        except ValueError:
            raise cls.refusal(text) from None


class VpcId(TextKind):
    """A VPC by id."""

    pattern = r"vpc-[0-9a-f]+"
    looks_like = "an id like vpc-0a1b2c"
    concern = Concern.NETWORK
    accesses = READ_ONLY


@dataclass(frozen=True)
class Vpc(JsonKind):
    """A VPC and what one needs to know of it while synthesising; `VpcId` is enough for a parameter."""

    id: VpcId
    cidr: Cidr
    availability_zones: tuple[str, ...] = ()
    looks_like: ClassVar[str] = '{"id": "vpc-0a1b2c", "cidr": "10.0.0.0/16"}'
    concern: ClassVar[Concern] = Concern.NETWORK
    accesses: ClassVar[tuple[Access, ...]] = READ_ONLY

    def short(self) -> str:
        return f"{self.id.value} {self.cidr.block}"


class Subnets(TextKind):
    """Subnets of a VPC by id; their order says nothing."""

    pattern = r"subnet-[0-9a-f]+(,subnet-[0-9a-f]+)*"
    looks_like = "ids like subnet-0a1b2c with commas between"
    concern = Concern.NETWORK
    accesses = READ_ONLY

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids as they were published."""
        return tuple(self.value.split(","))

    def identity(self) -> str:
        return ",".join(sorted(set(self.ids)))


class SecurityGroup(TextKind):
    """A security group by id."""

    pattern = r"sg-[0-9a-f]+"
    looks_like = "an id like sg-0a1b2c"
    concern = Concern.NETWORK


class PrefixList(TextKind):
    """A managed prefix list by id."""

    pattern = r"pl-[0-9a-f]+"
    looks_like = "an id like pl-0a1b2c"
    concern = Concern.NETWORK
    accesses = READ_ONLY


class IpamPool(TextKind):
    """An IPAM pool by id."""

    pattern = r"ipam-pool-[0-9a-f]+"
    looks_like = "an id like ipam-pool-0a1b2c"
    concern = Concern.NETWORK


class TransitGateway(TextKind):
    """A transit gateway by id."""

    pattern = r"tgw-[0-9a-f]+"
    looks_like = "an id like tgw-0a1b2c"
    concern = Concern.NETWORK


class HostedZone(TextKind):
    """A Route 53 zone by id."""

    pattern = r"Z[A-Z0-9]{1,31}"
    looks_like = "an id like Z0123456789ABC"
    concern = Concern.NETWORK


class VpcEndpointService(TextKind):
    """A service that other VPCs reach over a private link, by name."""

    pattern = rf"([a-z]+\.)*amazonaws(\.[a-z]+)*\.vpce\.{REGION}\.vpce-svc-[0-9a-f]+"
    looks_like = "a name like com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c"
    concern = Concern.NETWORK
    accesses = READ_ONLY


class LoadBalancer(ArnKind):
    """An application, network or gateway load balancer."""

    service = "elasticloadbalancing"
    resource = r"loadbalancer/(app|net|gwy)/[A-Za-z0-9\-]{1,32}/[0-9a-f]+"
    looks_like = "an ARN like arn:aws:elasticloadbalancing:…:loadbalancer/app/shared/50dc6c495c0c9188"
    concern = Concern.NETWORK


class TargetGroup(ArnKind):
    """A target group of a load balancer."""

    service = "elasticloadbalancing"
    resource = r"targetgroup/[A-Za-z0-9\-]{1,32}/[0-9a-f]+"
    looks_like = "an ARN like arn:aws:elasticloadbalancing:…:targetgroup/orders/73e2d6bc24d8a067"
    concern = Concern.NETWORK


class Certificate(ArnKind):
    """A TLS certificate of ACM."""

    service = "acm"
    resource = rf"certificate/{UUID}"
    looks_like = "an ARN like arn:aws:acm:…:certificate/1234abcd-…"
    concern = Concern.NETWORK
    accesses = READ_ONLY
