"""Every kind that odmd brings reads what services really publish, and refuses what they do not."""

from __future__ import annotations

import inspect
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odmd.model import kinds
from odmd.model.kinds import (
    AsyncApi,
    AuroraCluster,
    Bucket,
    Certificate,
    Cidr,
    EcsCluster,
    EcsService,
    EksCluster,
    EventBus,
    EventSource,
    FileSystem,
    Function,
    GenericArtifact,
    GraphQlApi,
    GraphQlSchema,
    HelmRelease,
    HostedZone,
    HostName,
    HostPort,
    HttpApi,
    IdentityPool,
    Image,
    ImageRepository,
    IpAddress,
    IpamPool,
    Json,
    Kind,
    KmsKey,
    KubernetesService,
    LambdaLayer,
    LoadBalancer,
    LogGroup,
    MavenPackage,
    MySqlDatabase,
    NameServers,
    Namespace,
    NotOfKind,
    NpmPackage,
    OfferedSecret,
    OidcProvider,
    OpenApi,
    Parameter,
    Policy,
    Port,
    PostgresDatabase,
    PrefixList,
    Principal,
    PythonPackage,
    Queue,
    RedisCache,
    Role,
    Secret,
    SecurityGroup,
    SensitiveText,
    ServiceAccount,
    StateMachine,
    Stream,
    Subnets,
    Table,
    TargetGroup,
    Text,
    TextKind,
    Topic,
    TransitGateway,
    UserPool,
    UserPoolClient,
    Vpc,
    VpcEndpointService,
    VpcId,
    Website,
    WebSocketApi,
)
from support.soak import examples

HERE = "us-east-1:111122223333"
CHINA = "cn-north-1:111122223333"
GOVERNMENT = "us-gov-west-1:111122223333"
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"

