"""Kinds parse what was published, and say what makes it the same, what people see and what an app gets."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import FrozenInstanceError, dataclass
from random import Random
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.model.access import READ, READ_WRITE, WRITE
from odmd.model.kinds import (
    API_DOC,
    GRAPHQL_SCHEMA,
    MESSAGE_DOC,
    ArnKind,
    AsyncApi,
    Channel,
    Cidr,
    Concern,
    EksCluster,
    EventBus,
    Function,
    GenericArtifact,
    GraphQlSchema,
    Handover,
    HostName,
    HttpApi,
    Image,
    IpAddress,
    Json,
    JsonKind,
    Kind,
    NameServers,
    NotOfKind,
    OidcProvider,
    OpenApi,
    PostgresDatabase,
    PythonPackage,
    Queue,
    Role,
    Secret,
    SensitiveText,
    Stream,
    Subnets,
    Table,
    Text,
    TextKind,
    Topic,
    Vpc,
    VpcId,
    WebSocketApi,
)

LABEL = st.from_regex(r"[a-z0-9_][a-z0-9-]{0,20}", fullmatch=True)
HOSTS = st.lists(LABEL, min_size=1, max_size=6).map(".".join)
NETWORKS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).flatmap(
    lambda address: st.integers(0, address.max_prefixlen).map(
        lambda bits: ipaddress.ip_network(f"{address}/{bits}", strict=False)
    )
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSONS = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
ARN = "arn:aws:{}:us-east-1:111122223333:{}"


# a kind of one's own


class Ticket(TextKind):
    """A ticket of the tracker."""

    pattern = r"[A-Z]+-[0-9]+"


class Licence(TextKind):
    """What a partner gave us."""

    sensitive = True


class Model(ArnKind):
    """A model of SageMaker."""

    service = "sagemaker"
    resource = "model/[a-z]+"


@dataclass(frozen=True)
class Limits(JsonKind):
    """What an API takes."""

    host: HostName
    a_second: float
    bursts: tuple[int, ...] = ()
    note: str | None = None
    vpc: Vpc | None = None
    strict: bool = True


@dataclass(frozen=True)
class Broken(JsonKind):
    """Has a field that no JSON value can be read into."""

    some: complex


def test_a_kind_of_ones_own_takes_five_lines() -> None:
    assert Ticket.parse("SHOP-1") == Ticket("SHOP-1")
    assert repr(Ticket("SHOP-1")) == "Ticket('SHOP-1')"
    with pytest.raises(NotOfKind, match=r"'9' is no Ticket: expected a text that matches \[A-Z\]"):
        Ticket.parse("9")
    with pytest.raises(FrozenInstanceError):
        Ticket("SHOP-1").value = "SHOP-2"  # type: ignore[misc]  # frozen, which is what is tested


def test_a_decorated_kind_of_ones_own_is_one_too() -> None:
    @dataclass(frozen=True)
    class Port(TextKind):
        pattern: ClassVar[str] = r"[0-9]+"

    assert Port.parse("80") == Port("80")
    with pytest.raises(NotOfKind, match="'x' is no Port"):
        Port.parse("x")


def test_a_kind_of_an_arn_takes_its_service_and_resource() -> None:
    text = ARN.format("sagemaker", "model/mine")
    assert Model.parse(text) == Model(text)
    assert Model(text).shown() == "mine"
    with pytest.raises(NotOfKind, match="an ARN of sagemaker whose resource matches model"):
        Model.parse(ARN.format("sagemaker", "endpoint/mine"))


def test_a_narrower_kind_keeps_what_its_base_says() -> None:
    class NodeRole(Role):
        """A role of nodes."""

    class OneRole(Role):
        pattern = r"arn:aws:iam::111122223333:role/one"

    assert (NodeRole.pattern, NodeRole.looks_like, NodeRole.concern) == (Role.pattern, Role.looks_like, Role.concern)
    with pytest.raises(NotOfKind):
        OneRole.parse("arn:aws:iam::111122223333:role/two")


# kinds are nominal


def test_equal_texts_of_different_kinds_are_different_values() -> None:
    bus, table = EventBus[str].parse("orders"), Table[str].parse("orders")
    assert len({bus, table}) == 2
    assert EventBus("orders") == bus


def test_a_child_knows_its_kind() -> None:
    assert (API_DOC.name, API_DOC.kind) == ("api-doc", OpenApi)
    assert (MESSAGE_DOC.of, MESSAGE_DOC.name, MESSAGE_DOC.kind) == (Channel, "api-doc", AsyncApi)
    assert (GRAPHQL_SCHEMA.name, GRAPHQL_SCHEMA.kind) == ("schema", GraphQlSchema)


@pytest.mark.parametrize("kind", [EventBus, Topic, Queue, Stream, WebSocketApi])
def test_everything_that_carries_messages_may_have_a_document_of_them(kind: type[Kind]) -> None:
    assert issubclass(kind, MESSAGE_DOC.of)


# access, handover, concern


@pytest.mark.parametrize("kind", [Image, Cidr, NameServers, Role, PythonPackage, OpenApi, Vpc, Text])
def test_facts_are_only_read(kind: type[Kind]) -> None:
    assert kind.accesses == (READ,)


@pytest.mark.parametrize("kind", [EventBus, Table, Secret, HttpApi, EksCluster, Kind, TextKind])
def test_what_can_be_written_knows_every_access(kind: type[Kind]) -> None:
    assert kind.accesses == (READ, WRITE, READ_WRITE)


@pytest.mark.parametrize(
    ("kind", "handover"),
    [
        (EventBus, Handover.BRIDGE),
        (Topic, Handover.BRIDGE),
        (Queue, Handover.DRAIN),
        (Table, Handover.NONE),
        (PostgresDatabase, Handover.NONE),
        (HttpApi, Handover.SIDE_BY_SIDE),
    ],
)
def test_a_kind_says_how_it_is_handed_over(kind: type[Kind], handover: Handover) -> None:
    assert kind.handover is handover


@pytest.mark.parametrize(
    ("kind", "concern"),
    [(Cidr, Concern.NETWORK), (Vpc, Concern.NETWORK), (OidcProvider, Concern.IDENTITY), (Table, Concern.DATA)],
)
def test_a_kind_says_what_it_is_about(kind: type[Kind], concern: Concern) -> None:
    assert kind.concern is concern


# identity


@given(HOSTS)
def test_host_names_are_the_same_in_any_case_and_with_a_last_dot(host: str) -> None:
    assert HostName.parse(host).text() == host
    assert HostName.parse(f"{host}.").text() == f"{host}."
    assert HostName.parse(f"{host.upper()}.").identity() == HostName.parse(host).identity() == host


@given(NETWORKS)
def test_a_network_comes_back_as_it_was(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    assert Cidr.parse(Cidr.parse(str(network)).text()) == Cidr(str(network))


@given(st.ip_addresses())
def test_an_address_comes_back_as_it_was(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert IpAddress.parse(address.exploded) == IpAddress(str(address))


@given(st.lists(HOSTS, min_size=1), st.randoms(use_true_random=False))
def test_name_servers_are_the_same_in_any_order_and_case(hosts: list[str], random: Random) -> None:
    shuffled = [host.upper() for host in hosts]
    random.shuffle(shuffled)
    written, read = NameServers(tuple(hosts)), NameServers.parse(", ".join(f"{host}." for host in shuffled))
    assert NameServers.parse(written.text()) == written
    assert read.identity() == written.identity()


@given(JSONS)
def test_json_is_the_same_in_any_layout(value: object) -> None:
    wide, narrow = Json.parse(json.dumps(value, indent=2)), Json.parse(json.dumps(value, sort_keys=True))
    assert wide.identity() == narrow.identity()
    assert wide.data() == value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HttpApi("https://API.example.com:443"), HttpApi("HTTPS://api.example.com/")),
        (Subnets("subnet-1,subnet-2"), Subnets("subnet-2,subnet-1")),
        (Image(f"reg.example/shop/app:v1@{DIGEST}"), Image(f"reg.example/shop/app@{DIGEST}")),
        (PythonPackage("Acme_Orders==1.0"), PythonPackage("acme-orders==1.0")),
        (PostgresDatabase("DB.example.com.:5432/orders"), PostgresDatabase("db.example.com:5432/orders")),
        (Limits(HostName("A.example."), 1.0), Limits(HostName("a.example"), 1.0)),
    ],
)
def test_what_makes_no_difference_is_no_change(one: Kind, other: Kind) -> None:
    assert (one.identity(), type(one)) == (other.identity(), type(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HttpApi("https://api.example.com/V1"), HttpApi("https://api.example.com/v1")),
        (HttpApi("http://api.example.com:443/"), HttpApi("http://api.example.com/")),
        (Image(f"localhost:5000/app@{DIGEST}"), Image(f"localhost:5001/app@{DIGEST}")),
        (PostgresDatabase("db.example.com:5432/Orders"), PostgresDatabase("db.example.com:5432/orders")),
        (Json("[1,2]"), Json("[2,1]")),
        (SensitiveText("one"), SensitiveText("other")),
    ],
)
def test_what_makes_a_difference_is_a_change(one: Kind, other: Kind) -> None:
    assert one.identity() != other.identity()


# what people see and what an app gets


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Image(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/app:v1@{DIGEST}"), "shop/app@sha256:0123456"),
        (Image(f"localhost:5000/app@{DIGEST}"), "app@sha256:0123456"),
        (Image(f"shop/app@{DIGEST}"), "shop/app@sha256:0123456"),
        (Function(ARN.format("lambda", "function:orders:live")), "orders:live"),
        (Role("arn:aws:iam::111122223333:role/app/orders"), "app/orders"),
        (Topic(ARN.format("sns", "orders")), "orders"),
        (HttpApi("https://api.example.com/v1?token=hunter2#top"), "https://api.example.com/v1"),
        (GenericArtifact("s3://artifacts/shop/app.zip?versionId=3sL4kqtJlcp"), "app.zip@3sL4kqt"),
        (Vpc(VpcId("vpc-1"), Cidr("10.0.0.0/16")), "vpc-1 10.0.0.0/16"),
        (Text("two\n lines"), "two lines"),
        (Text("a" * 100), "a" * 79 + "…"),
        (EventBus("orders"), "orders"),
    ],
)
def test_people_see_the_short_form(value: Kind, shown: str) -> None:
    assert value.shown() == shown


def test_a_sensitive_value_is_seen_nowhere() -> None:
    value = Licence.parse("hunter2")
    refused = Licence.refusal("hunter2", "hunter2 is too short")
    for seen in (value.shown(), repr(value), value.identity(), str(refused)):
        assert "hunter2" not in seen
    assert value.shown() == "•••"
    assert value.consumed() == value.text() == "hunter2"


def test_a_refusal_does_not_repeat_a_long_text() -> None:
    with pytest.raises(NotOfKind) as refused:
        Ticket.parse("x" * 10_000)
    assert len(str(refused.value)) < 300


def test_an_app_gets_what_the_kind_is_good_for() -> None:
    uri = f"reg.example/app@{DIGEST}"
    assert Image(uri).consumed() == uri
    assert HostName("db.example.com.").consumed() == "db.example.com"
    assert NameServers(("a.example", "b.example.")).consumed() == "a.example,b.example."


# JSON objects


def test_a_json_object_is_read_into_fields() -> None:
    text = '{"host": "a.example", "a_second": 5, "bursts": [1, 2], "vpc": {"id": "vpc-1", "cidr": "10.0.0.0/8"}}'
    value = Limits.parse(text)
    assert value == Limits(HostName("a.example"), 5.0, (1, 2), None, Vpc(VpcId("vpc-1"), Cidr("10.0.0.0/8")))
    assert Limits.parse(value.text()) == value
    assert hash(value) == hash(Limits.parse(text))


def test_a_new_optional_field_changes_no_old_value() -> None:
    assert "note" not in Limits(HostName("a.example"), 1.0).text()
    assert Limits.parse('{"host": "a.example", "a_second": 1, "note": null}') == Limits(HostName("a.example"), 1.0)


@given(HOSTS, st.floats(allow_nan=False, allow_infinity=False), st.lists(st.integers()), st.none() | st.text())
def test_fields_come_back_as_they_were(host: str, a_second: float, bursts: list[int], note: str | None) -> None:
    value = Limits(HostName(host), a_second, tuple(bursts), note)
    assert Limits.parse(value.text()) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("7", "expected an object with host, a_second"),
        ("{", "it is no JSON"),
        ('{"a_second": 1}', "host is missing"),
        ('{"host": "a", "a_second": 1, "a_secnd": 1}', "a_secnd is none of its fields"),
        ('{"host": "a b", "a_second": 1}', "host: 'a b' is no HostName"),
        ('{"host": 7, "a_second": 1}', "host: expected a text"),
        ('{"host": "a", "a_second": "1"}', "a_second: expected a number"),
        ('{"host": "a", "a_second": 1, "bursts": [1.5]}', "bursts: expected a whole number"),
        ('{"host": "a", "a_second": 1, "strict": 1}', "strict: expected true or false"),
        ('{"host": "a", "a_second": 1' + "0" * 400 + "}", "a_second: int too large"),
        ('{"host": "a", "a_second": 1' + "0" * 5000 + "}", "integer string conversion"),
        ('{"host": "a", "a_second": NaN}', "NaN is no number"),
    ],
)
def test_a_json_object_that_does_not_fit_is_refused_with_the_field(text: str, says: str) -> None:
    with pytest.raises(NotOfKind, match=f"is no Limits: .*{says}"):
        Limits.parse(text)


def test_a_field_that_json_does_not_have_is_the_kinds_mistake() -> None:
    with pytest.raises(TypeError, match=r"Broken\.some: .*complex"):
        Broken.parse('{"some": 1}')
