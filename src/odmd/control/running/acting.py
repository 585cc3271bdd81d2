"""With what rights something is done for an enver in its account."""

from __future__ import annotations

from odmd.graph import EnverNode
from odmd.graph.rights.derive import WITH_ROLES, boundary_in, role_in
from odmd.graph.rights.roles import DEPLOY, EXEC, VERIFY
from odmd.graph.rights.scopes import class_of_slot
from odmd.model import naming
from odmd.model.build_types import BuildType
from odmd.model.targets import Acting, ActingTarget, Target


def acting_target(enver: EnverNode, run: int) -> Target:
    """The place of an enver, and the roles for a run of it, if its build type has any."""
    return _acting(enver.address, enver.target, run) if enver.build_type in WITH_ROLES else enver.target


def clearing_target(enver: str, type: BuildType, at: Target) -> Target:
    """A place, and the roles with which something of an enver is taken away there, if its build type has any: known by
    its address, as it may have left the contracts."""
    return _acting(enver, at, None) if type.name in WITH_ROLES else at


def mirroring_target(account: str, region: str) -> Target:
    """Where values stand for other systems, and the role with which they are written there."""
    return ActingTarget(account, region, Acting(naming.mirror_role(region), "", "", "", "", None))


def verifying_target(enver: EnverNode, run: int) -> Target:
    """The place of an enver, and the role of programs that check it, if its build type has any."""
    if enver.build_type not in WITH_ROLES:
        return enver.target
    role = role_in(VERIFY, enver.build, enver.slot, enver.region)
    return ActingTarget(enver.account, enver.region, Acting(role, "", "", "", enver.address, run))


def _acting(enver: str, at: Target, run: int | None) -> ActingTarget:
    build, _, slot = enver.partition("/")
    deploy, exec_ = (role_in(what, build, slot, at.region) for what in (DEPLOY, EXEC))
    boundary = boundary_in(build, slot, at.region)
    templates = naming.template_folder(build, class_of_slot(slot))
    return ActingTarget(at.account, at.region, Acting(deploy, exec_, boundary, templates, enver, run))
