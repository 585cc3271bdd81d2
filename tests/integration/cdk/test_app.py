"""What a CDK app sees of its run, and what it leaves in the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from odmd.cdk import EnverStack, consume, publish, target
from odmd.errors import NotInRun
from odmd.model import (
    Build,
    CdkEnver,
    Consumes,
    Hub,
    Offer,
    Produces,
    Repo,
    Requests,
    Team,
    consumed,
    hub,
    produced,
    requested,
)
from odmd.model.kinds import API_DOC, HostName, HttpApi, NameServers, Secret
from odmd.model.naming import output_name, parameter_name
from odmd.model.run_document import DocumentInput, DocumentProduct, RunDocument

team = Team("baristas")
INPUTS = {"db_host": "db.example.com", "payments-api": "https://pay.example.com", "db/app": "arn", "zones/shop": "ns.a"}


@dataclass(frozen=True)
class PgSchema(Offer):
    schema: str
    app: Produces[Secret] = field(init=False)


class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", team))):
    db_host: Consumes[HostName]
    payments: Consumes[HttpApi] = consumed("where to pay", name="payments-api")
    zones: Hub[NameServers] = hub("zones to delegate")
    db: Requests[PgSchema] = requested(PgSchema(schema="orders"))
    api: Produces[HttpApi] = produced("orders API", name="endpoint")


class Payments(CdkEnver, build=Build("payments", Repo("acme/payments", team))):
    api: Produces[HttpApi] = produced("payments API")


DOCUMENT = RunDocument(
    run=7,
    enver="orders/s..prod",
    build="orders",
    slot="s..prod",
    stage="prod",
    account="444455556666",
    region="eu-west-1",
    ephemeral=False,
    inputs={name: DocumentInput(parameter_name(name), "", "", 1, text) for name, text in INPUTS.items()},
    products={"endpoint": DocumentProduct(output_name("endpoint"), "")},
)


class Run:
    """Writes run documents to where a CDK app finds them."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self.path, self.patch = path, patch

    def of(self, document: RunDocument) -> Orders:
        self.path.write_text(document.to_json())
        self.patch.setenv("ODMD_RUN", str(self.path))
        return target(Orders)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(tmp_path / "run.json", monkeypatch)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Orders:
    for name in ("ODMD_RUN", "CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    return target(Orders)


def stack(enver: Orders) -> EnverStack:
    return EnverStack(cdk.App(), enver)


def everything(enver: Orders) -> Mapping[str, Any]:
    """The template of an app that uses all it may."""
    made = stack(enver)
    for wire in (enver.db_host, enver.payments, enver.zones["shop"], enver.db.app):
        consume(made, wire)
    publish(made, enver.api, "https://" + enver.at.region)
    template: Mapping[str, Any] = Template.from_stack(made).to_json()
    return template


class TestTarget:
    def test_it_is_named_and_placed_by_the_run(self, run: Run) -> None:
        enver = run.of(DOCUMENT)
        assert (enver.slot, enver.stack_name(), enver.at.name) == (
            "s..prod",
            Orders.bound(DOCUMENT).stack_name(),
            "prod",
        )
        assert (stack(enver).account, stack(enver).region) == ("444455556666", "eu-west-1")

    def test_without_a_run_it_is_a_stand_in(self, local: Orders) -> None:
        assert (local.slot, local.stack_name(), local.name("bus")) == ("b..local", "orders--local", "orders-local-bus")
        assert (local.at.account.id, local.at.region) == ("000000000000", "us-east-1")

    def test_a_stand_in_lives_where_the_cdk_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ODMD_RUN", raising=False)
        monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "777788889999")
        monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-north-1")
        assert (target(Orders).at.account.id, target(Orders).at.region) == ("777788889999", "eu-north-1")

    def test_a_document_of_another_build_is_refused(self, run: Run) -> None:
        run.of(DOCUMENT)
        with pytest.raises(NotInRun, match="is for build orders, and Payments is build payments"):
            target(Payments)

    def test_a_missing_document_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ODMD_RUN", "/nowhere/run.json")
        with pytest.raises(NotInRun, match=r"/nowhere/run\.json is no run document"):
            target(Orders)

    def test_nothing_is_missed_before_it_is_used(self, run: Run) -> None:
        enver = run.of(replace(DOCUMENT, inputs={}, products={}))
        assert enver.db_host.producer.name == "db_host"
        with pytest.raises(NotInRun, match=r"orders/s\.\.prod has no input db_host in run 7"):
            consume(stack(enver), enver.db_host)


