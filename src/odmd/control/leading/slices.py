"""What the contracts said of an enver when a run was made for it: kept by the digest of that slice, so that the run is
carried out with these names and products, whatever was edited since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from odmd.control.leading.older_nodes import slice_of_today
from odmd.control.ports.reads import Documents, Texts
from odmd.control.scheduler.codec import Body
from odmd.graph import EnverNode, Graph


@dataclass(frozen=True, slots=True)
class Slice:
    """One enver's part of an edition."""

    enver: EnverNode
    version: str
    """Of the contracts package that says it."""


_SLICES: Final = Body(Slice, slice_of_today)


def keep_slice(documents: Documents, graph: Graph, enver: str) -> None:
    """Keeps what a graph says of an enver; equal slices are kept once."""
    name = _name(graph.slice(enver))
    if documents.get(name) is None:
        documents.put(name, _SLICES.encode(Slice(graph.envers[enver], graph.version)))


def find_slice(texts: Texts, graph: Graph, enver: str, digest: str) -> Slice | None:
    """What the contracts said under a digest: as the graph says it, or else as it was kept; None where it was not."""
    if enver in graph.envers and graph.slice(enver) == digest:
        return Slice(graph.envers[enver], graph.version)
    return kept_slice(texts, digest)


def kept_slice(texts: Texts, digest: str) -> Slice | None:
    """What was kept under a digest, whatever the contracts say by now."""
    kept = texts.get(_name(digest))
    return _SLICES.decode(kept) if kept else None


def _name(digest: str) -> str:
    return f"slice/{digest}"
