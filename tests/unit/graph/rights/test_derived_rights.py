"""No statement of a build names another's resources, but those that a wire leads to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import ACCOUNT, DEV, PROD, bootstrap, client, compiled, organisations, shop

from odmd.errors import ContractsUnsound
from odmd.graph import Compiled, EnverNode
from odmd.graph.rights.derive import bootstraps, boundary_for, role_for
from odmd.graph.rights.explain import explained
from odmd.graph.rights.roles import AccountRoles, Trusts
from odmd.graph.rights.scopes import class_of_slot
from odmd.graph.rights.statements import Condition, Statement, is_like, merged, size, split
from odmd.graph.rights.used import GitHubProvider
from odmd.model import (
    READ,
    WRITE,
    Account,
    Branch,
    Build,
    CdkEnver,
    CommandCheck,
    Consumes,
    KubernetesEnver,
    NeededSecret,
    Permission,
    Produces,
    Promoted,
    Repo,
    Stage,
    Tag,
    Team,
    naming,
    needed,
    produced,
)
from odmd.model.access import Access
from odmd.model.kinds import EksCluster
from odmd.model.targets import Target
from support.soak import examples

PLACE = f"eu-west-1:{ACCOUNT}"


def may(found: AccountRoles, what: str, enver: EnverNode, action: str, resource: str) -> bool:
    name = boundary_for(enver) if what == "boundary" else role_for(what, enver)
    return explained([found], name, action, resource).allowed


def is_read_as(one: EnverNode, other: EnverNode) -> bool:
    """Whether the one's names begin as the other's, or those of all of its class: `main-x`, and a branch `t--v1`."""
    match class_of_slot(other.slot):
        case "tag":
            begins = "t--"
        case "clone":
            begins = naming.short_clones(naming.origin_slot(other.slot))
        case _:
            begins = f"{naming.short_slot(other.slot)}-"
    return naming.short_slot(one.slot).startswith(begins)


def clone_of(enver: EnverNode, branch: str = "fix-9") -> EnverNode:
    """What somebody makes while all runs; the contracts know nothing of it."""
    slot = f"{enver.slot}-_b..{branch}"
    made = {"slot": slot, "address": f"{enver.build}/{slot}", "origin": enver.address, "revision": f"branch:{branch}"}
    return replace(enver, **made)  # type: ignore[arg-type]


def stacks(enver: EnverNode) -> Iterator[str]:
    """What its app may call its stacks, unless that is a longer build's."""
    for part in ("", "data", "x-data"):
        yield naming.stack_name(enver.build, enver.slot, part)


def tables(enver: EnverNode) -> Iterator[str]:
    yield from (f"{stack}-Table1234-ABC" for stack in stacks(enver))
    yield naming.physical_name(enver.build, enver.slot, "table")


def is_anothers(name: str, enver: EnverNode, contracts: Compiled) -> bool:
    """Whether a name that the enver's app could choose is one that another build's could, too."""
    others = [one for one in contracts.graph.envers.values() if one.build != enver.build]
    heads = {f"{naming.dashed(one.build)}{dashes}" for one in others for dashes in ("--", "-")}
    own = f"{naming.dashed(enver.build)}-"
    return any(head.startswith(own) and name.startswith(head) for head in heads) or any(
        name.startswith(f"{naming.dashed(one.build)}-{naming.short_slot(one.slot)}-") for one in others
    )


def table(name: str) -> str:
    return f"arn:aws:dynamodb:{PLACE}:table/{name}"


def shares_boundary(one: EnverNode, other: EnverNode) -> bool:
    """Clones with those that were, or are to be, made of the same one."""
    whose = boundary_for(other)
    return boundary_for(one) == whose or (class_of_slot(one.slot) == "branch" and boundary_for(clone_of(one)) == whose)


def stack_arn(name: str) -> str:
    return f"arn:aws:cloudformation:{PLACE}:stack/{name}/1234"