class TestConsume:
    def test_every_input_is_a_parameter_under_its_declared_name(self, run: Run) -> None:
        parameters = everything(run.of(DOCUMENT))["Parameters"]
        assert {name for name in parameters if name.startswith("Odmd")} == {
            "OdmdInDbHost",
            "OdmdInPaymentsApi",
            "OdmdInZonesShop",
            "OdmdInDbApp",
        }
        assert parameters["OdmdInPaymentsApi"] == {"Type": "String", "Description": "where to pay"}

    def test_the_template_does_not_depend_on_the_values(self, run: Run) -> None:
        moved = {name: replace(given, text="moved", version=2) for name, given in DOCUMENT.inputs.items()}
        assert everything(run.of(DOCUMENT)) == everything(run.of(replace(DOCUMENT, inputs=moved)))

    def test_without_a_run_the_template_asks_for_the_same(self, run: Run, local: Orders) -> None:
        alone = everything(local)
        assert alone["Parameters"] == everything(run.of(DOCUMENT))["Parameters"]

    def test_a_value_used_twice_is_one_parameter(self, local: Orders) -> None:
        made = stack(local)
        assert consume(made, local.db_host) == consume(made, local.db_host)

    def test_in_a_nested_stack_the_parameter_is_the_outer_ones(self, local: Orders) -> None:
        made = stack(local)
        nested = cdk.NestedStack(made, "Nested")
        publish(nested, local.api, consume(nested, local.db_host))
        outer = Template.from_stack(made).to_json()
        assert "OdmdInDbHost" in outer["Parameters"]
        assert outer["Outputs"]["OdmdOutEndpoint"]["Value"] == {"Ref": "OdmdInDbHost"}

    def test_at_synth_it_is_the_text_and_the_template_says_so(self, run: Run) -> None:
        enver = run.of(DOCUMENT)
        made = stack(enver)
        assert consume(made, enver.payments, at="synth") == "https://pay.example.com"
        assert consume(made, enver.payments, at="synth") == "https://pay.example.com"
        template = Template.from_stack(made).to_json()
        assert template["Metadata"] == {"OdmdSynthPaymentsApi": True}
        assert "OdmdInPaymentsApi" not in template["Parameters"]

    def test_at_synth_there_is_nothing_to_read_without_a_run(self, local: Orders) -> None:
        with pytest.raises(NotInRun, match="no input db_host in a synthesis without a run") as refused:
            consume(stack(local), local.db_host, at="synth")
        assert "ODMD_RUN" in refused.value.__notes__[0]

    def test_a_hub_has_the_entries_of_the_run(self, run: Run, local: Orders) -> None:
        assert list(run.of(DOCUMENT).zones) == ["shop"]
        assert list(local.zones) == []
        enver = run.of(DOCUMENT)
        with pytest.raises(NotInRun, match="no input zones/nobody"):
            consume(stack(enver), enver.zones["nobody"])

    def test_a_product_of_its_own_is_no_input(self, local: Orders) -> None:
        with pytest.raises(NotInRun, match=r"endpoint is a product of orders/b\.\.local, no input"):
            consume(stack(local), local.api)

    def test_a_wire_of_the_contracts_belongs_to_no_run(self, local: Orders) -> None:
        somebody = Payments.bound(DOCUMENT)
        del somebody.__dict__["_run"]
        with pytest.raises(NotInRun, match="api belongs to no run"):
            consume(stack(local), somebody.api)


class TestPublish:
    def test_a_product_is_an_output_under_its_declared_name(self, run: Run) -> None:
        outputs = everything(run.of(DOCUMENT))["Outputs"]
        assert outputs == {"OdmdOutEndpoint": {"Value": "https://eu-west-1", "Description": "orders API"}}

    def test_a_product_that_the_run_does_not_ask_for_is_refused(self, run: Run) -> None:
        enver = run.of(replace(DOCUMENT, products={}))
        with pytest.raises(NotInRun, match=r"orders/s\.\.prod has no product endpoint in run 7"):
            publish(stack(enver), enver.api, "https://example.com")

    def test_a_child_is_published_beside_its_product(self, local: Orders) -> None:
        made = stack(local)
        publish(made, local.api.child(API_DOC), "https://example.com/openapi.json")
        assert "OdmdOutEndpointApiDoc" in Template.from_stack(made).find_outputs("*")


@pytest.mark.parametrize(("ephemeral", "policy"), [(False, "Retain"), (True, "Delete")])
def test_nothing_outlives_an_ephemeral_enver(run: Run, ephemeral: bool, policy: str) -> None:
    made = stack(run.of(replace(DOCUMENT, ephemeral=ephemeral)))
    cdk.CfnResource(made, "Data", type="Acme::Data").apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    [data] = Template.from_stack(made).find_resources("Acme::Data").values()
    assert data["DeletionPolicy"] == policy
