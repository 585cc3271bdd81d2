"""What programs may do that check a build's envers: to what these made, and to nothing that others did."""

from __future__ import annotations

from collections.abc import Iterator

from odmd.graph.rights.needs import Needs, Why, arns, nameless
from odmd.graph.rights.services import NAMED
from odmd.graph.rights.statements import Statement


def checked(needs: Needs) -> Iterator[Statement]:
    """As the checks of its envers say."""
    said = dict[str, Why]()
    for enver in needs.envers:
        for action in enver.verification.rights:
            said.setdefault(action, Why(f"{enver.label} is checked by who may do it", enver.place))
    for action, why in said.items():
        service = action.partition(":")[0]
        if named := NAMED.get(service):
            own = arns(service, named.own, needs.names, needs.target)
            yield Statement((action,), own, why.said, why.place)
        else:
            yield nameless(service, needs, why, (action,))