@settings(max_examples=examples(100))
@given(contracts=organisations())
def test_no_build_may_touch_what_is_anothers_and_each_may_deploy_its_own(contracts: Compiled) -> None:
    found = bootstrap(contracts)
    for one in contracts.graph.envers.values():
        assert may(found, "deploy", one, "cloudformation:CreateChangeSet", stack_arn(one.stack_name))
        assert may(found, "exec", one, "dynamodb:CreateTable", table(f"{one.stack_name}-Table-1"))
        for other in contracts.graph.envers.values():
            if other.build == one.build:
                continue
            for name in stacks(other):
                if not is_anothers(name, other, contracts):
                    assert not may(found, "deploy", one, "cloudformation:DeleteStack", stack_arn(name)), (one, name)
            for name in tables(other):
                if not is_anothers(name, other, contracts):
                    assert not may(found, "exec", one, "dynamodb:DeleteTable", table(name)), (one.address, name)


@settings(max_examples=examples(100))
@given(contracts=organisations())
def test_what_runs_may_do_with_anothers_table_is_what_its_wires_say(contracts: Compiled) -> None:
    found, graph = bootstrap(contracts), contracts.graph
    for one in graph.envers.values():
        alike = [it for it in graph.envers.values() if shares_boundary(it, one)]
        for other in graph.envers.values():
            if other.build == one.build:
                continue
            wires = [wire for it in alike for wire in it.wires if wire.producer == other.address]
            name = table(f"{other.stack_name}-Table1234-ABC")
            reads = any(Access(wire.access) is not WRITE for wire in wires)
            writes = any(Access(wire.access).writes for wire in wires)
            of_clone = other.origin is not None or any(it.origin == other.address for it in graph.envers.values())
            if of_clone and not wires:
                continue  # a clone's names begin with its origin's
            assert may(found, "boundary", one, "dynamodb:GetItem", name) is reads
            assert may(found, "boundary", one, "dynamodb:PutItem", name) is writes
            assert not may(found, "boundary", one, "dynamodb:DeleteTable", name)


@settings(max_examples=examples(40))
@given(contracts=organisations())
def test_what_runs_may_do_nothing_with_what_another_enver_of_their_build_has(contracts: Compiled) -> None:
    found, graph = bootstrap(contracts), contracts.graph
    for one in graph.envers.values():
        for other in graph.envers.values():
            if other.build != one.build or boundary_for(other) == boundary_for(one) or is_read_as(other, one):
                continue
            for name in tables(other):
                reaches = may(found, "boundary", one, "dynamodb:GetItem", table(name))
                assert not reaches or is_anothers(name, other, contracts), (one.address, name)
            folder = f"arn:aws:ssm:{PLACE}:parameter/odmd-{other.build}/{other.slot}/config/open"
            assert not may(found, "boundary", one, "ssm:GetParameter", folder), (one.address, folder)


@settings(max_examples=examples(40))
@given(contracts=organisations())
def test_values_for_others_are_written_by_one_role_and_by_no_other(contracts: Compiled) -> None:
    found = bootstrap(contracts)
    assert found.mirror is not None
    here = f"arn:aws:ssm:{PLACE}:parameter"
    for product in contracts.graph.products:
        for name, role in found.roles().items():
            writes = explained([found], name, "ssm:PutParameter", f"{here}/odmd-share/{product}").allowed
            assert writes is (role is found.mirror), name
    for path in ("/odmd-kitchen/b..main/config/one", "/elsewhere", "/odmd-shared"):
        assert not explained([found], found.mirror.name, "ssm:PutParameter", f"{here}{path}").allowed


def test_values_stand_where_no_enver_with_roles_lives_too() -> None:
    other = Stage("other", Account("other", "444455556666"), "us-east-1")
    contracts = compiled(shop("kitchen")(on=Branch("main"), at=other))
    trusts = Trusts(("arn:aws:iam::1:role/server",), github=GitHubProvider.MADE, qualifiers={ACCOUNT: "odmd"})
    found = bootstraps(contracts.graph, contracts.kinds, trusts)
    central = found[Target(ACCOUNT, "us-east-1")]
    assert list(central.roles()) == ["odmd-mirror-us-east-1"]
    assert (central.makes_provider, central.bucket) == (False, "")
    assert found[Target("444455556666", "us-east-1")].mirror is None
    (trust,) = central.roles()["odmd-mirror-us-east-1"].trusts
    assert trust.principals == trusts.principals


