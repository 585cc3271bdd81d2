"""Who writes published values for other systems, and where: in the organisation's account, in each enver's region."""

from __future__ import annotations

from typing import Final

from odmd.graph.nodes import Graph
from odmd.graph.rights.roles import MIRROR, IamRole, Trusts
from odmd.graph.rights.services import arn
from odmd.graph.rights.statements import Statement
from odmd.graph.rights.trust import of_mirror_role
from odmd.model import naming
from odmd.model.targets import Target

_WRITES: Final = tuple(
    f"ssm:{one}" for one in ("DeleteParameters", "GetParameter", "GetParametersByPath", "PutParameter")
)


def mirrors(graph: Graph) -> frozenset[Target]:
    """Where values stand."""
    made = ((enver, product) for enver in graph.envers.values() for product in enver.products)
    regions = {region for enver, product in made for region in (enver.region, *product.regions)}
    return frozenset(Target(graph.central_account, region) for region in regions)


def mirror_role(target: Target, trusts: Trusts) -> IamRole:
    """What is taken in order to write there, and nothing else: all below the folder, as envers come and go."""
    there = tuple(arn("ssm", f"parameter{naming.SHARE}{end}", target.region, target.account) for end in ("", "/*"))
    may = (Statement(_WRITES, there, "values for other systems"),)
    taken = (of_mirror_role(target, trusts),)
    return IamRole(naming.mirror_role(target.region), MIRROR, "", "", target, taken, may)
