"""From contracts to roles: two for each build, account, region and class of revision, and boundaries for its envers."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.graph.nodes import EnverNode, Graph
from odmd.graph.rights import deploying, executing, guard
from odmd.graph.rights.mirroring import mirror_role, mirrors
from odmd.graph.rights.needs import Needs
from odmd.graph.rights.roles import (
    BOUNDARY,
    DEPLOY,
    EXEC,
    VERIFY,
    AccountRoles,
    Boundary,
    BuildRoles,
    IamRole,
    Trusts,
)
from odmd.graph.rights.scopes import CLASSES, Member, Namer, class_of_slot
from odmd.graph.rights.trust import of_cloudformation, of_deploy_role, of_verify_role
from odmd.graph.rights.used import GitHubProvider
from odmd.graph.rights.verifying import checked
from odmd.model import naming
from odmd.model.build_types import CDK, IMAGE, KUBERNETES
from odmd.model.kinds import Kind
from odmd.model.targets import Target

OWN_QUALIFIER: Final = "odmd"
"""Of accounts whose bucket for assets odmd makes."""
WITH_ROLES: Final = frozenset({CDK.name, IMAGE.name, KUBERNETES.name})
"""Build types whose envers are deployed with roles."""


@dataclass(frozen=True, slots=True)
class _Deriving:
    """What roles are derived from."""

    graph: Graph
    kinds: Mapping[str, type[Kind]]
    namer: Namer
    trusts: Trusts


@dataclass(frozen=True, slots=True)
class _Class:
    """A build's envers of one class in one place."""

    build: str
    revision_class: str
    target: Target
    members: Sequence[Member]

    def name(self, what: str) -> str:
        return naming.role_name(what, self.build, self.revision_class, self.target.region)

    @property
    def boundaries(self) -> str:
        """A pattern of the names of all of its boundaries."""
        name = self.name(BOUNDARY)
        return name if self.revision_class == "tag" else naming.boundary_name(name, "*")

    def by_boundary(self) -> Mapping[str, Sequence[Member]]:
        """Who has the same boundary, by its name."""
        found = dict[str, list[Member]]()
        for member in self.members:
            name = _boundary(self.name(BOUNDARY), self.revision_class, member.enver.slot)
            found.setdefault(name, []).append(member)
        return found


def role_in(what: str, build: str, slot: str, region: str) -> str:
    """The name of the role with which, or by which, the enver in a slot is deployed."""
    return naming.role_name(what, build, class_of_slot(slot), region)


def boundary_in(build: str, slot: str, region: str) -> str:
    """The name of the boundary that the roles of its stacks have."""
    return _boundary(role_in(BOUNDARY, build, slot, region), class_of_slot(slot), slot)


def _boundary(of_class: str, revision_class: str, slot: str) -> str:
    """Branches and promoted envers have one each; so have all clones of one, as they are made at any time, and all tags
    of a build."""
    return of_class if revision_class == "tag" else naming.boundary_name(of_class, naming.origin_slot(slot))


def role_for(what: str, enver: EnverNode) -> str:
    """The name of an enver's role."""
    return role_in(what, enver.build, enver.slot, enver.region)


def boundary_for(enver: EnverNode) -> str:
    """The name of an enver's boundary."""
    return boundary_in(enver.build, enver.slot, enver.region)


def bootstraps(
    graph: Graph, kinds: Mapping[str, type[Kind]], trusts: Trusts, builds: Container[str] | None = None
) -> Mapping[Target, AccountRoles]:
    """What each account and region is to have in which envers live, or their values stand: for all builds, or of some
    alone what is theirs."""
    deriving = _Deriving(graph, kinds, Namer(graph), trusts)
    places = dict[Target, dict[str, list[EnverNode]]]()
    for enver in graph.envers.values():
        if enver.build_type in WITH_ROLES and (builds is None or enver.build in builds):
            places.setdefault(enver.target, {}).setdefault(enver.build, []).append(enver)
    first = {target.account: target for target in sorted(places, reverse=True)}
    mirrored = mirrors(graph) if builds is None else frozenset[Target]()
    found: dict[Target, AccountRoles] = {}
    for target in sorted(places.keys() | mirrored):
        there = places.get(target, {})
        of_builds = [_build_roles(_classes(there[one], deriving), deriving) for one in sorted(there)]
        qualifier = trusts.qualifiers.get(target.account, "") if there else ""
        found[target] = AccountRoles(
            target,
            guard.guard(target),
            trusts.github is GitHubProvider.MADE and first.get(target.account) == target,
            deploying.asset_bucket(target, qualifier) if qualifier == OWN_QUALIFIER else "",
            tuple(of_builds),
            mirror_role(target, trusts) if target in mirrored else None,
            asset_key=trusts.asset_key,
        )
    return found


def _classes(envers: Sequence[EnverNode], deriving: _Deriving) -> Sequence[_Class]:
    """Those of a build in one place. Of a branch somebody may make a clone at any time; where what is promoted lives,
    whoever may push a branch would reach with one what production reaches, so there are those alone that the contracts
    have."""
    namer, found = deriving.namer, dict[str, list[Member]]()
    for enver in envers:
        name = class_of_slot(enver.slot)
        found.setdefault(name, []).append(Member(enver, namer.of_member(enver)))
        if name == "branch" and (clones := namer.of_clones(enver)) is not None:
            found.setdefault("clone", []).append(Member(enver, clones))
    build, target = envers[0].build, envers[0].target
    return [_Class(build, name, target, found[name]) for name in CLASSES if name in found]


def _build_roles(classes: Sequence[_Class], deriving: _Deriving) -> BuildRoles:
    roles, boundaries = list[IamRole](), list[Boundary]()
    for one in classes:
        roles += _roles(one, deriving)
        if _has_stacks(one):
            boundaries += [
                Boundary(name, tuple(executing.at_most(_needs(one, members, deriving))))
                for name, members in one.by_boundary().items()
            ]
    build, target = classes[0].build, classes[0].target
    return BuildRoles(build, target, naming.roles_stack(build), tuple(roles), tuple(boundaries))


def _roles(one: _Class, deriving: _Deriving) -> Iterator[IamRole]:
    trusts, target, made = deriving.trusts, one.target, (one.build, one.revision_class, one.target)
    needs = _needs(one, one.members, deriving)
    deploy, exec_ = one.name(DEPLOY), one.name(EXEC) if _has_stacks(one) else ""
    bucket = deploying.asset_bucket(target, trusts.qualifiers.get(target.account, ""))
    taken = of_deploy_role(one.revision_class, needs.envers, needs.build, target, trusts)
    yield IamRole(deploy, DEPLOY, *made, taken, tuple(deploying.statements(needs, exec_, bucket)))
    if exec_:
        may = executing.statements(needs, one.boundaries, bucket)
        yield IamRole(exec_, EXEC, *made, (of_cloudformation(target),), tuple(may))
    if may := tuple(checked(needs)):
        verifies = of_verify_role(target, trusts)
        yield IamRole(one.name(VERIFY), VERIFY, *made, (verifies,), may)


def _needs(one: _Class, members: Sequence[Member], deriving: _Deriving) -> Needs:
    return Needs(deriving.graph, deriving.kinds, deriving.namer, one.revision_class, members)


def _has_stacks(one: _Class) -> bool:
    return any(member.enver.build_type == CDK.name for member in one.members)
