"""One template for an organisation makes in each place what `odmd bootstrap` makes there, and touches no other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odmd.errors import RolesUnfit
from odmd.graph import compile_contracts
from odmd.graph.rights.derive import bootstraps
from odmd.graph.rights.roles import BASE_STACK, AccountRoles, Trusts
from odmd.graph.rights.used import GitHubProvider
from odmd.model import Account, Branch, Build, CdkEnver, Organisation, Produces, Repo, Stage, Team, produced
from odmd.model.kinds import Table
from odmd.model.targets import Target
from odmd.providers.aws.roles_template import stack_templates
from odmd.providers.aws.stack_sets import LONGEST_ALONE, organisation_template
from support.soak import examples

ACCOUNTS = [Account(f"account{n}", f"11112222333{n}") for n in range(3)]
REGIONS = ("eu-west-1", "us-east-1")
STAGES = [Stage(f"{one.name}-{region}", one, region) for one in ACCOUNTS for region in REGIONS]
Wanted = Mapping[Target, AccountRoles]


def wanted(lives: Mapping[str, list[tuple[int, str]]], qualifier: str = "", *, github: bool = False) -> Wanted:
    """Builds by name, each with the stages and branches that it lives in."""
    envers = list[CdkEnver]()
    for name, places in lives.items():

        class Service(CdkEnver, build=Build(name, Repo(f"acme/{name}", Team("platform")))):
            table: Produces[Table[str]] = produced("what there is", external=True)

        envers += [Service(on=Branch(branch), at=STAGES[stage]) for stage, branch in places]
    made = compile_contracts(Organisation("acme", central=ACCOUNTS[0], envers=envers))
    said = GitHubProvider.MADE if github else GitHubProvider.NONE
    return bootstraps(
        made.graph, made.kinds, Trusts(github=said, qualifiers={ACCOUNTS[1].id: qualifier} if qualifier else {})
    )


def instances(outer: Mapping[str, Any]) -> dict[Target, dict[str, Any]]:
    """What each place gets, by the stack that it is."""
    found = dict[Target, dict[str, Any]]()
    for resource in outer["Resources"].values():
        said = resource["Properties"]
        for group in said["StackInstancesGroup"]:
            targets = group["DeploymentTargets"]
            assert targets["AccountFilterType"] == "INTERSECTION", "or all accounts of the units would have it"
            for place in (Target(account, region) for account in targets["Accounts"] for region in group["Regions"]):
                stack = said["Description"].partition(" in ")[0]
                assert stack not in found.setdefault(place, {})
                found[place][stack] = json.loads(said["TemplateBody"])
    return found


@settings(max_examples=examples(30))
@given(
    st.dictionaries(
        st.sampled_from(("kitchen", "bar", "till_2")),
        st.dictionaries(st.sampled_from(("main", "fix")), st.integers(0, len(STAGES) - 1), min_size=1, max_size=2),
        min_size=1,
    ),
    st.sampled_from(("", "odmd")),
    st.booleans(),
)
def test_each_place_has_what_it_is_bootstrapped_with_and_no_other_has_any(
    lives: dict[str, dict[str, int]], qualifier: str, github: bool
) -> None:
    roles = wanted(
        {name: [(at, ref) for ref, at in refs.items()] for name, refs in lives.items()}, qualifier, github=github
    )
    outer = json.loads(organisation_template(roles.values(), "acme"))
    printed = {
        at: {name: json.loads(one.template) for name, one in stack_templates(of_place, "acme").items()}
        for at, of_place in roles.items()
    }
    assert instances(outer) == printed
    names = [one["Properties"]["StackSetName"] for one in outer["Resources"].values()]
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) <= 128 for name in names)
    for id, resource in outer["Resources"].items():
        if BASE_STACK not in resource["Properties"]["StackSetName"]:
            base = outer["Resources"][resource["DependsOn"]]["Properties"]
            assert base["StackSetName"].startswith(BASE_STACK), id
            assert base["StackInstancesGroup"] == resource["Properties"]["StackInstancesGroup"]


def test_what_is_longer_than_aws_takes_is_refused() -> None:
    many = wanted({"kitchen": [(0, f"feature-{number}") for number in range(6)]})
    with pytest.raises(RolesUnfit, match=f"can have {LONGEST_ALONE:,}") as told:
        organisation_template(many.values(), "acme")
    assert f"`odmd bootstrap {ACCOUNTS[0].id}/eu-west-1` by itself" in (told.value.next_step or "")
    everywhere = {f"build-{number}": [(stage, f"b{stage}") for stage in range(6)] for number in range(20)}
    with pytest.raises(RolesUnfit, match="126 stack sets") as told:
        organisation_template(wanted(everywhere).values(), "acme")
    assert "odmd bootstrap ACCOUNT… --stackset" in (told.value.next_step or "")
