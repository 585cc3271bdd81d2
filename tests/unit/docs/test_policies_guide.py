"""The guide to policies says what is so, and policies are read from beside the contracts."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from odmd.bootstrap.in_process import load_here
from odmd.cli.lazily import imported
from odmd.errors import ContractsUnsound
from odmd.graph import Graph
from odmd.graph.governed import Governed, PolicyFile
from odmd.policy.actions import ABOUT
from odmd.policy.cases import outcomes, read_cases
from odmd.policy.check import findings
from support.worlds import graph_of, node

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "policies.md").read_text()
CONTRACTS = """
from odmd.model import Account, Branch, Build, CdkEnver, Organisation, Repo, Stage, Team
account = Account("main", "111111111111")
prod = Stage("prod", account, "eu-west-1", production=True)

class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", Team("baristas")))):
    '''Orders.'''

acme = Organisation("acme", central=account, envers=[Orders(on=Branch("main"), at=prod)], stages=[prod])
"""


def its_graph() -> Graph:
    said = {"build": "payments", "repo": "acme/payments", "team": "payments", "stage": "prod"}
    graph = graph_of([node(0, **said, slot="s..prod", address="payments/s..prod", products=())])
    (cedar,) = re.findall(r"```cedar\n(.*?)```", GUIDE, re.DOTALL)
    governed = Governed((PolicyFile("main.cedar", cedar),), ("prod",), ("security", "payments"))
    return replace(graph, stages=("prod",), governed=governed)


def test_its_policies_are_sound_and_its_cases_decided_so() -> None:
    graph = its_graph()
    assert not findings(graph)
    (cases,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    found = list(outcomes(graph, read_cases(yaml.safe_load(cases))))
    assert len(found) == 6
    assert [one for one in found if not one.passed] == []


def test_it_names_every_action() -> None:
    assert all(f"`{action}`" in GUIDE for action in ABOUT)


@pytest.mark.parametrize("line", re.findall(r"^(odmd .*?)(?:  +#.*)?$", GUIDE, re.MULTILINE))
def test_its_commands_are_there(line: str) -> None:
    _, name, *words = shlex.split(line)
    command = imported(name)
    if words and words[0] in (inner := getattr(command, "commands", {})):
        command = inner[words.pop(0)]
    command.make_context(name, words)


def test_policies_beside_the_contracts_are_part_of_them(tmp_path: Path) -> None:
    (tmp_path / "their_contracts.py").write_text(CONTRACTS)
    bare = load_here("their_contracts.py:acme", tmp_path).graph
    assert (bare.governed.policies, bare.governed.production) == ((), ("prod",))
    (tmp_path / "policies").mkdir()
    file = tmp_path / "policies" / "main.cedar"
    file.write_text("// the defaults\n")
    compiled = load_here("their_contracts.py:acme", tmp_path)
    assert compiled.graph.governed.policies == (PolicyFile("main.cedar", "// the defaults\n"),)
    assert file.resolve() in compiled.files
    assert compiled.graph.digest() != bare.digest()
    file.write_text('permit (principal, action, resource in Stage::"prd");')
    with pytest.raises(ContractsUnsound) as refused:
        load_here("their_contracts.py:acme", tmp_path)
    assert [(one.code, str(one.place and one.place.file)) for one in refused.value.found] == [("ODMD122", str(file))]
