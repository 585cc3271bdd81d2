"""How far the contracts that a CDK app was built against are from the organisation's."""

from __future__ import annotations

from odmd.graph import EnverNode
from odmd.model.run_document import Seen


def skew(enver: EnverNode, contracts: str, seen: Seen) -> str:
    """How the contracts that the app was built against differ from the organisation's; empty where they do not."""
    inputs = {wire.name.partition("/")[0] for wire in enver.wires} - set(seen.hubs)
    made_on_request = tuple(f"{asked.key}/" for asked in enver.asked)
    products = {one.name for one in enver.products if not one.name.startswith(made_on_request)}
    said = [
        *(f"does not know input {name}" for name in sorted(inputs - set(seen.inputs))),
        *(f"knows an input {name} that is no more" for name in sorted(set(seen.inputs) - inputs)),
        *(f"does not know product {name}" for name in sorted(products - set(seen.products)) if "/" not in name),
        *(f"knows a product {name} that is no more" for name in sorted(set(seen.products) - products)),
    ]
    if not said and seen.contracts == contracts:
        return ""
    versions = f"built against {seen.contracts or 'contracts without a version'}, the organisation is at "
    return f"{versions}{contracts or 'contracts without a version'}" + "".join(f"; {one}" for one in said)
