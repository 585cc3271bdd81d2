"""How long it takes to resolve private config: 10,000 envers of 50 keys in four layers, beside a plain merge of dicts.

`python bench/config.py [ENVERS]`
"""

from __future__ import annotations

import gc
import hmac
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION, Layer, LayerKind
from odmd.control.config.resolving import Resolved, Resolver
from odmd.errors import Place
from odmd.graph import EnverNode, Graph
from odmd.graph.nodes import ConfigNode

KEYS = 50
HERE = Place("contracts.py", 1)
SCHEMA = {
    "type": "object",
    "properties": {
        f"key{n}": {"type": ("integer", "string", "boolean")[n % 3], "default": (n, f"text {n}", True)[n % 3]}
        for n in range(KEYS)
    },
}


def value(key: int, layer: int) -> Any:
    """Of a key's type."""
    return (key * layer, f"text {key} of layer {layer}", bool(layer % 2))[key % 3]


def said(layer: int) -> ConfigDocument:
    """What one layer says: 13 of the keys, some of which others say, too."""
    keys = range(layer * 12, layer * 12 + 14)
    return ConfigDocument({"settings": {f"key{key}": value(key, layer) for key in keys if key < KEYS}})


def enver(n: int) -> EnverNode:
    """One of as many builds."""
    named: dict[str, Any] = {"address": f"e{n}/b..main", "build": f"e{n}", "build_type": "cdk", "slot": "b..main"}
    where: dict[str, Any] = {"stage": "dev", "stage_place": HERE, "account": "1", "region": "us-west-1", "place": HERE}
    source: dict[str, Any] = {"repo": "r", "folder": ".", "team": "t", "revision": "branch:main"}
    config = ConfigNode("settings", "Settings", "")
    return EnverNode(**named, **where, **source, ephemeral=False, products=(), wires=(), configs=(config,))


def timed(do: Callable[[], object]) -> float:
    """Seconds of this process, whatever else the machine does."""
    gc.collect()
    began = time.process_time()
    do()
    return time.process_time() - began


def main(envers: int) -> None:
    """Prints the figures."""
    graph = Graph("acme", "1", {one.address: one for one in map(enver, range(envers))}, {})
    layers = {ORGANISATION: said(0), Layer(LayerKind.STAGE, "dev"): said(1)}
    layers |= {Layer(LayerKind.BUILD, one.build): said(2) for one in graph.envers.values()}
    layers |= {Layer(LayerKind.ENVER, one): said(3) for one in graph.envers}
    first = next(iter(graph.envers.values()))

    def identify(one: Resolved) -> str:
        return hmac.digest(b"k" * 32, one.text.encode(), sha256).hex()

    def all_of_them() -> None:
        resolver = Resolver(graph, {"Settings": SCHEMA}, layers)
        for one in graph.envers.values():
            resolver.settings(one, identify)

    def plain() -> None:
        parts = [said(layer).config["settings"] for layer in range(4)]
        for _ in range(envers):
            found: dict[str, Any] = {}
            for part in parts:
                found.update(part)

    def one_alone() -> None:
        Resolver(graph, {"Settings": SCHEMA}, layers).settings(first, identify)

    one = min(timed(one_alone) for _ in range(5))
    every, merge = (min(timed(do) for _ in range(3)) for do in (all_of_them, plain))
    print(f"one enver, types read anew: {one * 1000:.2f} ms (bound: 5 ms)")
    print(f"{envers:,} envers x {KEYS} keys x 4 layers: {every:.2f} s (bound: 1 s for 10,000)")
    print(f"a plain merge of as many dicts: {merge:.2f} s; ratio {every / merge:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
