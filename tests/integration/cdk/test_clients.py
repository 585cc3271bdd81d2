"""A shared enver's app sees who consumes its products and what its clients ask for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from aws_cdk.aws_kms import Key
from aws_cdk.aws_secretsmanager import Secret as ManagedSecret

from odmd.agent.document import run_document
from odmd.cdk import consumers_of, let_read, publish, requests_of, target
from odmd.control.scheduler.runs import Run, RunMode
from odmd.errors import NotInRun
from odmd.graph import EnverNode, compile_contracts
from odmd.model import (
    READ_WRITE,
    Branch,
    CdkEnver,
    Consumes,
    Offer,
    Offers,
    Produces,
    Requests,
    consumed,
    offered,
    produced,
    requested,
)
from odmd.model.kinds import HostName, Secret, Table
from odmd.model.run_document import DocumentConsumer, Seen
from odmd.plan import Fingerprint
from odmd.providers.aws.skew import skew
from support.worlds import DEV, build, organisation

MAIN = Branch("main")


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
