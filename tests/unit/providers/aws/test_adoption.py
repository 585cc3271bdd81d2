"""An app that knows nothing of odmd: its own names stand for products and inputs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from odmd.errors import AssemblyUnfit, ContractsNotLoaded, ContractsUnsound
from odmd.graph import EnverNode, compile_contracts
from odmd.graph.built import CdkNode
from odmd.model import (
    Branch,
    Build,
    CdkEnver,
    CommandEnver,
    Consumes,
    ContextKey,
    Enver,
    Export,
    Organisation,
    Output,
    Parameter,
    Produces,
    Repo,
    SsmParameter,
    Team,
    Variable,
    consumed,
    produced,
)
from odmd.model.kinds import EventBus, HttpApi
from odmd.model.targets import Target
from odmd.providers.aws import recipe
from odmd.providers.aws.assembly import read_assembly
from odmd.providers.aws.cloud_assembly import Assembly
from odmd.providers.aws.references import output_value
from support.worlds import ACCOUNT, DEV

TARGET = Target(ACCOUNT.id, DEV.region)
API = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "shop"}}
URL = {"Fn::GetAtt": ["Api", "ApiEndpoint"]}
SHOP = {
    "Parameters": {"BusName": {"Type": "String"}},
    "Resources": {
        "Api": API,
        "Told": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/shop/api", "Type": "String", "Value": URL}},
    },
    "Outputs": {"ApiEndpoint": {"Value": URL, "Export": {"Name": "shop-api-url"}}},
}
TEAM = Team("shop")


class Foundation(CdkEnver, build=Build("foundation", Repo("acme/foundation", TEAM))):
    """Makes a bus, in our words."""

    bus: Produces[EventBus[str]] = produced("what happens")


class Shop(CdkEnver, build=Build("shop", Repo("acme/shop", TEAM))):
    """An app in its own words."""

    bus: Consumes[EventBus[str]] = consumed("what happens", to=Parameter("BusName"))
    api: Produces[HttpApi] = produced("the shop", of=Output("ApiEndpoint"), external=True)


def shop(cls: type[CdkEnver] = Shop, **more: Any) -> EnverNode:
    foundation = Foundation(on=Branch("main"), at=DEV)
    enver = cls(on=Branch("main"), at=DEV, bus=foundation.bus, **more)
    return compile_contracts(Organisation("acme", central=ACCOUNT, envers=[foundation, enver])).graph.envers[
        enver.address
    ]


def read(folder: Path, source: str, **templates: Any) -> Assembly:
    artifacts = {
        name: {"type": "aws:cloudformation:stack", "properties": {"templateFile": f"{name}.json"}} for name in templates
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    for name, template in templates.items():
        (folder / f"{name}.json").write_text(json.dumps(template))
    return read_assembly(folder, TARGET, {"OdmdOutApi": source})


class TestProducts:
    @pytest.mark.parametrize(
        "source", [Output("ApiEndpoint"), Output("shop/ApiEndpoint"), Export("shop-api-url"), SsmParameter("/shop/api")]
    )
    def test_what_the_app_calls_its_own_way_becomes_an_output_and_is_kept(self, tmp_path: Path, source: object) -> None:
        (stack,) = read(tmp_path, str(source), shop=SHOP).stacks

        template = json.loads(stack.template)
        assert output_value(template, "OdmdOutApi") == URL
        assert "OdmdOutApi" in stack.outputs
        assert "Export" not in template["Outputs"]["OdmdOutApi"]
        assert template["Outputs"]["ApiEndpoint"] == SHOP["Outputs"]["ApiEndpoint"]
        assert template["Resources"]["Api"]["UpdateReplacePolicy"] == "Retain"

    def test_two_stacks_that_have_it_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(AssemblyUnfit, match="2 stacks have an output ApiEndpoint: a, b") as failed:
            read(tmp_path, "Output:ApiEndpoint", a=SHOP, b=SHOP)

        assert failed.value.next_step == 'say which in the contract, as Output("a/ApiEndpoint")'

    @pytest.mark.parametrize("source", [Output("Other"), Output("b/ApiEndpoint"), Export("x"), SsmParameter("/x")])
    def test_one_that_no_stack_has_is_named(self, tmp_path: Path, source: object) -> None:
        with pytest.raises(AssemblyUnfit, match="none of the stacks shop has an"):
            read(tmp_path, str(source), shop=SHOP)


class TestInputs:
    def test_a_value_goes_to_the_parameter_that_the_app_has(self, tmp_path: Path) -> None:
        enver, assembly = shop(stacks=("shop",)), read(tmp_path, "Output:ApiEndpoint", shop=SHOP)

        recipe.check(enver, (), {"bus": "orders"}, assembly)

        assert recipe.parameters(enver, {"bus": "orders"}, assembly) == {"BusName": "orders"}
        assert recipe.unused(enver, assembly) == []
        assert recipe.marked(assembly, enver) == assembly

    def test_a_parameter_that_no_stack_has_is_named(self, tmp_path: Path) -> None:
        assembly = read(tmp_path, "Output:ApiEndpoint", shop={**SHOP, "Parameters": {}})

        with pytest.raises(AssemblyUnfit, match="has a parameter BusName"):
            recipe.check(shop(stacks=("shop",)), (), {"bus": "orders"}, assembly)

    @pytest.mark.parametrize("goal", [ContextKey("busName"), Variable("BUS_NAME")])
    def test_what_synthesis_reads_needs_a_new_one(self, tmp_path: Path, goal: object) -> None:
        class Reads(CdkEnver, build=Build("shop", Repo("acme/shop", TEAM))):
            bus: Consumes[EventBus[str]] = consumed("what happens", to=goal)

        enver, assembly = shop(Reads), read(tmp_path, "Output:ApiEndpoint", shop=SHOP)
        (stack,) = recipe.marked(assembly, enver).stacks
        assert stack.needs_synth == "synthesis reads bus"

    def test_one_that_is_declared_and_not_used_is_told(self, tmp_path: Path) -> None:
        class Forgets(CdkEnver, build=Build("shop", Repo("acme/shop", TEAM))):
            bus: Consumes[EventBus[str]]

        enver, assembly = shop(Forgets), read(tmp_path, "", shop=SHOP)
        assert recipe.unused(enver, assembly) == ["bus"]

        asked = read(tmp_path, "", shop={**SHOP, "Parameters": {"OdmdInBus": {"Type": "String"}}})
        assert recipe.unused(enver, asked) == []
        at_synth = read(tmp_path, "", shop={**SHOP, "Metadata": {"OdmdSynthBus": True}})
        assert recipe.unused(enver, at_synth) == []


class TestStacks:
    def test_those_of_the_contract_and_no_others(self, tmp_path: Path) -> None:
        assembly = read(tmp_path, "Output:ApiEndpoint", web=SHOP)
        texts = {"bus": "orders"}

        recipe.check(shop(stacks=("web",)), (), texts, assembly)
        with pytest.raises(AssemblyUnfit, match="makes the stacks web, and its contract declares data, web"):
            recipe.check(shop(stacks=("data", "web")), (), texts, assembly)
        with pytest.raises(AssemblyUnfit, match="web is not called shop--main"):
            recipe.check(shop(), (), texts, assembly)

    def test_a_clone_does_not_have_those_of_its_origin(self) -> None:
        origin = Shop(on=Branch("main"), at=DEV, bus=Foundation(on=Branch("main"), at=DEV).bus, stacks=("web",))

        assert origin.clone(Branch("fix-1")).stacks == ()


class TestContracts:
    def test_who_says_none_of_it_keeps_the_digest(self) -> None:
        plain = shop()
        products = tuple(replace(product, of="") for product in plain.products)
        wires = tuple(wire._replace(to="") for wire in plain.wires)

        assert replace(plain, products=products, wires=wires).slice() != plain.slice()
        assert replace(plain, built=CdkNode("", ("web",))).slice() != plain.slice()

    def test_one_name_for_two_products_is_a_mistake(self) -> None:
        class Twice(CdkEnver, build=Build("shop", Repo("acme/shop", TEAM))):
            bus: Consumes[EventBus[str]]
            one: Produces[HttpApi] = produced("one", of=Output("Api"), external=True)
            two: Produces[HttpApi] = produced("two", of=Output("Api"), external=True)

        with pytest.raises(ContractsUnsound) as unsound:
            shop(Twice)

        (found,) = unsound.value.diagnostics()
        assert found.fact == "shop@main: products 'one' and 'two' both stand for Output Api of its app"

    def test_only_cdk_apps_have_such_names(self) -> None:
        class Script(CommandEnver, build=Build("script", Repo("acme/script", TEAM))):
            api: Produces[HttpApi] = produced("api", of=Output("Api"), external=True)

        script: Enver = Script(on=Branch("main"), at=DEV, commands=("true",))
        with pytest.raises(ContractsUnsound) as unsound:
            compile_contracts(Organisation("acme", central=ACCOUNT, envers=[script]))

        (found,) = unsound.value.diagnostics()
        assert found.fact == "script@main is of type command, and names what only a CDK app has"

    @pytest.mark.parametrize("name", ["PATH", "AWS_PROFILE", "ODMD_RUN", "1A", ""])
    def test_a_variable_that_is_not_the_apps_is_refused(self, name: str) -> None:
        with pytest.raises(ContractsNotLoaded, match="is not a variable that an app may be given"):
            Variable(name)
