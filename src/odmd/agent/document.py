"""Writes the run document of a run, and reads what the app left beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from odmd.control.state import Run
from odmd.graph import EnverNode, ProductNode
from odmd.model.run_document import (
    DocumentConsumer,
    DocumentInput,
    DocumentProduct,
    DocumentRequest,
    RunDocument,
    Seen,
)


def run_document(run: Run, enver: EnverNode, texts: Mapping[str, str], contracts: str) -> RunDocument:
    """Names, place and inputs of one run, for the service's app; `texts` has the values as they are handed over."""
    wires = {wire.name: wire for wire in enver.wires}
    return RunDocument(
        run=run.id,
        enver=enver.address,
        build=enver.build,
        slot=enver.slot,
        stage=enver.stage,
        account=enver.account,
        region=enver.region,
        ephemeral=enver.ephemeral,
        inputs={
            given.name: DocumentInput(
                wires[given.name].parameter,
                given.product,
                wires[given.name].kind,
                given.version,
                texts[given.name],
                wires[given.name].to,
            )
            for given in run.inputs
            if given.name in texts
        },
        products={product.name: _product(product) for product in enver.products},
        requests=_requests(enver),
        contracts=contracts,
        stack=enver.stack,
    )


def _product(product: ProductNode) -> DocumentProduct:
    told = product.told
    consumers = None if told is None else tuple(DocumentConsumer(c.enver, c.account, c.region, c.access) for c in told)
    return DocumentProduct(product.output, product.kind, consumers)


def _requests(enver: EnverNode) -> dict[str, tuple[DocumentRequest, ...]]:
    found: dict[str, tuple[DocumentRequest, ...]] = {}
    for asked in enver.asked:
        request = DocumentRequest(asked.key, asked.client, asked.account, json.loads(asked.offer))
        found[asked.field] = (*found.get(asked.field, ()), request)
    return found


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
