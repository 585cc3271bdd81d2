"""Builds whose runs jobs of GitHub carry out: which can be, and what else changes with that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from odmd.errors import ContractsUnsound
from odmd.graph import Compiled, compile_contracts
from odmd.graph.rights.derive import bootstraps
from odmd.graph.rights.roles import Trusts
from odmd.graph.rights.used import GitHubProvider
from odmd.model import (
    Actions,
    Branch,
    Build,
    CdkEnver,
    CommandCheck,
    CommandEnver,
    HttpCheck,
    ImageEnver,
    Organisation,
    Produces,
    Repo,
    Tag,
    Team,
    produced,
)
from odmd.model.kinds import HttpApi, Image
from odmd.policy.gains import told
from support.worlds import ACCOUNT, DEV

TEAM, IDS = Team("baristas"), ("77", "4242")
ON_ACTIONS: dict[str, Any] = {"runs_on": Actions()}


def build(*, name: str = "acme/orders", ids: tuple[str, ...] = IDS, **more: Any) -> Build:
    return Build("orders", Repo(name, TEAM, ids=ids), **more)


def compiled(of: Build, *, verified: Sequence[Any] = ()) -> Compiled:
    class Orders(CdkEnver, build=of):
        api: Produces[HttpApi] = produced("where orders are taken", external=True)

        verified_by = tuple(verified)

    main = Orders(on=Branch("feature/x"), at=DEV)
    envers = [main, Orders(on=Tag("1.2"), at=DEV)]
    return compile_contracts(Organisation("acme", central=ACCOUNT, envers=envers))


def refused(of: Build, **more: Any) -> str:
    with pytest.raises(ContractsUnsound) as found:
        compiled(of, **more)
    return said(found.value)


def said(wrong: ContractsUnsound) -> str:
    return "; ".join(f"{one.code} {one.fact}" for one in wrong.found)


def test_who_carries_out_is_no_part_of_what_is_deployed_and_of_what_the_contracts_say() -> None:
    workers, jobs, others = (
        compiled(build(**more)).graph for more in ({}, ON_ACTIONS, {"runs_on": Actions("trunk", "large")})
    )
    slices = [[one.slice() for one in graph.envers.values()] for graph in (workers, jobs, others)]
    assert slices[0] == slices[1] == slices[2], "nothing is deployed anew"
    assert len({graph.digest() for graph in (workers, jobs, others)}) == 3
    assert list(told(workers, jobs)) == [
        "runs of orders are carried out by jobs of acme/orders, branch main, on ubuntu-24.04"
    ]
    assert list(told(jobs, workers)) == ["runs of orders are carried out by workers"]
    assert list(told(jobs, others)) == ["runs of orders are carried out by jobs of acme/orders, branch trunk, on large"]


BY_NAME, BY_IDS = (f"repo:{one}:ref:refs/heads/main" for one in ("acme/orders", "acme@77/orders@4242"))


@pytest.mark.parametrize(
    ("said", "only_ids", "subjects"),
    [
        (build(**ON_ACTIONS), False, (BY_NAME, BY_IDS)),
        (build(**ON_ACTIONS), True, (BY_IDS,)),
        (build(ids=()), True, (BY_NAME.replace("main", "feature/x"),)),
    ],
    ids=["however it is called", "by its ids alone", "without ids by its name"],
)
def test_roles_trust_jobs_of_the_branch_where_the_workflow_stands(
    said: Build, only_ids: bool, subjects: tuple[str, ...]
) -> None:
    made = compiled(said)
    trusts = Trusts(github=GitHubProvider.THERE, only_ids=only_ids)
    (account,) = bootstraps(made.graph, made.kinds, trusts).values()
    roles = [one for one in account.roles().values() if one.revision_class == "branch"]
    found = [one for role in roles for one in role.trusts if one.kind == "Federated"]
    assert found
    for trust in found:
        assert [one.values for one in trust.conditions if one.key.endswith(":sub")] == [subjects]


@pytest.mark.parametrize(
    ("of", "why"),
    [
        ({"ids": ()}, "no ids"),
        ({"name": "acme/group/orders"}, "no repository of GitHub"),
        ({"runs_on": Actions(branch="a..b")}, "is no branch"),
        ({"runs_on": Actions(runner="ubuntu\n  x: y")}, "is no runner"),
        ({"runs_on": Actions(runner="${{ x }}")}, "is no runner"),
    ],
)
def test_jobs_that_cannot_be_known_or_begun_are_mistakes(of: dict[str, Any], why: str) -> None:
    found = refused(build(**ON_ACTIONS | of))
    assert "ODMD178" in found
    assert why in found


def test_checks_that_run_code_of_the_repository_are_for_workers() -> None:
    assert "where it deploys" in refused(build(**ON_ACTIONS), verified=[CommandCheck("./smoke")])
    compiled(build(**ON_ACTIONS), verified=[HttpCheck("api", path="/health")])
    compiled(build(), verified=[CommandCheck("./smoke")])


def test_types_that_run_code_where_they_deploy_or_keep_what_they_built_are_for_workers() -> None:
    class Commands(CommandEnver, build=build(**ON_ACTIONS)):
        commands = ("./go",)

    class Images(ImageEnver, build=Build("images", Repo("acme/images", TEAM, ids=IDS), runs_on=Actions())):
        app: Produces[Image] = produced("the app", external=True)

    for enver in (Commands(on=Branch("main"), at=DEV), Images(on=Branch("main"), at=DEV)):
        with pytest.raises(ContractsUnsound) as found:
            compile_contracts(Organisation("acme", central=ACCOUNT, envers=[enver]))
        assert "ODMD178" in said(found.value)
