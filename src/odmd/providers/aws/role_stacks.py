"""Makes, changes, proves and removes the stacks of roles: what is done is what was shown."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from odmd.control.running.saying import Progress
from odmd.errors import RolesMoved, RolesUnfit
from odmd.graph.rights.guard import guard_name
from odmd.graph.rights.roles import BASE_STACK, AccountRoles
from odmd.graph.rights.standing import differences, expected
from odmd.model.targets import Target
from odmd.providers.aws.assets import Assets
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.change_sets import PREFIX, ChangeSets
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.execution import Execution
from odmd.providers.aws.preflight import preflight
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.roles_found import in_iam, in_template
from odmd.providers.aws.roles_template import ORGANISATION_TAG, stack_templates
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.templates import Template, parsed, section
from odmd.providers.aws.waiting import quiet

_IN_WORDS: Final = {
    "AWS::IAM::OIDCProvider": "GitHub's provider of identities",
    "AWS::S3::Bucket": "a bucket for assets",
}
_MOST_OF_ACCOUNT: Final = {"AWS::IAM::ManagedPolicy": ("managed policies", 1500), "AWS::IAM::Role": ("roles", 1000)}
"""Unless AWS is asked for more; whatever else is there counts, too."""


@dataclass(frozen=True, slots=True)
class StackOfRoles:
    """What would become of one stack, and why that matters."""

    at: Target
    name: str
    before: Template
    """As it is; empty: not there."""
    after: StackTemplate | None
    """None: it goes."""
    changes: tuple[str, ...]
    """Who gains and loses what."""

    @property
    def does(self) -> str:
        """`make`, `change`, `remove`; nothing where it is as it should be."""
        if self.after is None:
            return "remove"
        if self.before == parsed(self.after.template):
            return ""
        return "change" if self.before else "make"


class RoleStacks:
    """Those of any account and region, with the account's own credentials."""

    def __init__(self, sessions: Sessions, qualifiers: Mapping[str, str] | None = None) -> None:
        self._sessions, self._stacks = sessions, Stacks(sessions)
        bootstrapping = Bootstrapping(sessions, qualifiers or {})
        self._change_sets = ChangeSets(sessions, self._stacks, Assets(bootstrapping), bootstrapping)
        self._execution = Execution(sessions)

    def look(self, bootstrap: AccountRoles, organisation: str) -> Sequence[StackOfRoles]:
        """What would become of each stack, in the order in which it happens. Changes nothing.

        Raises:
            RolesUnfit, CloudUnreachable, CloudRefused, CredentialsRefused
        """
        wanted, target = stack_templates(bootstrap, organisation), bootstrap.target
        found = [self._planned(name, one, target, organisation) for name, one in wanted.items()]
        ours = self.there(target, organisation)
        return [*found, *self._going([name for name in ours if name not in wanted], target)]

    def look_at_removal(self, target: Target, organisation: str) -> Sequence[StackOfRoles]:
        """That all of them go. A bucket for assets stays, with what is in it.

        Raises:
            CloudUnreachable, CloudRefused, CredentialsRefused
        """
        ours = self.there(target, organisation)
        return list(self._going(sorted(ours, key=lambda name: name == BASE_STACK), target))

    def there(self, target: Target, organisation: str) -> Sequence[str]:
        """The names of those of an organisation.

        Raises:
            CloudUnreachable, CloudRefused, CredentialsRefused
        """
        return self._stacks.tagged(ORGANISATION_TAG, organisation, target)

    def guarded(self, account: Target) -> Sequence[Target]:
        """The regions of an account that have roles of odmd's, whoever made them: IAM is asked in one region for all.

        Raises:
            CloudUnreachable, CloudRefused
            CredentialsRefused: also where they are another account's.
        """
        preflight(self._sessions, account)
        head = guard_name("")
        with reaching(account):
            iam = cast("Any", self._sessions.reader("iam", account))
            pages = iam.get_paginator("list_policies").paginate(Scope="Local", PaginationConfig={"PageSize": 1000})
            names = [one["PolicyName"] for page in pages for one in page["Policies"]]
        return [Target(account.account, one.removeprefix(head)) for one in names if one.startswith(head)]

    @staticmethod
    def above_quotas(planned: Mapping[Target, Sequence[StackOfRoles]]) -> Iterator[str]:
        """In words: of what accounts would have more of than AWS lets them."""
        counts = dict[str, Counter[str]]()
        for at, stacks in planned.items():
            made = (parsed(one.after.template) for one in stacks if one.after)
            types = (resource["Type"] for template in made for resource in section(template, "Resources").values())
            counts.setdefault(at.account, Counter()).update(types)
        for account, counted in counts.items():
            for type, (what, most) in _MOST_OF_ACCOUNT.items():
                if counted[type] > most:
                    yield (
                        f"account {account} would have {counted[type]} {what}, and AWS lets it have {most}: ask for "
                        "more (Service Quotas, IAM), or let some builds live in another account"
                    )

    def carry_out(self, planned: StackOfRoles, progress: Progress = quiet) -> None:
        """Does what was shown, unless somebody did something else meanwhile.

        Raises:
            RolesMoved, StackFailed, CloudUnreachable, CloudRefused, CredentialsRefused
        """
        target = planned.at
        if self._there(planned.name, target) != planned.before:
            raise RolesMoved(f"stack {planned.name} in {target} was changed meanwhile", next_step="look again")
        if (wanted := planned.after) is None:
            self._stacks.delete(planned.name, target, progress)
            return
        content = hashlib.sha256(wanted.template.encode()).hexdigest()[:12]
        name = f"{PREFIX}roles-{content}"
        change_set = self._change_sets.propose(wanted, {}, name, "roles of odmd", target, progress)
        self._execution.execute(change_set, target, progress)
        if self._sessions.on_this_machine(target):
            self._bound(parsed(wanted.template), target)

    def _bound(self, template: Template, target: Target) -> None:
        """For an emulator whose CloudFormation makes roles without the boundary that the template says."""
        iam = cast("Any", self._sessions.reader("iam", target))
        with reaching(target):
            for resource in section(template, "Resources").values():
                if boundary := resource["Properties"].get("PermissionsBoundary"):
                    name = resource["Properties"]["RoleName"]
                    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)

    def drift(self, bootstrap: AccountRoles) -> Sequence[str]:
        """How what IAM has differs from what the contracts say, in words.

        Raises:
            CloudUnreachable, CloudRefused, CredentialsRefused
        """
        should = expected(bootstrap)
        found = in_iam(self._sessions, should, bootstrap.target)
        missing = [f"{name}: is not there" for name in should if name not in found]
        known = {name: one for name, one in should.items() if name in found}
        return [*missing, *differences(known, found)]

    def _planned(self, name: str, wanted: StackTemplate, target: Target, organisation: str) -> StackOfRoles:
        running, after = self._stacks.running(name, target), parsed(wanted.template)
        if running is not None and (owner := running.tags.get(ORGANISATION_TAG)) != organisation:
            whose = f"organisation {owner}'s" if owner else "somebody else's"
            raise RolesUnfit(
                f"stack {name} in {target} is {whose}",
                next_step="one organisation has the roles of an account: remove that stack, or use another account",
            )
        before = self._there(name, target)
        changes = [*_told(before, after), *differences(in_template(before), in_template(after))]
        return StackOfRoles(target, name, before, wanted, tuple(changes))

    def _going(self, names: Sequence[str], target: Target) -> Iterator[StackOfRoles]:
        for name in names:
            before = self._there(name, target)
            changes = differences(in_template(before), {})
            yield StackOfRoles(target, name, before, None, tuple(changes))

    def _there(self, name: str, target: Target) -> Template:
        """The template of a stack of ours; empty where there is none."""
        if self._stacks.running(name, target) is None:
            return {}
        return self._stacks.template(name, target, as_sent=True)


def _told(before: Template, after: Template) -> Iterator[str]:
    """What is made or goes besides roles."""
    old, new = section(before, "Resources"), section(after, "Resources")
    for id in [*new, *(one for one in old if one not in new)]:
        what = _IN_WORDS.get((new.get(id) or old[id])["Type"])
        if what and (id in old) != (id in new):
            yield f"{what}: {'new' if id in new else 'goes'}"
