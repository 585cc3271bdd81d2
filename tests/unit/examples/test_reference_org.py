"""The reference organisation, said with odmd, is what its public console shows: nothing missing, nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import reference_org
from odmd.cli.main import app
from odmd.model import Enver

CONSOLE = Path(__file__).parent / "reference-org-us-west-1.json"
"""As it came from the console: a list of builds, each with JSON texts in JSON texts."""

WHAT_RUNS = {"contracts": "CmdsGH", "cdk": "CdkGithubWF", "image": "ContainerImageEcr"}
"""What the console calls our build types."""


@dataclass(frozen=True)
class Build:
    name: str
    repo: str
    folder: str


def wrapped(things: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    return {thing["id"]: json.loads(thing["content"]) for thing in things}


def console() -> dict[str, dict[str, Any]]:
    return wrapped(json.loads(CONSOLE.read_text())[0])


def console_envers() -> dict[str, dict[str, Any]]:
    return {address: enver for build in console().values() for address, enver in wrapped(build["envers"]).items()}


def console_builds() -> set[Build]:
    return {
        Build(name, f"{said['repo']['owner']}/{said['repo']['name']}", *said.get("workDirs", ["."]))
        for name, said in console().items()
    }


@cache
def graph() -> Mapping[str, Any]:
    command = ["graph", "--contracts", "reference_org:organisation", "--format", "json"]
    return json.loads(CliRunner().invoke(app, command, catch_exceptions=False).stdout)


def envers() -> dict[str, dict[str, Any]]:
    return {node["id"]: node for node in graph()["nodes"]}


def builds() -> set[Build]:
    return {Build(build["name"], build["repo"], build["folder"]) for build in graph()["builds"]}


def test_it_is_sound_and_nothing_is_odd() -> None:
    said = CliRunner().invoke(app, ["check", "--contracts", "reference_org:organisation", "--json"])
    assert said.exit_code == 0
    assert "ODMD" not in said.output


def test_its_builds_are_those_of_the_console() -> None:
    assert builds() == console_builds()


def test_its_envers_and_clones_are_those_of_the_console() -> None:
    assert set(envers()) == set(console_envers())


def test_its_products_are_those_of_the_console() -> None:
    shown = [product["id"] for enver in console_envers().values() for product in enver["products"]]
    assert sorted(product["id"] for node in envers().values() for product in node["products"]) == sorted(shown)


def test_its_consumptions_are_those_of_the_console() -> None:
    shown = [(one["id"], one["productId"]) for enver in console_envers().values() for one in enver["consumings"]]
    wires = [(f"{edge['to']}/{wire['input']}", wire["product"]) for edge in graph()["edges"] for wire in edge["wires"]]
    assert sorted(wires) == sorted(shown)


def test_its_accounts_and_build_types_are_those_of_the_console() -> None:
    shown = {address: (*enver["account"], enver["csResType"]) for address, enver in console_envers().items()}
    said = {address: node["attributes"] for address, node in envers().items()}
    accounts = {enver.at.account for enver in reference_org.organisation.envers}
    names = {account.id: account.name for account in accounts}
    assert shown == {
        address: (names[node["account"]], node["account"], WHAT_RUNS[node["build_type"]])
        for address, node in said.items()
    }
    assert {node["region"] for node in said.values()} == {"us-west-1"}


def test_its_clones_are_those_whose_slot_says_so() -> None:
    cloned = {address: address.partition("-_b..")[0] for address in console_envers() if "-_b.." in address}
    origins = {address: node["attributes"]["origin"] for address, node in envers().items()}
    assert {address: origin for address, origin in origins.items() if origin} == cloned


def stacked() -> Iterator[Any]:
    for enver in reference_org.organisation.envers:
        if "stacks" in console_envers()[enver.address]:
            yield pytest.param(enver, id=str(enver))


@pytest.mark.parametrize("enver", list(stacked()))
def test_its_stacks_are_those_of_the_console(enver: Enver) -> None:
    assert enver.stack_name() in console_envers()[enver.address]["stacks"]
