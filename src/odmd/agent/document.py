"""Writes the run document of a run."""

from __future__ import annotations

from odmd.control.state import Run
from odmd.graph import EnverNode
from odmd.model.run_document import DocumentInput, DocumentProduct, RunDocument


def run_document(run: Run, enver: EnverNode) -> RunDocument:
    """Names, place and inputs of one run, for the service's app."""
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
                wires[given.name].parameter, given.product, wires[given.name].kind, given.version, given.text
            )
            for given in run.inputs
            if given.name in wires
        },
        products={product.name: DocumentProduct(product.output, product.kind) for product in enver.products},
    )
