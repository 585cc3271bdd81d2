"""Writes the run document of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from odmd.control.scheduler.runs import Run
from odmd.graph import EnverNode, ProductNode
from odmd.graph.nodes import ConfigNode
from odmd.graph.rights.letting import documents
from odmd.graph.rights.letting import told as lets
from odmd.model import naming
from odmd.model.kinds import Kind
from odmd.model.run_document import (
    DocumentConfig,
    DocumentConsumer,
    DocumentInput,
    DocumentProduct,
    DocumentRequest,
    RunDocument,
)


def run_document(
    run: Run,
    enver: EnverNode,
    texts: Mapping[str, str],
    contracts: str,
    config: Mapping[str, str] = MappingProxyType({}),
    kinds: Mapping[str, type[Kind]] = MappingProxyType({}),
) -> RunDocument:
    """Names, place, inputs and private config of one run, for the service's app.

    Args:
        texts: the values as they are handed over.
        config: name → JSON text.
        kinds: of its products, by which it is known what to let consumers do; none: it says nothing of that.
    """
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
        products={product.name: _product(enver, product, kinds) for product in enver.products},
        requests=_requests(enver),
        contracts=contracts,
        stack=enver.stack,
        config={one.name: _config(enver, one, config) for one in enver.configs},
    )


def _config(enver: EnverNode, config: ConfigNode, texts: Mapping[str, str]) -> DocumentConfig:
    path = naming.config_path(enver.build, enver.slot, config.name)
    return DocumentConfig(config.read, texts.get(config.name, ""), naming.config_parameter(config.name), path)


def _product(enver: EnverNode, product: ProductNode, kinds: Mapping[str, type[Kind]]) -> DocumentProduct:
    told = product.told
    consumers = None if told is None else tuple(DocumentConsumer(c.enver, c.account, c.region, c.access) for c in told)
    lets_in = documents(lets(enver, product, kinds))
    return DocumentProduct(product.output, product.kind, consumers, tuple(lets_in))


def _requests(enver: EnverNode) -> dict[str, tuple[DocumentRequest, ...]]:
    found: dict[str, tuple[DocumentRequest, ...]] = {}
    for asked in enver.asked:
        request = DocumentRequest(asked.key, asked.client, asked.account, json.loads(asked.offer))
        found[asked.field] = (*found.get(asked.field, ()), request)
    return found
