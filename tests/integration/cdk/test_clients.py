"""A shared enver's app sees who consumes its products and what its clients ask for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_events import EventBus as CdkBus
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import Bucket as CdkBucket
from aws_cdk.aws_secretsmanager import Secret as ManagedSecret
from aws_cdk.aws_sqs import Queue as CdkQueue

from odmd.agent.document import run_document
from odmd.cdk import EnverStack, allow_consumers, consumers_of, let_read, publish, requests_of, target
from odmd.cdk.letting import Guarded
from odmd.control.scheduler.runs import Run, RunMode
from odmd.errors import NotInRun
from odmd.graph import EnverNode, compile_contracts
from odmd.model import (
    READ,
    READ_WRITE,
    WRITE,
    Account,
    Branch,
    CdkEnver,
    Consumes,
    Offer,
    Offers,
    Produces,
    Requests,
    Stage,
    consumed,
    offered,
    produced,
    requested,
)
from odmd.model.kinds import Bucket, EventBus, HostName, ImageRepository, KmsKey, Queue, Secret, Table
from odmd.model.run_document import DocumentConsumer, Seen
from odmd.plan import Fingerprint
from odmd.providers.aws.let_in import not_let_in
from odmd.providers.aws.skew import skew
from support.worlds import DEV, build, organisation

MAIN = Branch("main")
ASKED = {  # type of what has a policy → an action in it
    "AWS::Events::EventBusPolicy": "events:PutEvents",
    "AWS::SQS::QueuePolicy": "sqs:SendMessage",
    "AWS::S3::BucketPolicy": "s3:GetObject",
    "AWS::KMS::Key": "kms:Decrypt",
    "AWS::ECR::Repository": "ecr:BatchGetImage",
}


@dataclass(frozen=True)
class PgSchema(Offer):
    schema: str
    connections: int = 10
    app: Produces[Secret] = field(init=False)


class Database(CdkEnver, build=build("database")):
    host: Produces[HostName] = produced("writer endpoint")
    items: Produces[Table[str]] = produced("items", tells_consumers=True)
    schemas: Offers[PgSchema] = offered("a schema with its users")


class Shop(CdkEnver, build=build("shop")):
    items: Consumes[Table[str]] = consumed("items", access=READ_WRITE)
    db: Requests[PgSchema] = requested(PgSchema(schema="shop", connections=3))


def node(*, clients: bool = True) -> EnverNode:
    database = Database(on=MAIN, at=DEV)
    shop = Shop(on=MAIN, at=DEV, items=database.items, db=database.schemas)
    envers = [database, shop, shop.clone(Branch("fix-1"))] if clients else [database]
    return compile_contracts(organisation(*envers)).graph.envers["database/b..main"]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    run = Run(1, "database/b..main", Fingerprint("c", "s", ()), (), RunMode.FULL, (), (), 0.0)
    (tmp_path / "run.json").write_text(run_document(run, node(), {}, "acme 1.0").to_json())
    monkeypatch.setenv("ODMD_RUN", str(tmp_path / "run.json"))
    return target(Database)


def test_it_is_told_who_consumes_what_it_asked_about(database: Database) -> None:
    told = [(one.enver, one.account, one.access) for one in consumers_of(database.items)]
    assert told == [
        ("shop/b..main", DEV.account.id, "read and write"),
        ("shop/b..main-_b..fix-1", DEV.account.id, "read and write"),
    ]
    with pytest.raises(NotInRun, match="not told who consumes host"):
        consumers_of(database.host)


def test_it_makes_what_each_client_asks_for(database: Database) -> None:
    first, clone = requests_of(database.schemas)
    assert (first.client, first.account, first.offer.schema, first.offer.connections) == (
        "shop/b..main", DEV.account.id, "shop", 3,
    )  # fmt: skip
    assert clone.client == "shop/b..main-_b..fix-1"
    stack = cdk.Stack(cdk.App(), "database--main")
    for asked in (first, clone):
        publish(stack, asked.offer.app, "arn")
    assert set(Template.from_stack(stack).to_json()["Outputs"]) == {
        "OdmdOutShopBMainDbApp",
        "OdmdOutShopBMainBFix1DbApp",
    }


def stacked(*readers: DocumentConsumer, key: bool = True) -> Template:
    here = cdk.Environment(account=DEV.account.id, region=DEV.region)
    stack = cdk.Stack(cdk.App(), "database--main", env=here)
    let_read(ManagedSecret(stack, "user", encryption_key=Key(stack, "key") if key else None), readers)
    return Template.from_stack(stack)


def test_a_secret_is_read_by_the_accounts_of_its_wires_and_by_no_other() -> None:
    near = DocumentConsumer("shop/b..main", DEV.account.id, DEV.region, "read")
    far = DocumentConsumer("till/b..main", "999988887777", DEV.region, "read")
    template = stacked(near, far, replace(far, enver="till/b..fix-1"))
    (policy,) = template.find_resources("AWS::SecretsManager::ResourcePolicy").values()
    (let,) = policy["Properties"]["ResourcePolicy"]["Statement"]
    assert "secretsmanager:GetSecretValue" in let["Action"]
    assert "999988887777" in json.dumps(let["Principal"])
    keys = json.dumps(template.find_resources("AWS::KMS::Key"))
    assert "999988887777" in keys
    assert not stacked(near, key=False).find_resources("AWS::SecretsManager::ResourcePolicy")


def test_a_secret_that_another_account_could_not_decrypt_is_refused() -> None:
    with pytest.raises(NotInRun, match="account 999988887777 is to read") as told:
        stacked(DocumentConsumer("till/b..main", "999988887777", DEV.region, "read"), key=False)
    assert "encryption_key" in told.value.next_step


class Hall(CdkEnver, build=build("hall")):
    bus: Produces[EventBus[str]] = produced("what happens", tells_consumers=True)
    orders: Produces[Queue[str]] = produced("orders", tells_consumers=True)
    papers: Produces[Bucket] = produced("papers", tells_consumers=True)
    key: Produces[KmsKey] = produced("of papers", tells_consumers=True)
    images: Produces[ImageRepository] = produced("images", tells_consumers=True)
    quiet: Produces[Queue[str]] = produced("nobody is told")


class Guest(CdkEnver, build=build("guest")):
    bus: Consumes[EventBus[str]] = consumed("what happens", access=READ_WRITE)
    orders: Consumes[Queue[str]] = consumed("orders", access=WRITE)
    papers: Consumes[Bucket] = consumed("papers", access=READ)
    key: Consumes[KmsKey] = consumed("of papers", access=READ)
    images: Consumes[ImageRepository] = consumed("images", access=READ)


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    hall, far = Hall(on=MAIN, at=DEV), Stage("far", Account("far", "999988887777"), DEV.region)
    given = {name: getattr(hall, name) for name in ("bus", "orders", "papers", "key", "images")}
    made = compile_contracts(organisation(hall, Guest(on=MAIN, at=far, **given)))
    run = Run(1, "hall/b..main", Fingerprint("c", "s", ()), (), RunMode.FULL, (), (), 0.0)
    document = run_document(run, made.graph.envers["hall/b..main"], {}, "", kinds=made.kinds)
    (tmp_path / "run.json").write_text(document.to_json())
    monkeypatch.setenv("ODMD_RUN", str(tmp_path / "run.json"))
    return target(Hall)


def test_things_let_in_the_roles_of_their_wires_in_another_account_and_no_other(hall: Hall) -> None:
    stack = EnverStack(cdk.App(), hall)
    made: list[tuple[Produces[Any], Guarded, str]] = [
        (hall.bus, bus := CdkBus(stack, "bus"), bus.event_bus_arn),
        (hall.orders, orders := CdkQueue(stack, "orders"), orders.queue_arn),
        (hall.papers, papers := CdkBucket(stack, "papers"), papers.bucket_arn),
        (hall.key, key := Key(stack, "key"), key.key_arn),
        (hall.images, images := Repository(stack, "images"), images.repository_arn),
    ]
    for product, thing, arn in made:
        allow_consumers(product, thing)
        publish(stack, product, arn)
    template: dict[str, Any] = dict(Template.from_stack(stack).to_json())

    for type_, action in ASKED.items():
        said = json.dumps([one for one in template["Resources"].values() if one["Type"] == type_])
        assert action in said
        assert "arn:aws:iam::999988887777:role/guest*--main-*" in said
        assert '"Principal": {"AWS": "*"}' not in said
        assert '"Principal": "*"' not in said
    buses = [one for one in template["Resources"].values() if one["Type"] == "AWS::Events::EventBusPolicy"]
    heard = json.dumps([one for one in buses if "events:PutRule" in json.dumps(one)])
    assert "role/odmd-exec-us-west-1-branch-guest" in heard
    assert "/guest*--main-*" in heard

    assert hall.run is not None
    assert list(not_let_in(hall.run, [template])) == []
    resources = {id: one for id, one in template["Resources"].items() if "Policy" not in one["Type"]}
    told = "\n".join(not_let_in(hall.run, [{**template, "Resources": resources}]))
    assert told.count("lets nobody of account 999988887777 in") == 3
    assert "allow_consumers(enver.orders, …)" in told


def test_what_is_not_this_apps_cannot_let_anybody_in(hall: Hall) -> None:
    stack = EnverStack(cdk.App(), hall)
    with pytest.raises(NotInRun, match="not this app's to write"):
        allow_consumers(hall.orders, CdkQueue.from_queue_arn(stack, "theirs", "arn:aws:sqs:us-west-1:111122223333:one"))
    with pytest.raises(NotInRun, match="not told who consumes quiet"):
        allow_consumers(hall.quiet, CdkQueue(stack, "quiet"))


def test_without_a_run_there_are_no_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ODMD_RUN", raising=False)
    alone = target(Database)
    assert (consumers_of(alone.items), requests_of(alone.schemas)) == ((), ())


def test_a_new_client_is_a_change_to_the_shared_enver() -> None:
    assert node().slice() != node(clients=False).slice()


def test_an_older_contracts_package_is_told_apart(database: Database, tmp_path: Path) -> None:
    seen = Seen.found(tmp_path / "run.json")
    assert seen is not None
    assert skew(node(), "", seen) == ""
    assert "the organisation is at acme 1.0" in skew(node(), "acme 1.0", seen)
    older = Seen("acme 0.9", ("gone",), (), ("host",))
    said = skew(node(), "acme 1.0", older)
    assert "built against acme 0.9, the organisation is at acme 1.0" in said
    assert "knows an input gone that is no more" in said
    assert "does not know product items" in said


def test_rubbish_beside_the_document_is_no_knowledge(tmp_path: Path) -> None:
    for text in ("", "[]", json.dumps({"contracts": 1})):
        Seen.beside(tmp_path / "run.json").write_text(text)
        assert Seen.found(tmp_path / "run.json") is None
