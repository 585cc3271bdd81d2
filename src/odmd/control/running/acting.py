"""With what rights a run does something in the account of its enver."""

from __future__ import annotations

from odmd.graph import EnverNode
from odmd.graph.rights.derive import WITH_ROLES, boundary_for, role_for
from odmd.graph.rights.roles import DEPLOY, EXEC
from odmd.model.targets import Acting, ActingTarget, Target


def acting_target(enver: EnverNode, run: int) -> Target:
    """The place of an enver, and the roles for it, if its build type has any."""
    if enver.build_type not in WITH_ROLES:
        return enver.target
    acting = Acting(role_for(DEPLOY, enver), role_for(EXEC, enver), boundary_for(enver), enver.address, run)
    return ActingTarget(enver.account, enver.region, acting)
