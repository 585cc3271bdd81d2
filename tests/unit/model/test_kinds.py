"""Kinds parse what was published, and give it back."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from random import Random
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.model.kinds import (
    API_DOC,
    Cidr,
    EventBus,
    HostName,
    HttpApi,
    Image,
    IpamPool,
    Kind,
    NameServers,
    NotOfKind,
    OpenApi,
    Secret,
    Table,
    TextKind,
)

TEXT_KINDS: list[type[TextKind]] = [EventBus, HttpApi, Image, IpamPool, OpenApi, Secret, Table]
LABEL = st.from_regex(r"[a-z0-9_][a-z0-9-]{0,20}", fullmatch=True)
HOSTS = st.lists(LABEL, min_size=1, max_size=6).map(".".join)
NETWORKS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).flatmap(
    lambda address: st.integers(0, address.max_prefixlen).map(
        lambda bits: ipaddress.ip_network(f"{address}/{bits}", strict=False)
    )
)


@pytest.mark.parametrize("kind", TEXT_KINDS)
@given(data=st.data())
def test_what_is_published_comes_back_as_it_was(kind: type[TextKind], data: st.DataObject) -> None:
    text = data.draw(st.from_regex(kind.pattern, fullmatch=True))
    assert kind.parse(text).text() == text
    assert kind.parse(text) == kind.parse(text)
    assert kind.parse(text).identity() == text


@given(HOSTS)
def test_a_host_name_comes_back_as_it_was(host: str) -> None:
    assert HostName.parse(host).text() == host
    assert HostName.parse(f"{host}.").text() == f"{host}."


@given(NETWORKS)
def test_a_network_comes_back_as_it_was(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    assert Cidr.parse(Cidr.parse(str(network)).text()) == Cidr(str(network))


@given(st.lists(HOSTS, min_size=1), st.randoms(use_true_random=False))
def test_name_servers_are_the_same_in_any_order_and_case(hosts: list[str], random: Random) -> None:
    shuffled = [host.upper() for host in hosts]
    random.shuffle(shuffled)
    written, read = NameServers(tuple(hosts)), NameServers.parse(", ".join(f"{host}." for host in shuffled))
    assert NameServers.parse(written.text()) == written
    assert read.identity() == written.identity()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (EventBus, "orders bus"),
        (EventBus, ""),
        (EventBus, "orders\n"),
        (Table, "ab"),
        (Image, "registry/shop:latest"),
        (Secret, "hunter2"),
        (HttpApi, "api.example.com"),
        (HostName, "db..example.com"),
        (HostName, "https://db.example.com"),
        (HostName, f"{'a' * 64}.example.com"),
        (NameServers, " , "),
        (Cidr, "10.0.0.1/8"),
        (IpamPool, "pool-1"),
    ],
)
def test_what_is_not_of_the_kind_is_refused_by_name(kind: type[Kind], text: str) -> None:
    with pytest.raises(NotOfKind, match=rf"no {kind.__name__}"):
        kind.parse(text)


def test_a_kind_of_ones_own_takes_five_lines() -> None:
    @dataclass(frozen=True)
    class Queue(TextKind):
        pattern: ClassVar[str] = r"[a-z]+"

    assert Queue.parse("orders") == Queue("orders")
    with pytest.raises(NotOfKind, match="'9' is no Queue"):
        Queue.parse("9")


def test_equal_texts_of_different_kinds_are_different_values() -> None:
    bus, table = EventBus[str].parse("orders"), Table[str].parse("orders")
    assert len({bus, table}) == 2


def test_a_child_knows_its_kind() -> None:
    assert (API_DOC.name, API_DOC.kind) == ("api-doc", OpenApi)
