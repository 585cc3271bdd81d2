"""Who may do what in AWS, derived from the contracts: roles, their statements, and the lines that these come from."""

from odmd.graph.rights.derive import WITH_ROLES, bootstraps, role_for
from odmd.graph.rights.roles import Bootstrap, BuildRoles, Provider, Role, RolesUsed, Trusts

__all__ = ["WITH_ROLES", "Bootstrap", "BuildRoles", "Provider", "Role", "RolesUsed", "Trusts", "bootstraps", "role_for"]
