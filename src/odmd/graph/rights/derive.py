"""From contracts to roles: two for each build, account, region and class of revision."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.graph.nodes import EnverNode, Graph
from odmd.graph.rights import deploying, executing, guard
from odmd.graph.rights.needs import Needs
from odmd.graph.rights.roles import BOUNDARY, DEPLOY, EXEC, AccountRoles, Boundary, BuildRoles, IamRole, Trusts
from odmd.graph.rights.scopes import CLASSES, Namer, revision_class
from odmd.graph.rights.trust import of_cloudformation, of_deploy_role
from odmd.graph.rights.used import GitHubProvider
from odmd.model import naming
from odmd.model.build_types import CDK, IMAGE
from odmd.model.kinds import Kind
from odmd.model.targets import Target

OWN_QUALIFIER: Final = "odmd"
"""Of accounts whose bucket for assets odmd makes."""
WITH_ROLES: Final = frozenset({CDK.name, IMAGE.name})
"""Build types whose envers are deployed with roles."""


@dataclass(frozen=True, slots=True)
class _Class:
    """A build's envers of one class in one place."""

    build: str
    revision_class: str
    target: Target
    envers: tuple[EnverNode, ...]

    def name(self, what: str) -> str:
        return naming.role_name(what, self.build, self.revision_class, self.target.region)


def role_for(what: str, enver: EnverNode) -> str:
    """The name of the role with which, or by which, an enver is deployed."""
    return naming.role_name(what, enver.build, revision_class(enver), enver.region)


def bootstraps(
    graph: Graph, kinds: Mapping[str, type[Kind]], trusts: Trusts, builds: Container[str] | None = None
) -> Mapping[Target, AccountRoles]:
    """What each account and region that envers live in is to have: for all builds, or for some."""
    namer, places = Namer(graph), dict[Target, dict[str, dict[str, list[EnverNode]]]]()
    for enver in graph.envers.values():
        if enver.build_type in WITH_ROLES and (builds is None or enver.build in builds):
            of_place = places.setdefault(enver.target, {})
            of_place.setdefault(enver.build, {}).setdefault(revision_class(enver), []).append(enver)
    first = {target.account: target for target in sorted(places, reverse=True)}
    found: dict[Target, AccountRoles] = {}
    for target in sorted(places):
        of_builds = [
            _build_roles(target, build, places[target][build], graph, kinds, namer, trusts)
            for build in sorted(places[target])
        ]
        qualifier = trusts.qualifiers.get(target.account, "")
        found[target] = AccountRoles(
            target,
            guard.guard(target),
            trusts.github is GitHubProvider.MADE and first[target.account] == target,
            deploying.asset_bucket(target, qualifier) if qualifier == OWN_QUALIFIER else "",
            tuple(of_builds),
        )
    return found


def _build_roles(
    target: Target,
    build: str,
    classes: Mapping[str, Sequence[EnverNode]],
    graph: Graph,
    kinds: Mapping[str, type[Kind]],
    namer: Namer,
    trusts: Trusts,
) -> BuildRoles:
    roles, boundaries = list[IamRole](), list[Boundary]()
    for name in (one for one in CLASSES if one in classes):
        members = _Class(build, name, target, tuple(classes[name]))
        needs = Needs(graph, kinds, namer, name, members.envers)
        made = (build, name, target)
        deploy, exec_ = members.name(DEPLOY), members.name(EXEC)
        bucket = deploying.asset_bucket(target, trusts.qualifiers.get(target.account, ""))
        taken = of_deploy_role(members.envers, graph.builds[build], target, trusts)
        has_stacks = any(enver.build_type == CDK.name for enver in members.envers)
        statements = deploying.statements(needs, exec_ if has_stacks else "", bucket)
        roles.append(IamRole(deploy, DEPLOY, *made, taken, tuple(statements)))
        if has_stacks:
            boundary = members.name(BOUNDARY)
            may = executing.statements(needs, boundary, bucket)
            roles.append(IamRole(exec_, EXEC, *made, (of_cloudformation(target),), tuple(may)))
            boundaries.append(Boundary(boundary, tuple(executing.at_most(needs))))
    return BuildRoles(build, target, naming.roles_stack(build), tuple(roles), tuple(boundaries))