def test_who_carries_out_runs_and_who_serves_take_what_is_for_them_alone() -> None:
    """In one account, who is named by a trust needs no right of his own to take that role."""
    worker, server = ("arn:aws:iam::1:role/worker",), ("arn:aws:iam::1:role/server",)
    root = (f"arn:aws:iam::{ACCOUNT}:root",)
    checks = (CommandCheck("python look.py", network=True, may=("ssm:GetParameter",)),)
    contracts = compiled(shop("kitchen")(on=Branch("main"), at=DEV, verified_by=checks))
    for said, deploys, verifies, mirrors in (
        (Trusts(worker, server), worker + server, worker, server),
        (Trusts(worker), worker, worker, worker),
        (Trusts((), server), root + server, root, server),
        (Trusts(worker, worker), worker, worker, worker),
        (Trusts(), root, root, root),
    ):
        roles = bootstrap(contracts, said).roles().values()
        assert {one.what: one.trusts[0].principals for one in roles if one.what != "exec"} == {
            "deploy": deploys,
            "verify": verifies,
            "mirror": mirrors,
        }


def test_what_goes_into_a_cluster_has_a_role_that_looks_it_up_and_makes_nothing() -> None:
    class Hall(CdkEnver, build=Build("hall", Repo("acme/hall", Team("platform")))):
        eks: Produces[EksCluster] = produced("where services run")

    class Named(KubernetesEnver, build=Build("named", Repo("acme/named", Team("platform")))):
        cluster_name = "tea"

    class Led(KubernetesEnver, build=Build("led", Repo("acme/led", Team("platform")))):
        eks: Consumes[EksCluster]
        key: NeededSecret = needed("of the door")

    main = Branch("main")
    hall = Hall(on=main, at=DEV)
    found = bootstrap(compiled(hall, Named(on=main, at=DEV), Led(on=main, at=DEV, eks=hall.eks)))
    cluster = f"arn:aws:eks:{PLACE}:cluster"
    for build, own, other in (("named", "tea", "hall-main-eks"), ("led", "hall-main-eks", "tea")):
        name = f"odmd-deploy-eu-west-1-branch-{build}"
        assert explained([found], name, "eks:DescribeCluster", f"{cluster}/{own}").allowed
        assert not explained([found], name, "eks:DescribeCluster", f"{cluster}/{other}").allowed
        assert not explained([found], name, "iam:PassRole", "").allowed
        assert explained([found], name, "secretsmanager:DescribeSecret", "").allowed is (build == "led")
        assert f"odmd-exec-eu-west-1-branch-{build}" not in found.roles()


@settings(max_examples=examples(40))
@given(contracts=organisations())
def test_a_boundary_lets_roles_have_all_that_its_own_stacks_are_made_of(contracts: Compiled) -> None:
    found, roles = bootstrap(contracts), {role.name: role for role in bootstrap(contracts).roles().values()}
    for one in contracts.graph.envers.values():
        exec_ = roles[role_for("exec", one)]
        given_ = [it for it in exec_.statements for of in it.conditions if of.key == "iam:PermissionsBoundary"]
        patterns = [value for it in given_ for of in it.conditions for value in of.values]
        assert is_like(f"arn:aws:iam::{ACCOUNT}:policy/{boundary_for(one)}", patterns)
        for service, rest in (("dynamodb", "table/"), ("lambda", "function:"), ("sqs", "")):
            for name in (f"{one.stack_name}-It-ABC", naming.physical_name(one.build, one.slot, "it")):
                own = f"arn:aws:{service}:{PLACE}:{rest}{name}"
                does = f"{service}:DoIt"
                assert may(found, "boundary", one, does, own) or not may(found, "exec", one, does, own), own
        assert may(found, "boundary", one, "sqs:SendMessage", f"arn:aws:sqs:{PLACE}:{one.stack_name}-It-ABC")


