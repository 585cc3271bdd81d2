"""The payments example says what its README tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from odmd.cli.main import app
from odmd.errors import ContractsUnsound
from odmd.graph import Graph, compile_contracts
from odmd.graph.schemas import misfits
from odmd.model import Branch, CloneSet, Enver, Organisation
from payments_org import everything, in_dev, in_prod, in_test, organisation
from payments_org.platform import Database, Networking
from payments_org.shop import checkout
from payments_org.stages import dev

MAIN = Branch("main")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return compile_contracts(organisation).graph


def of(envers: Iterable[Enver]) -> Organisation:
    return Organisation("payments", central=dev.account, envers=envers, stages=organisation.stages)


def codes(made: Organisation) -> set[str]:
    with pytest.raises(ContractsUnsound) as unsound:
        compile_contracts(made)
    return {one.code for one in unsound.value.diagnostics()}


def test_it_is_sound_and_nothing_is_odd() -> None:
    said = CliRunner().invoke(app, ["check", "--contracts", "payments_org:organisation", "--json"])
    assert said.exit_code == 0
    assert "ODMD" not in said.output


def test_every_stage_runs_the_same_picture() -> None:
    pictures = [[type(enver) for enver in stage.envers()] for stage in (in_dev, in_test, in_prod)]
    assert pictures[0] == pictures[1] == pictures[2]
    assert [stage.name for stage in organisation.stages] == ["dev", "test", "prod"]


def test_each_stage_runs_what_ran_before_and_prod_once_its_owners_approve(graph: Graph) -> None:
    for first, second, third in zip(in_dev.envers(), in_test.envers(), in_prod.envers(), strict=True):
        here, then, last = (graph.envers[enver.address] for enver in (first, second, third))
        assert (here.revision, here.approver) == ("branch:main", None)
        assert (then.revision, then.approver) == (f"promoted:{here.address}", None)
        assert (last.revision, last.approver) == (f"promoted:{then.address}", last.team)


def test_no_wire_leaves_its_stage(graph: Graph) -> None:
    assert all(graph.envers[wire.producer].stage == graph.envers[wire.consumer].stage for wire in graph.wires())


def test_dev_may_not_use_production() -> None:
    astray = checkout(dev, in_prod.service)
    others = [enver for enver in organisation.envers if enver is not in_dev.checkout]
    assert codes(of([*others, astray])) == {"ODMD023", "ODMD024"}


def test_the_circle_begins_with_a_placeholder(graph: Graph) -> None:
    placeholders = {(wire.name, wire.placeholder) for wire in graph.wires() if wire.placeholder}
    assert placeholders == {("zones/data", "nobody.invalid"), ("zones/cluster", "nobody.invalid")}
    order = list(graph.envers)
    assert order.index("networking/b..main") < order.index("database/b..main") < order.index("payments/b..main")


def test_without_the_placeholder_the_circle_is_refused() -> None:
    network = Networking(on=MAIN, at=dev)
    database = Database(on=MAIN, at=dev, addresses=network.addresses, gateway=network.gateway)
    network.zones["data"] = database.name_servers
    assert "ODMD012" in codes(of([network, database]))


def test_a_clone_of_the_service_asks_for_its_own_schema() -> None:
    made = everything(dev)
    images, payments = made.service.images, made.service.payments
    fix = CloneSet(Branch("refunds"), images, payments)
    graph = compile_contracts(of([*made.envers(), fix[images], fix[payments]])).graph

    asked = {one.client: one.offer for one in graph.envers["database/b..main"].asked}
    assert asked == dict.fromkeys(("payments/b..main", "payments/b..main-_b..refunds"), '{"name": "payments"}')
    wires = {wire.name: wire.product for wire in graph.envers["payments/b..main-_b..refunds"].wires}
    own = "database/b..main/payments.b..main-_b..refunds/schema"
    assert {wires["schema/migrator"], wires["schema/application"]} == {f"{own}/migrator", f"{own}/application"}
    assert wires["application"] == "payments-images/b..main-_b..refunds/application"
    assert wires["vpc"] == "database/b..main/vpc"


def test_the_service_keeps_its_settings_and_its_secret_out_of_the_contracts(graph: Graph) -> None:
    payments = graph.envers["payments/s..prod"]
    assert [(config.name, config.schema) for config in payments.configs] == [
        ("scaling", "payments_org.payments:Scaling")
    ]
    assert payments.secrets == ("card-network-key",)


def test_both_images_come_from_one_repository_and_its_builds_from_folders_of_it(graph: Graph) -> None:
    builds = {node.build: (node.build_type, node.folder) for node in graph.envers.values() if node.team == "payments"}
    assert builds == {
        "payments-images": ("image", "."),
        "payments": ("cdk", "ecs"),
        "payments-settlement": ("kubernetes", "chart"),
    }
    images = graph.envers["payments-images/b..main"].products
    assert {image.name: image.source for image in images} == {
        "application": "app/Dockerfile",
        "migration": "db/Dockerfile",
    }


RELIED_ON = {"checkout": "checkout.relies-on.yaml", "payments-settlement": "settlement.relies-on.yaml"}


def test_the_clients_rely_on_a_part_of_the_api(graph: Graph) -> None:
    (api,) = (one for one in graph.envers["payments/b..main"].products if one.name == "api")
    assert api.schema == "payments_org/payments.openapi.yaml"
    assert {wire.consumer.partition("/")[0]: wire.schema for wire in graph.consumers(api.address)} == {
        build: f"payments_org/{document}" for build, document in RELIED_ON.items()
    }


def without_the_list(api: dict[str, Any]) -> None:
    del api["paths"]["/payments"]["get"]


def with_another_state(api: dict[str, Any]) -> None:
    api["components"]["schemas"]["Payment"]["properties"]["state"]["enum"].append("disputed")


def with_another_currency(api: dict[str, Any]) -> None:
    for schema in api["components"]["schemas"].values():
        schema["properties"]["currency"]["enum"].append("JPY")


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (without_the_list, {"payments-settlement"}),
        (with_another_state, {"checkout"}),
        (with_another_currency, set[str]()),
    ],
)
def test_a_change_breaks_those_who_rely_on_what_changes(
    change: Callable[[dict[str, Any]], None], broken: set[str]
) -> None:
    schemas = compile_contracts(organisation).schemas

    def read(name: str) -> dict[str, Any]:
        path = schemas[f"payments_org/{name}"]
        assert not isinstance(path, type)
        return yaml.safe_load(path.read_text())

    api = read("payments.openapi.yaml")
    change(api)
    assert {build for build, document in RELIED_ON.items() if misfits(api, read(document))} == broken
