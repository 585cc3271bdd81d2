"""With what rights a run does something in the account of its enver."""

from __future__ import annotations

from odmd.graph import EnverNode
from odmd.graph.rights.derive import WITH_ROLES, boundary_for, role_for
from odmd.graph.rights.roles import DEPLOY, EXEC
from odmd.graph.rights.scopes import revision_class
from odmd.model import naming
from odmd.model.targets import Acting, ActingTarget, Target


def acting_target(enver: EnverNode, run: int) -> Target:
    """The place of an enver, and the roles for it, if its build type has any."""
    if enver.build_type not in WITH_ROLES:
        return enver.target
    deploy, exec_ = role_for(DEPLOY, enver), role_for(EXEC, enver)
    templates = naming.template_folder(enver.build, revision_class(enver))
    acting = Acting(deploy, exec_, boundary_for(enver), templates, enver.address, run)
    return ActingTarget(enver.account, enver.region, acting)
