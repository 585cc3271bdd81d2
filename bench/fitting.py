"""How long it takes to say what fits beside what runs: `python bench/fitting.py SERVICES`.

Of one API with 200 clients, and of a whole organisation that moves at once. The baseline looks once at each wire.
Seconds are those of the processor.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generated import organisation

from odmd.control.leading.in_use import InUse
from odmd.control.reading.documents import document_name
from odmd.graph import EnverNode, Graph, compile_contracts, digest
from odmd.graph.difference import Edition
from odmd.graph.schemas import compared
from odmd.plan import Fingerprint, Recorded, RecordedEnver
from odmd.plan.fitting import Move, Version, answer
from odmd.plan.fitting.links import links
from odmd.store.memory import MemoryStore

CLIENTS = 200
DOCUMENTS = 48


def main(services: int) -> None:
    """Prints one line for each."""
    one_with_clients()
    everything(services)


def one_with_clients() -> None:
    """Each client relies on a document of its own; nothing was compared before."""
    graph = compile_contracts(organisation(CLIENTS + 1)).graph
    compared(api(range(3)), api(range(2)))  # the library is imported once a process
    provider, *clients = [one for one in graph.envers.values() if one.slot == "b..dev"]
    product = replace(provider.products[0], schema="served")
    wires = [
        client.wires[0]._replace(product=product.address, producer=provider.address, schema=f"client{at}")
        if client.wires
        else None
        for at, client in enumerate(clients)
    ]
    nodes = [replace(provider, products=(product,))]
    nodes += [replace(client, wires=(wire,)) for client, wire in zip(clients, wires, strict=True) if wire]
    small = Graph("bench", "1" * 12, {one.address: one for one in nodes}, {})
    documents = {"served": api(range(30)), **{f"client{at}": api(range(at % 20, at % 20 + 9)) for at in range(CLIENTS)}}
    store = MemoryStore(lambda _p, _e: None)
    in_use = InUse(Edition(small, documents), deployed(small), store, before=Edition(small, documents))
    moves = {provider.address: Move(Version(nodes[0], {"served": kept(store, api(range(29)))}), 0)}
    began = time.process_time()
    found = answer(in_use.situation(moves), list(moves), provider.address, "", in_use.known)
    print(f"one API with {len(found.links)} clients: can it be deployed? {time.process_time() - began:5.3f} s")


def everything(services: int) -> None:
    """All envers move, and each wire is held against two versions of either end."""
    graph = compile_contracts(organisation(services)).graph
    graph = replace(graph, envers={one.address: with_schemas(one) for one in graph.envers.values()})
    gc.freeze()
    documents = {f"served{n}": api(range(n, n + 9)) for n in range(DOCUMENTS)}
    documents |= {f"relied{n}": api(range(n, n + 5)) for n in range(DOCUMENTS)}
    store = MemoryStore(lambda _p, _e: None)
    in_use = InUse(Edition(graph, documents), deployed(graph), store, before=Edition(graph, documents))
    newer = {f"served{n}": kept(store, api(range(n, n + 8))) for n in range(DOCUMENTS)}
    newer |= {name: digest(one) for name, one in documents.items() if name not in newer}
    moves = {one.address: Move(Version(one, newer), at % 20) for at, one in enumerate(graph.envers.values())}
    began = time.process_time()
    _ = {wire.product: wire for wire in graph.wires() if wire.schema}
    baseline = (time.process_time() - began) or sys.float_info.min
    began = time.process_time()
    count = sum(1 for _ in links(in_use.situation(moves), list(moves)))
    took = time.process_time() - began
    wires = sum(1 for _ in graph.wires())
    print(
        f"{services:6d} services {len(graph.envers):6d} envers {wires:7d} wires  {count} links  "
        f"what fits {took:5.2f} s  {took / baseline:5.0f} × looking at each wire"
    )


def with_schemas(enver: EnverNode) -> EnverNode:
    """Its products and inputs with one of the documents each, by the number of who makes them."""
    products = tuple(replace(one, schema=f"served{number(enver.address)}") for one in enver.products)
    wires = tuple(one._replace(schema=f"relied{number(one.producer)}") for one in enver.wires)
    return replace(enver, products=products, wires=wires)


def number(address: str) -> int:
    """Of an enver's document."""
    return int(address.partition("/")[0][1:]) % DOCUMENTS


def deployed(graph: Graph) -> Recorded:
    """Everything runs."""
    run = {one: Fingerprint("c0ffee", graph.slice(one), ()) for one in graph.envers}
    return Recorded({one: RecordedEnver(found, {}, unknown=False) for one, found in run.items()}, {})


def api(operations: range) -> Mapping[str, Any]:
    """One that serves so many operations, or relies on them."""
    body = {"type": "object", "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}, "required": ["id"]}
    answers = {"200": {"description": "", "content": {"application/json": {"schema": body}}}}
    return {"openapi": "3.1.0", "paths": {f"/things{n}": {"get": {"responses": answers}} for n in operations}}


def kept(store: MemoryStore, document: Mapping[str, Any]) -> str:
    """The digest under which a document is kept from here on."""
    store.put(document_name(digest(document)), json.dumps(document))
    return digest(document)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