GOOD: dict[type[Kind], list[str]] = {
    AsyncApi: ["https://docs.example.com/orders.yaml", "s3://docs/orders.yaml?versionId=3"],
    AuroraCluster: [f"arn:aws:rds:{HERE}:cluster:orders", f"arn:aws-cn:rds:{CHINA}:cluster:orders-1"],
    Bucket: ["orders", "orders.example.com", "cdk-hnb659fds-assets-111122223333-us-east-1"],
    Certificate: [f"arn:aws:acm:{HERE}:certificate/{UUID}"],
    Cidr: ["10.0.0.0/16", "10.0.0.1/32", "fd00::/8", "0.0.0.0/0"],
    EcsCluster: [f"arn:aws:ecs:{HERE}:cluster/shared"],
    EcsService: [f"arn:aws-us-gov:ecs:{GOVERNMENT}:service/shared/orders"],
    EksCluster: ["shared", "Shared_1-a"],
    EventSource: ["acme.orders", "aws.partner/example.com/orders"],
    HostPort: ["db.example.com:5432", "DB.example.com.:1", "10.0.0.1:65535", "[2001:db8::1]:443", "localhost:8080"],
    IdentityPool: ["eu-west-1:12345678-90ab-cdef-1234-567890abcdef"],
    Port: ["1", "80", "5432", "49999", "65535"],
    EventBus: ["orders", "default", "aws.partner/example.com/orders"],
    FileSystem: ["fs-0123456789abcdef0"],
    Function: [
        f"arn:aws:lambda:{HERE}:function:orders",
        f"arn:aws:lambda:{HERE}:function:orders:$LATEST",
        f"arn:aws:lambda:{HERE}:function:orders:live",
    ],
    GenericArtifact: ["s3://artifacts/orders/app.zip?versionId=3sL4kqtJlcpXroDTDmJ-rmSpXd3dIbrHY"],
    GraphQlApi: ["https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"],
    GraphQlSchema: ["s3://docs/schema.graphql"],
    HelmRelease: ["shop/orders", "shop/orders.v2"],
    HostName: ["db.example.com", "db.example.com.", "_acme-challenge.example.com", "localhost", "1"],
    HostedZone: ["Z0123456789ABCDEFGHIJ"],
    HttpApi: [
        "https://api.example.com/v1",
        "http://localhost:4566/restapis/a1b2",
        "https://a1b2.execute-api.us-east-1.amazonaws.com/prod/",
        "http://[::1]:8080",
        "https://api.example.com?stage=prod",
    ],
    Image: [f"{ECR}/shop/orders@{DIGEST}", f"{ECR}/orders:V1.2_x@{DIGEST}", f"localhost:5000/orders@{DIGEST}"],
    ImageRepository: [f"{ECR}/shop/orders", "localhost:5000/orders", f"{ECR}.cn/shop/my-orders_1"],
    IpAddress: ["10.0.0.1", "fd00::1"],
    IpamPool: ["ipam-pool-0a1b2c"],
    Json: ['{"limit": 5}', "[1, 2.5, null]", '"text"', "true"],
    KmsKey: [f"arn:aws:kms:{HERE}:key/{UUID}", f"arn:aws:kms:{HERE}:key/mrk-{'0a' * 16}"],
    KubernetesService: ["orders.shop.svc", "orders.shop.svc.cluster.local:8080"],
    LambdaLayer: [f"arn:aws:lambda:{HERE}:layer:tools:3"],
    LoadBalancer: [
        f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/shared/50dc6c495c0c9188",
        f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/net/shared/50dc6c495c0c9188",
    ],
    LogGroup: ["/aws/lambda/orders"],
    MavenPackage: ["com.acme:orders-client:1.2.3"],
    MySqlDatabase: ["db.example.com:3306/orders"],
    NameServers: ["ns-1.awsdns-01.com,ns-2.awsdns-02.net.", "ns.example"],
    Namespace: ["shop", "shop-1"],
    NpmPackage: ["orders@1.2.3", "@acme/orders@1.2.3-rc.1+build.5"],
    OidcProvider: [
        "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
        "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/0A1B2C",
    ],
    OpenApi: ["https://api.example.com/openapi.json", "s3://docs/openapi.json"],
    Parameter: ["/odmd-share/orders/b..main/endpoint", "limit", "/cdk-bootstrap/hnb659fds/version"],
    Policy: [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::111122223333:policy/boundary",
    ],
    PostgresDatabase: ["db.cluster-a1.us-east-1.rds.amazonaws.com:5432/orders", "localhost:15432/orders_1"],
    PrefixList: ["pl-0123456789abcdef0"],
    Principal: [
        "111122223333",
        "arn:aws:iam::111122223333:root",
        "arn:aws-cn:iam::111122223333:role/app/orders",
        "arn:aws:sts::111122223333:assumed-role/orders/session",
        "ecs-tasks.amazonaws.com",
        "ec2.amazonaws.com.cn",
    ],
    PythonPackage: ["acme-orders==1.2.3", "Acme_Orders==1!2.0.post1+local.1"],
    Queue: [f"arn:aws:sqs:{HERE}:orders", f"arn:aws:sqs:{HERE}:orders.fifo"],
    RedisCache: ["cache.example.com:6379"],
    Role: ["arn:aws:iam::111122223333:role/orders", "arn:aws-us-gov:iam::111122223333:role/app/x/orders@1"],
    OfferedSecret: [
        f"arn:aws:secretsmanager:{HERE}:secret:prod/db-AbCdEf#password",
        f"arn:aws:ssm:{HERE}:parameter/acme/db",
        "vault://kv/acme/db#password",
        "op://acme/db/password",
    ],
    Secret: [
        f"arn:aws:secretsmanager:{HERE}:secret:prod/db-AbCdEf",
        f"arn:aws:secretsmanager:{HERE}:secret:rds!cluster-1a-AbCdEf",
        "arn:aws-iso-b:secretsmanager:us-isob-east-1:111122223333:secret:db-AbCdEf:password::",
    ],
    SecurityGroup: ["sg-0123456789abcdef0"],
    SensitiveText: ["10 Downing Street"],
    ServiceAccount: ["shop/orders", "kube-system/aws-node"],
    StateMachine: [f"arn:aws:states:{HERE}:stateMachine:Orders", f"arn:aws:states:{HERE}:stateMachine:Orders:live"],
    Stream: [f"arn:aws:kinesis:{HERE}:stream/orders"],
    Subnets: ["subnet-0a1b2c", "subnet-0a1b2c,subnet-1a2b3c"],
    Table: ["orders", "Orders.v2-x_1"],
    TargetGroup: [f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/orders/73e2d6bc24d8a067"],
    Text: ["anything", "two\nlines"],
    Topic: [f"arn:aws:sns:{HERE}:orders", "arn:aws-eusc:sns:eusc-de-east-1:111122223333:orders.fifo"],
    TransitGateway: ["tgw-0a1b2c"],
    UserPool: [f"arn:aws:cognito-idp:{HERE}:userpool/us-east-1_Ab12Cd34"],
    UserPoolClient: ["1h57kf5cpq17m0eml12EXAMPLE"],
    Vpc: [
        '{"id": "vpc-0a1b2c", "cidr": "10.0.0.0/16"}',
        '{"cidr": "10.0.0.0/16", "id": "vpc-0a1b2c", "availability_zones": ["us-east-1a", "us-east-1b"]}',
    ],
    VpcEndpointService: [
        "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c",
        "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0a1b2c",
    ],
    VpcId: ["vpc-0123456789abcdef0"],
    WebSocketApi: ["wss://a1b2.execute-api.us-east-1.amazonaws.com/prod"],
    Website: ["https://d111111abcdef8.cloudfront.net"],
}

BAD: dict[type[Kind], list[str]] = {
    AsyncApi: ["docs/orders.yaml", "ftp://docs.example.com/orders.yaml"],
    AuroraCluster: [f"arn:aws:rds:{HERE}:db:orders", "orders"],
    Bucket: ["Orders", "ab", "10.0.0.1", "a..b", "-orders", "arn:aws:s3:::orders"],
    Certificate: [f"arn:aws:acm:{HERE}:certificate/mine"],
    Cidr: ["10.0.0.1/8", "10.0.0.0/33", "ten"],
    EcsCluster: [f"arn:aws:ecs:{HERE}:service/shared/orders"],
    EcsService: [f"arn:aws:ecs:{HERE}:cluster/shared"],
    EksCluster: ["-shared", "a" * 101, "arn:aws:eks:us-east-1:111122223333:cluster/shared"],
    EventSource: ["acme orders", "", "a" * 257],
    HostPort: [
        "db.example.com",
        "db.example.com:",
        "db.example.com:0",
        "db.example.com:65536",
        "http://a:80",
        "::1:80",
    ],
    IdentityPool: ["12345678-90ab-cdef-1234-567890abcdef", "eu-west-1_Ab12Cd34"],
    Port: ["0", "080", "65536", "http", "-1", "٣"],
    EventBus: ["orders bus", "orders\n", "a" * 257],
    FileSystem: ["fs-", "vol-0a1b2c"],
    Function: [
        "orders",
        f"arn:aws:lambda:{HERE}:layer:tools:3",
        f"arn:aws:iam:{HERE}:function:orders",
        "arn:aws:lambda:us-east-1:1111:function:orders",
        "arn:aws:lambda::111122223333:function:orders",
        f"arn:aws:lambda:{HERE}:function:orders\n",
        "arn:aws:lambda:us-east-1:١١١١٢٢٢٢٣٣٣٣:function:orders",
    ],
    GenericArtifact: ["s3://artifacts/app.zip", "s3://artifacts/app.zip?versionId=null"],
    GraphQlApi: ["wss://api.example.com/graphql"],
    GraphQlSchema: ["schema.graphql"],
    HelmRelease: ["orders", "shop/Orders", f"shop/{'a' * 54}"],
    HostName: ["db..example.com", "https://db.example.com", f"{'a' * 64}.example.com", "db.example.com:5432"],
    HostedZone: ["/hostedzone/Z0123", "example.com"],
    HttpApi: ["api.example.com", "https://", "https://me:hunter2@api.example.com", "https://api example.com"],
    Image: ["registry/shop:latest", f"{ECR}/orders@sha256:abc", f"@{DIGEST}"],
    ImageRepository: [f"{ECR}/orders:latest", f"{ECR}/orders@{DIGEST}", "orders"],
    IpAddress: ["10.0.0.256", "10.0.0.0/8", "example.com"],
    IpamPool: ["pool-1"],
    Json: ["{", "NaN", "1e999", '{"a": 1, "a": 2}', "[" * 100_000],
    KmsKey: ["alias/orders", f"arn:aws:kms:{HERE}:alias/orders"],
    KubernetesService: ["orders", "orders.example.com"],
    LambdaLayer: [f"arn:aws:lambda:{HERE}:layer:tools"],
    LoadBalancer: [f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/orders/73e2d6bc24d8a067"],
    LogGroup: ["my logs", "a" * 513],
    MavenPackage: ["com.acme:orders", "com.acme:orders:1.2.3-SNAPSHOT"],
    MySqlDatabase: ["db.example.com/orders", "me:pw@db.example.com:3306/orders"],
    NameServers: [" , ", "ns.example,https://ns.example"],
    Namespace: ["Shop", "shop/orders", "a" * 64],
    NpmPackage: ["orders", "orders@latest", "orders@^1.2.3", "@acme/Orders@1.2.3"],
    OidcProvider: ["https://token.actions.githubusercontent.com"],
    OpenApi: ["openapi.json"],
    Parameter: ["/orders/", "//orders", "/orders limit", "/aws", f"/{'a' * 1011}"],
    Policy: ["arn:aws:iam::111122223333:role/orders"],
    PostgresDatabase: ["db.example.com:5432", "postgres://db.example.com:5432/orders", "db.example.com:5432/or ders"],
    PrefixList: ["10.0.0.0/8"],
    Principal: ["*", "1111", "arn:aws:iam::111122223333:policy/orders"],
    PythonPackage: ["acme-orders", "acme-orders>=1", "-orders==1"],
    Queue: ["https://sqs.us-east-1.amazonaws.com/111122223333/orders", f"arn:aws:sns:{HERE}:orders"],
    RedisCache: ["cache.example.com", "redis://cache.example.com:6379"],
    Role: ["orders", "arn:aws:iam:us-east-1:111122223333:role/orders", "arn:aws:iam::111122223333:user/me"],
    OfferedSecret: ["hunter2", "secretsmanager:acme/db", "ssm:/acme/db", "vault://kv/../db#password", "op://acme/db"],
    Secret: ["hunter2", f"arn:aws:ssm:{HERE}:secret:db"],
    SecurityGroup: ["sg-", "default"],
    SensitiveText: [""],
    ServiceAccount: ["orders", "shop/"],
    StateMachine: [f"arn:aws:states:{HERE}:execution:Orders:1"],
    Stream: [f"arn:aws:firehose:{HERE}:stream/orders"],
    Subnets: ["subnet-", "subnet-0a1b2c,", "vpc-0a1b2c"],
    Table: ["ab", "orders/1", f"arn:aws:dynamodb:{HERE}:table/orders"],
    TargetGroup: [f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/shared/50dc6c495c0c9188"],
    Text: [""],
    Topic: [f"arn:aws:sqs:{HERE}:orders", f"arn:aws:sns:{HERE}:orders:subscription"],
    TransitGateway: ["tgw-attach-0a1b2c"],
    UserPool: ["us-east-1_Ab12Cd34"],
    UserPoolClient: ["a b"],
    Vpc: [
        "vpc-0a1b2c",
        "[]",
        '{"id": "vpc-0a1b2c"}',
        '{"id": "vpc-0a1b2c", "cidr": "10.0.0.1/16"}',
        '{"id": "vpc-0a1b2c", "cidr": "10.0.0.0/16", "zones": []}',
        '{"id": "vpc-0a1b2c", "cidr": "10.0.0.0/16", "availability_zones": [1]}',
    ],
    VpcEndpointService: ["vpce-svc-0a1b2c", "com.amazonaws.eu-west-1.s3"],
    VpcId: ["vpc_1", "0a1b2c"],
    WebSocketApi: ["https://api.example.com"],
    Website: ["www.example.com"],
}

EXPORTED: list[type[Kind]] = sorted(
    (kind for kind in vars(kinds).values() if inspect.isclass(kind) and issubclass(kind, Kind)),
    key=lambda kind: kind.__name__,
)
KINDS = [kind for kind in EXPORTED if not any(other is not kind and issubclass(other, kind) for other in EXPORTED)]
GOODS = [(kind, text) for kind, texts in GOOD.items() for text in texts]
BADS = [(kind, text) for kind, texts in BAD.items() for text in ["", *texts]]


def texts_of(kind: type[Kind]) -> st.SearchStrategy[str]:
    """Texts of a kind where its pattern tells them, and its examples."""
    by_hand = st.sampled_from(GOOD[kind])
    if issubclass(kind, TextKind) and kind.pattern != TextKind.pattern:
        return by_hand | st.from_regex(kind.pattern, fullmatch=True)
    return by_hand


def damaged(text: str, seed: int) -> str:
    """Nearly the text: one character is another one, gone or doubled."""
    chance = random.Random(seed)
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(["", text[at] * 2, "\n", "é", "٣", "{", "\ud800", "%", ":"]) + text[at + 1 :]


def test_every_kind_has_examples() -> None:
    assert set(KINDS) == set(GOOD) == set(BAD)


@pytest.mark.parametrize(("kind", "text"), GOODS)
def test_what_services_publish_is_read(kind: type[Kind], text: str) -> None:
    value = kind.parse(text)
    assert type(value) is kind
    assert kind.parse(value.text()) == value
    assert value.shown()


@pytest.mark.parametrize(("kind", "text"), BADS)
def test_what_is_not_of_the_kind_is_refused_by_name(kind: type[Kind], text: str) -> None:
    with pytest.raises(NotOfKind, match=rf"is no {kind.__name__}: ."):
        kind.parse(text)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.refers_to_secret])
def test_what_stands_in_the_place_of_a_reference_is_not_shown(kind: type[Kind]) -> None:
    with pytest.raises(NotOfKind) as told:
        kind.parse("hunter2-4711")
    assert "4711" not in str(told.value)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_what_is_published_comes_back_as_it_was(kind: type[Kind], data: st.DataObject) -> None:
    value = kind.parse(data.draw(texts_of(kind)))
    again = kind.parse(value.text())
    assert (again, again.text(), hash(again)) == (value, value.text(), hash(value))
    assert again.identity() == value.identity()
    assert "\n" not in again.shown()
    if not kind.sensitive:
        assert kind.parse(value.identity()).identity() == value.identity()


@given(st.text() | st.binary().map(lambda some: some.decode("latin-1")))
def test_no_text_breaks_a_kind(text: str) -> None:
    for kind in KINDS:
        check_any(kind, text)


@settings(max_examples=examples(500))
@given(st.sampled_from(GOODS), st.integers(0, 2**32))
def test_no_damaged_text_breaks_a_kind(good: tuple[type[Kind], str], seed: int) -> None:
    kind, text = good
    check_any(kind, damaged(text, seed))


def check_any(kind: type[Kind], text: str) -> None:
    """Whatever a text is, a kind reads it for good or says that it is none."""
    try:
        value = kind.parse(text)
    except NotOfKind:
        return
    assert kind.parse(value.text()) == value
    assert isinstance(value.identity() + value.consumed() + value.shown(), str)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_is_and_looks_like(kind: type[Kind]) -> None:
    assert (kind.__doc__ or "").strip().splitlines()[0].endswith(".")
    assert kind.looks_like != Kind.looks_like
    assert "matches" not in kind.looks_like
    assert isinstance(kind.handover, kinds.Handover)
    assert isinstance(kind.concern, kinds.Concern)
    assert kind.accesses


def test_public_names_are_the_exported_ones() -> None:
    assert {kind.__name__ for kind in EXPORTED} <= set(kinds.__all__)
    assert all(hasattr(kinds, name) for name in kinds.__all__)
