"""What CloudFormation may do for a build, and what the roles can be given at most that its stacks make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from odmd.graph.rights.deploying import asset_objects
from odmd.graph.rights.needs import Needs, Why, arns, in_region, nameless
from odmd.graph.rights.services import NAMED, arn, iam_arn
from odmd.graph.rights.statements import EVERYTHING, Condition, Statement

_MAKES_ROLES: Final = ("iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy")
_KEEPS_ROLES: Final = tuple(
    f"iam:{one}"
    for one in (
        *("DeleteRole", "DeleteRolePolicy", "DetachRolePolicy", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies"),
        *("ListRolePolicies", "ListRoleTags", "PassRole", "TagRole", "UntagRole", "UpdateAssumeRolePolicy"),
        *("UpdateRole", "UpdateRoleDescription"),
    )
)
_KEEPS_POLICIES: Final = ("iam:*Policy", "iam:*PolicyVersion", "iam:ListPolicyVersions")
_KEEPS_PROFILES: Final = ("iam:*InstanceProfile",)


def statements(needs: Needs, boundaries: str, bucket: str) -> Iterator[Statement]:
    """Of the role that is passed to CloudFormation; `boundaries` matches the names of those of its envers."""
    yield from _own(needs)
    inside = arns("cloudformation", NAMED["cloudformation"].own, needs.names, needs.target)
    yield Statement(("cloudformation:*",), inside, "stacks inside its stacks", needs.build.place)
    yield from _iam(needs, boundaries)
    yield from needs.wired_up()
    yield from _assets(needs, bucket)
    if needs.lasts:
        linked = ("iam:CreateServiceLinkedRole",)
        yield Statement(linked, EVERYTHING, "what lasts may begin to use a service", needs.build.place)


def at_most(needs: Needs) -> Iterator[Statement]:
    """Of the boundary: what runs may use of its own, and what its wires say of others'."""
    yield from _own(needs)
    yield from needs.granted()
    if secrets := dict.fromkeys(name for enver in needs.envers for name in enver.secrets):
        why = Why(f"needs {', '.join(secrets)}: where secrets are is no part of the contracts", needs.envers[0].place)
        reads = ("kms:Decrypt", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")
        yield nameless("secretsmanager", needs, why, reads)


def _own(needs: Needs) -> Iterator[Statement]:
    target = needs.target
    for service, why in needs.services.items():
        if (named := NAMED.get(service)) is None:
            yield nameless(service, needs, why)
            continue
        own = arns(service, named.own, needs.names, target)
        if service == "ssm":
            folders = (f"parameter/odmd-{one}/*" for one in needs.names.addresses)
            own = (*own, *(arn("ssm", one, target.region, target.account) for one in folders))
        yield Statement((f"{service}:*",), own, why.said, why.place)
        if named.anywhere:
            yield Statement(named.anywhere, EVERYTHING, why.said, why.place, (in_region(target.region),))
        if named.nameless:
            theirs = (arn(service, named.nameless, target.region, target.account),)
            yield Statement(named.tags, theirs, why.said, why.place)
            whose = Condition("ArnLike", named.link, arns(service, (named.linked_to,), needs.names, target))
            yield Statement(named.linked, EVERYTHING, why.said, why.place, (in_region(target.region), whose))
    for right in needs.rights:
        why = Why(f"build {needs.build.name} says so", right.place)
        action = right.action if ":" in right.action else f"{right.action}:*"
        if right.on:
            yield Statement((action,), (right.on,), why.said, why.place)
        elif ":" in right.action:
            yield nameless(action.partition(":")[0], needs, why, (action,))


def _iam(needs: Needs, boundaries: str) -> Iterator[Statement]:
    """Roles of its own, which are never without a boundary."""
    target, (said, place) = needs.target, (needs.itself.said, needs.itself.place)
    names = (*needs.names.resources, *needs.bridges)
    roles = tuple(iam_arn(f"role/{one}", target) for one in names)
    bounded = Condition("ArnLike", "iam:PermissionsBoundary", (iam_arn(f"policy/{boundaries}", target),))
    yield Statement(_MAKES_ROLES, roles, f"{said}: its roles have a boundary", place, (bounded,))
    yield Statement(_KEEPS_ROLES, roles, f"{said}: its roles", place)
    policies = tuple(iam_arn(f"policy/{one}", target) for one in needs.names.resources)
    yield Statement(_KEEPS_POLICIES, policies, f"{said}: its policies", place)
    profiles = tuple(iam_arn(f"instance-profile/{one}", target) for one in needs.names.resources)
    yield Statement(_KEEPS_PROFILES, profiles, f"{said}: its instance profiles", place)


def _assets(needs: Needs, bucket: str) -> Iterator[Statement]:
    """Code that its templates refer to."""
    why = Why("assets of its templates", needs.build.place)
    yield Statement(("s3:GetObject", "s3:GetObjectVersion"), asset_objects(needs, bucket), why.said, why.place)
