"""Roles of accounts: what contracts and settings need, and what makes, proves and removes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings
from odmd.errors import PlaceUnknown
from odmd.graph import Compiled
from odmd.graph.rights.derive import bootstraps
from odmd.graph.rights.roles import AccountRoles, Trusts
from odmd.graph.rights.used import RolesUsed
from odmd.model.targets import Target

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.role_stacks import RoleStacks, StackOfRoles


def needed(settings: Settings, compiled: Compiled) -> Mapping[Target, AccountRoles]:
    """What each account and region is to have."""
    trusts = Trusts(settings.roles.trusts, settings.roles.github, settings.qualifiers)
    return bootstraps(compiled.graph, compiled.kinds, trusts)


def picked(needs: Mapping[Target, AccountRoles], places: Sequence[str]) -> Sequence[AccountRoles]:
    """Those in the places that somebody typed, `ACCOUNT` or `ACCOUNT/REGION`, in their order; nothing typed: all.

    Raises:
        PlaceUnknown
    """
    found: dict[Target, AccountRoles] = {}
    for place in places:
        account, _, region = place.partition("/")
        here = {at: one for at, one in needs.items() if at.account == account and region in ("", at.region)}
        if not here:
            there = ", ".join(f"{at.account}/{at.region}" for at in needs) or "none"
            raise PlaceUnknown(
                f"no CDK or image enver of the contracts lives in {place}", next_step=f"those that have some: {there}"
            )
        found |= here
    return list((found if places else needs).values())


def role_stacks(settings: Settings) -> RoleStacks:
    """The stacks of roles in any account, with the account's own credentials."""
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.role_stacks import RoleStacks

    return RoleStacks(Sessions(profiles=settings.profiles), settings.qualifiers)


def look(
    stacks: RoleStacks, wanted: Sequence[AccountRoles], organisation: str, *, remove: bool
) -> Mapping[Target, Sequence[StackOfRoles]]:
    """What would become of all of them, or that they go, in the order in which it happens: whoever says yes has seen
    all of it.

    Raises:
        RolesUnfit, CloudUnreachable, CloudRefused, CredentialsRefused
    """
    look_at = stacks.look_at_removal if remove else stacks.look
    return {one.target: look_at(one, organisation) for one in wanted}


def templates(bootstrap: AccountRoles, organisation: str) -> Mapping[str, str]:
    """The templates of an account and region by the names of their stacks.

    Raises:
        RolesUnfit
    """
    from odmd.providers.aws.roles_template import stack_templates

    return {name: one.template for name, one in stack_templates(bootstrap, organisation).items()}


def with_what_rights(settings: Settings, sessions: Sessions, target: Target) -> str:
    """In words: what runs act with in a place.

    Raises:
        CloudUnreachable, CloudRefused, CredentialsRefused
    """
    from odmd.providers.aws.taking import roles_are_there

    used = settings.roles.use
    if used is RolesUsed.OFF:
        return "runs act with the account's credentials, as the settings say"
    if roles_are_there(sessions, target):
        return "runs act with roles of their own"
    if used is RolesUsed.REQUIRED:
        return "runs need roles of their own, and it has none"
    return "runs act with the account's credentials"
