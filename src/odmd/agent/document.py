"""Writes the run document of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping

from odmd.control.scheduler.runs import Run
from odmd.graph import EnverNode, ProductNode
from odmd.model.run_document import (
    DocumentConsumer,
    DocumentInput,
    DocumentProduct,
    DocumentRequest,
    RunDocument,
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
