"""What no role of odmd's may do, whatever it is allowed."""

from __future__ import annotations

from typing import Final

from odmd.graph.rights.roles import BASE_STACK, DEPLOY, EXEC, MIRROR, VERIFY, Boundary
from odmd.graph.rights.services import arn, iam_arn
from odmd.graph.rights.statements import EVERYTHING, Statement
from odmd.model.targets import Target

_WRITES: Final = tuple(
    f"iam:{verb}*" for verb in ("Add", "Attach", "Create", "Delete", "Detach", "Put", "Remove", "Set", "Tag", "Update")
)
_PEOPLE: Final = (
    *(f"iam:*{what}*" for what in ("AccessKey", "Group", "LoginProfile", "MFADevice", "OpenIDConnect", "SAMLProvider")),
    *("iam:*AccountAlias", "iam:*AccountPasswordPolicy", "iam:*User", "iam:*UserPolicy"),
    "iam:DeleteRolePermissionsBoundary",
)
_WATCH: Final = (
    "cloudtrail:Delete*",
    "cloudtrail:Put*",
    "cloudtrail:Stop*",
    "cloudtrail:Update*",
    "account:*",
    "organizations:*",
)
_OWN: Final = (*(f"role/odmd-{what}-*" for what in (DEPLOY, EXEC, MIRROR, VERIFY)), "policy/odmd-*")


def guard_name(region: str) -> str:
    """The name of the guard in a region."""
    return f"odmd-guard-{region}"


def guard(target: Target) -> Boundary:
    """The boundary of an account's roles in a region."""
    own = tuple(iam_arn(what, target) for what in _OWN)
    stacks = (BASE_STACK, "odmd-roles-*", f"StackSet-{BASE_STACK}-*", "StackSet-odmd-roles-*")
    bases = tuple(arn("cloudformation", f"stack/{one}/*", target.region, target.account) for one in stacks)
    return Boundary(
        guard_name(target.region),
        (
            Statement(EVERYTHING, EVERYTHING, "a boundary allows nothing by itself"),
            Statement(_WRITES, own, "nobody gives himself rights", denies=True),
            Statement(("cloudformation:*",), bases, "nobody gives himself rights", denies=True),
            Statement(_PEOPLE, EVERYTHING, "people and keys are not deployed", denies=True),
            Statement(_WATCH, EVERYTHING, "what watches the account stays", denies=True),
        ),
    )
