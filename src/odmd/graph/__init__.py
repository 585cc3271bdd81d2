"""Contracts compiled into an immutable graph, and every mistake in them found at once."""

from odmd.graph.compile import Compiled, compile_contracts
from odmd.graph.load import Loaded, load_organisation
from odmd.graph.nodes import EnverNode, Graph, ProductNode, WireEdge, digest

__all__ = [
    "Compiled",
    "EnverNode",
    "Graph",
    "Loaded",
    "ProductNode",
    "WireEdge",
    "compile_contracts",
    "digest",
    "load_organisation",
]
