"""Roles of accounts: what contracts and settings need, and what makes, proves and removes them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from odmd.bootstrap.settings import Settings
from odmd.errors import CloudRefused, CloudUnreachable, PlaceUnknown
from odmd.graph import Compiled
from odmd.graph.rights.derive import bootstraps
from odmd.graph.rights.explain import by_name, explained
from odmd.graph.rights.roles import BASE_STACK, AccountRoles, Trusts
from odmd.graph.rights.used import RolesUsed
from odmd.model.targets import Target

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.role_stacks import RoleStacks, StackOfRoles
    from odmd.providers.aws.simulating import EngineVerdict

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ANY_REGION: Final = "us-east-1"
"""IAM knows none."""


def needed(settings: Settings, compiled: Compiled) -> Mapping[Target, AccountRoles]:
    """What each account and region is to have."""
    said = settings.roles
    trusts = Trusts(said.trusts, said.server, said.github, said.only_ids, settings.qualifiers, said.asset_key)
    return bootstraps(compiled.graph, compiled.kinds, trusts)


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Where roles are that nothing in the contracts needs any more, as far as accounts are known: by the contracts, and
    by their profiles."""

    places: Sequence[Target] = ()
    unseen: Sequence[str] = ()
    """Why one could not look into an account where no enver lives."""


def left(
    stacks: RoleStacks,
    settings: Settings,
    needs: Mapping[Target, AccountRoles],
    typed: Sequence[str],
    organisation: str,
) -> LeftBehind:
    """Looks for them in the accounts that somebody typed; nothing typed: in all. Proves that credentials are for the
    accounts that are meant.

    Raises:
        CloudUnreachable, CloudRefused, CredentialsRefused
    """
    known = {at.account: at for at in needs}
    region = next((at.region for at in needs), _ANY_REGION)
    named = [text.partition("/")[0] for text in typed]
    accounts = [one for one in named if _ACCOUNT.fullmatch(one)] if typed else [*known, *settings.profiles]
    places, unseen = list[Target](), list[str]()
    for account in dict.fromkeys(accounts):
        try:
            guarded = stacks.guarded(known.get(account, Target(account, region)))
            places += [one for one in guarded if one not in needs and stacks.there(one, organisation)]
        except (CloudUnreachable, CloudRefused) as failed:
            if account in known:
                raise
            unseen.append(f"account {account}, where no enver lives, cannot be looked at: {failed.fact}")
    return LeftBehind(sorted(places), unseen)


def picked(places: Sequence[Target], typed: Sequence[str]) -> Sequence[Target]:
    """Those that somebody typed, `ACCOUNT` or `ACCOUNT/REGION`, in their order; nothing typed: all.

    Raises:
        PlaceUnknown
    """
    found = dict[Target, None]()
    for text in typed:
        account, _, region = text.partition("/")
        here = [at for at in places if at.account == account and region in ("", at.region)]
        if not here:
            there = ", ".join(f"{at.account}/{at.region}" for at in places) or "none"
            raise PlaceUnknown(
                f"no enver of the contracts that has roles lives in {text}, and no value stands there",
                next_step=f"those that have some: {there}",
            )
        found |= dict.fromkeys(here)
    return list(found if typed else places)


def role_stacks(settings: Settings) -> RoleStacks:
    """The stacks of roles in any account, with the account's own credentials."""
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.role_stacks import RoleStacks

    return RoleStacks(Sessions(profiles=settings.profiles), settings.qualifiers)


def look(
    stacks: RoleStacks,
    needs: Mapping[Target, AccountRoles],
    places: Sequence[Target],
    organisation: str,
    *,
    remove: bool,
) -> Mapping[Target, Sequence[StackOfRoles]]:
    """What would become of all of them, or that they go, in the order in which it happens: whoever says yes has seen
    all of it.

    Raises:
        RolesUnfit, CloudUnreachable, CloudRefused, CredentialsRefused
    """
    if remove:
        return {at: stacks.look_at_removal(at, organisation) for at in places}
    return {at: stacks.look(needs[at], organisation) for at in places}


def drift(stacks: RoleStacks, wanted: AccountRoles, organisation: str) -> Sequence[str]:
    """How what a place has differs from what the contracts say, in words.

    Raises:
        CloudUnreachable, CloudRefused, CredentialsRefused
    """
    needed = {BASE_STACK, *(build.stack for build in wanted.builds)}
    return [*stacks.drift(wanted), *left_stacks(stacks, wanted.target, organisation, needed)]


def left_stacks(
    stacks: RoleStacks, at: Target, organisation: str, needed: Container[str] = frozenset()
) -> Sequence[str]:
    """In words: stacks of roles that nothing in the contracts needs any more.

    Raises:
        CloudUnreachable, CloudRefused, CredentialsRefused
    """
    there = [one for one in stacks.there(at, organisation) if one not in needed]
    return [f"stack {one}: is there, and what it is for left the contracts" for one in there]


def templates(bootstrap: AccountRoles, organisation: str) -> Mapping[str, str]:
    """The templates of an account and region by the names of their stacks.

    Raises:
        RolesUnfit
    """
    from odmd.providers.aws.roles_template import stack_templates

    return {name: one.template for name, one in stack_templates(bootstrap, organisation).items()}


def organisation_template(bootstraps: Iterable[AccountRoles], organisation: str) -> tuple[str, bool]:
    """One template that makes all of them by stack sets; and whether it is too long to be sent along by itself.

    Raises:
        RolesUnfit
    """
    from odmd.providers.aws.stack_sets import LONGEST_ALONE
    from odmd.providers.aws.stack_sets import organisation_template as made

    text = made(bootstraps, organisation)
    return text, len(text.encode()) > LONGEST_ALONE


def verdict_of_engine(
    settings: Settings, needs: Mapping[Target, AccountRoles], name: str, action: str, resource: str
) -> EngineVerdict:
    """What AWS says of a role or a boundary that the contracts need, whether or not it is there: asked with the
    credentials of its account.

    Raises:
        RoleUnknown, CloudUnreachable, CloudRefused, CredentialsRefused
    """
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.simulating import engine_verdict

    name = explained(needs.values(), name, action, resource).role
    at, (said, guard) = next((at, known[name]) for at, one in needs.items() if name in (known := dict(by_name([one]))))
    return engine_verdict(Sessions(profiles=settings.profiles), at, said, guard, action, resource)


def role_drift(settings: Settings, compiled: Compiled, target: Target) -> Sequence[str]:
    """How the roles of a place differ from what the contracts need, in words; nothing where it has none, or where they
    are not used.

    Raises:
        CloudUnreachable, CloudRefused, CredentialsRefused
    """
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.taking import roles_are_there

    if settings.roles.use is RolesUsed.OFF or not roles_are_there(Sessions(profiles=settings.profiles), target):
        return ()
    wanted = needed(settings, compiled).get(target)
    return drift(role_stacks(settings), wanted, compiled.graph.organisation) if wanted else ()


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