@settings(max_examples=examples(40))
@given(contracts=organisations())
def test_a_clone_of_a_branch_that_no_contracts_have_finds_its_roles(contracts: Compiled) -> None:
    found = bootstrap(contracts)
    there = {*found.roles(), *(one.name for build in found.builds for one in build.boundaries)}
    heads = [naming.dashed(build).lower() for build in contracts.graph.builds]
    for origin in contracts.graph.envers.values():
        if origin.origin or heads.count(naming.dashed(origin.build).lower()) > 1:
            continue
        for made in (clone_of(origin), clone_of(clone_of(origin), "again")):
            has = {role_for("deploy", made), role_for("exec", made), boundary_for(made)} <= there
            if class_of_slot(origin.slot) == "branch":
                assert has
            if not has:
                continue
            name = f"{made.stack_name}-Table1234-ABC"
            assert may(found, "deploy", made, "cloudformation:CreateChangeSet", stack_arn(made.stack_name))
            assert may(found, "exec", made, "dynamodb:CreateTable", table(name))
            assert may(found, "boundary", made, "dynamodb:GetItem", table(name))
            assert not may(found, "deploy", made, "cloudformation:DeleteStack", stack_arn(origin.stack_name))
            assert not may(found, "exec", made, "dynamodb:DeleteTable", table(f"{origin.stack_name}-Table-1"))


class TestWhereOthersAre:
    def test_what_is_promoted_has_no_clones_but_those_of_the_contracts(self) -> None:
        Kitchen = shop("kitchen")
        main = Kitchen(on=Branch("main"), at=DEV)
        prod = Kitchen(on=Promoted(main), at=PROD)
        there = [one.name for build in bootstrap(compiled(main, prod)).builds for one in build.boundaries]
        assert not [one for one in there if one.endswith("clone-kitchen@s..prod")]
        there = [
            one.name for b in bootstrap(compiled(main, prod, prod.clone(Branch("x")))).builds for one in b.boundaries
        ]
        assert [one for one in there if one.endswith("clone-kitchen@s..prod")]


@settings(max_examples=examples(40))
@given(
    st.lists(st.text("aAbB-_.", min_size=1, max_size=3).filter(naming.is_plain), min_size=2, max_size=6, unique=True)
)
def test_boundaries_of_any_slots_have_names_of_their_own_whatever_their_case(names: list[str]) -> None:
    role = naming.role_name("boundary", "kitchen", "branch", "eu-west-1")
    made = [naming.boundary_name(role, f"b..{one}") for one in names] + [
        naming.boundary_name(role, f"b..{one * 40}"[:120]) for one in names
    ]
    assert len({one.lower() for one in made[: len(names)]}) == len(names)
    assert all(len(one) <= 128 and one.startswith(f"{role}@") for one in made)


@settings(max_examples=examples(100))
@given(contracts=organisations())
def test_names_fit_and_nobody_in_particular_is_never_trusted(contracts: Compiled) -> None:
    found = bootstrap(contracts, Trusts(github=GitHubProvider.MADE))
    boundaries = [one.name for build in found.builds for one in build.boundaries]
    names = [*found.roles(), *boundaries]
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) <= 64 for name in found.roles())
    assert all(len(name) <= 128 for name in boundaries)
    assert len({build.stack.lower() for build in found.builds}) == len(found.builds)
    for role in found.roles().values():
        for trust in role.trusts:
            assert "*" not in trust.principals
            if trust.kind == "Federated":
                subjects = [value for one in trust.conditions if one.key.endswith(":sub") for value in one.values]
                assert subjects
                assert all(one.startswith(f"repo:{contracts.graph.builds[role.build].repo}:") for one in subjects)


