"""ODMD177: what decides itself who may use it has an app that is told of its consumers in other accounts."""

from collections.abc import Iterator

from odmd.errors import Diagnostic, Severity
from odmd.graph.draft import Draft
from odmd.graph.rights.accesses import DOES, grant_of
from odmd.model.access import Access


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Warns of wires into another account that only the policy of the thing behind the value could allow."""
    asked = {name for name, kind in draft.kinds.items() if (grant := grant_of(kind)) is not None and grant.is_asked}
    for client in draft.nodes if asked else ():
        for wire in client.wires:
            maker, product = draft.envers.get(wire.producer), draft.products.get(wire.product)
            if wire.kind not in asked or maker is None or product is None or not maker.type.has_stacks:
                continue
            if maker.account != client.account and not product.lets_in:
                does = f"{client.label} {DOES[Access(wire.access)]} `{product.name}` of {maker.label}"
                yield Diagnostic(
                    "ODMD177",
                    f"{does} from another account, and no app is told whom a policy there has to let in",
                    wire.place,
                    f"declare `{product.name}` as produced(…, tells_consumers=True), and say allow_consumers(enver."
                    f"{product.name}, …) in its app",
                    Severity.WARNING,
                )