class TestClasses:
    def test_each_may_do_no_more_than_the_next(self) -> None:
        Kitchen = shop("kitchen", Permission("route53"), Permission("rds"))
        main = Kitchen(on=Branch("main"), at=DEV)
        found = bootstrap(
            compiled(main, Kitchen(on=Tag("v1"), at=DEV), Kitchen(on=Promoted(main), at=PROD), main.clone(Branch("x")))
        )
        actions = {
            role.revision_class: {action for one in role.statements if not one.denies for action in one.actions}
            for role in found.roles().values()
            if role.what == "exec"
        }
        assert actions["clone"] < actions["branch"] < actions["promoted"]
        assert actions["tag"] == actions["promoted"]
        assert actions["branch"] - actions["clone"] == {"route53:*"}
        assert actions["promoted"] - actions["branch"] == {"iam:CreateServiceLinkedRole"}


class TestRights:
    @pytest.mark.parametrize(
        "action", ["iam", "iam:CreateUser", "sts:AssumeRole", "organizations", "no service", "*", ""]
    )
    def test_that_give_rights_or_cannot_be_are_refused_with_their_line(self, action: str) -> None:
        with pytest.raises(ContractsUnsound) as unsound:
            compiled(shop("kitchen", Permission(action))(on=Branch("main"), at=DEV))
        (found,) = unsound.value.diagnostics()
        assert found.code == "ODMD170"
        assert found.place is not None
        assert found.place.file == __file__

    def test_on_something_are_for_that_alone(self) -> None:
        own = Permission("s3:GetObject", on="arn:aws:s3:::legacy/*")
        contracts = compiled(shop("kitchen", own)(on=Branch("main"), at=DEV))
        (enver,) = contracts.graph.envers.values()
        found = bootstrap(contracts)
        assert may(found, "boundary", enver, "s3:GetObject", "arn:aws:s3:::legacy/menu")
        assert not may(found, "boundary", enver, "s3:PutObject", "arn:aws:s3:::legacy/menu")


def test_the_line_of_the_wire_is_told() -> None:
    kitchen = shop("kitchen")(on=Branch("main"), at=DEV)
    bar = client("bar", READ)(on=Branch("main"), at=DEV, theirs=kitchen.table)
    found = bootstrap(compiled(kitchen, bar))
    name = "odmd-boundary-eu-west-1-branch-bar@b..main"
    (why,) = explained([found], name, "dynamodb:Query", table("kitchen--main-Table")).by
    assert why.why == "bar@main reads kitchen@main/table"
    assert why.place == bar.place
    refused = explained([found], name, "dynamodb:PutItem", table("kitchen--main-Table"))
    assert not refused.allowed
    assert "Permission('dynamodb:PutItem')" in refused.would


@settings(max_examples=examples(40))
@given(st.lists(st.lists(st.text("ab", min_size=1, max_size=60), min_size=1, max_size=30), max_size=8))
def test_policies_say_together_what_was_to_be_said_and_none_is_too_long(resources: list[list[str]]) -> None:
    where = (Condition("StringEquals", "aws:RequestedRegion", ("eu-west-1",)),)
    said = [Statement((f"a:Do{n}",), tuple(those), "", None, where) for n, those in enumerate(resources)]
    parts = split(said, 500)
    atoms = [atom for part in parts for one in part for atom in one.atoms()]
    assert atoms == [atom for one in said for atom in one.atoms()]
    assert all(size(part) <= 500 for part in parts)
    assert all(size([*one, *after]) > 400 for one, after in itertools.pairwise(parts)), "there is no room left unused"


def test_fewer_statements_say_the_same() -> None:
    said = [
        Statement(("a:X",), ("r1",), "one"),
        Statement(("b:Y",), ("r1",), "two"),
        Statement(("a:X", "b:Y"), ("r2",), "three"),
    ]
    (one,) = merged(said)
    assert (one.actions, one.resources) == (("a:X", "b:Y"), ("r1", "r2"))
    assert {atom for it in said for atom in it.atoms()} == set(one.atoms())
