"""Editions of the contracts that were carried out, with what comparing them needs, by digest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from odmd.control.leading.older_nodes import edition_of_today
from odmd.control.ports.reads import Documents, Texts
from odmd.control.ports.store import Store
from odmd.control.scheduler.codec import Body
from odmd.errors import StateUnreadable
from odmd.graph import Compiled, EnverNode, Graph
from odmd.graph.clones import graph_with_clones
from odmd.graph.difference import Edition
from odmd.graph.governed import UNGOVERNED, Governed
from odmd.graph.nodes import BuildNode, CloneSetNode

FORMAT: Final = 1
_NEWEST: Final = "contracts/newest"
_BEFORE: Final = "contracts/before"


@dataclass(frozen=True, slots=True)
class _KeptEdition:
    """An edition without what is derived from it."""

    format: int
    organisation: str
    central_account: str
    version: str
    envers: dict[str, EnverNode]
    moves_after: dict[str, tuple[str, ...]]
    builds: dict[str, BuildNode]
    documents: dict[str, Any]
    lineage: dict[str, tuple[str, ...]]
    stages: tuple[str, ...] = ()
    governed: Governed = UNGOVERNED
    clones: tuple[CloneSetNode, ...] = ()
    """Made on demand; what else it says is what the text does."""


@dataclass(frozen=True, slots=True)
class _KeptClones:
    """An edition that differs from another one by clones alone."""

    text: str
    """Where that is kept."""
    clones: tuple[CloneSetNode, ...]


_CLONES: Final = Body(_KeptClones)
_EDITIONS: Final = Body(_KeptEdition, edition_of_today)


def encode_edition(edition: Edition) -> str:
    """JSON text; equal editions of one order have equal texts."""
    graph, clones = edition.graph.text, edition.graph.clones
    told = _KeptEdition(
        FORMAT,
        graph.organisation,
        graph.central_account,
        graph.version,
        dict(graph.envers),
        dict(graph.moves_after),
        dict(graph.builds),
        dict(edition.documents),
        dict(edition.lineage),
        graph.stages,
        graph.governed,
        clones,
    )
    return _EDITIONS.encode(told)


def decode_edition(text: str) -> Edition:
    """What `encode_edition` wrote.

    Raises:
        StateUnreadable: it is of another format.
    """
    try:
        told = _EDITIONS.read(text)
    except ValueError as wrong:
        raise StateUnreadable(
            f"the contracts that were carried out last cannot be read: {wrong}",
            next_step="use the release of odmd that wrote the state, or a newer one",
        ) from wrong
    rest = (told.moves_after, told.version, told.builds, told.stages, told.governed)
    graph = Graph(told.organisation, told.central_account, told.envers, *rest)
    return Edition(graph_with_clones(graph, told.clones), told.documents, told.lineage)


def encode_graph(graph: Graph) -> str:
    """JSON text of a graph alone."""
    return encode_edition(Edition(graph))


def decode_graph(text: str) -> Graph:
    """What `encode_graph` wrote: a graph with the same digest.

    Raises:
        StateUnreadable: it is of another format.
    """
    return decode_edition(text).graph


def in_force(store: Store, compiled: Compiled) -> Compiled:
    """The graph that is recorded to be in force, with the kinds of contracts as they are loaded; these themselves where
    none is, or where it was not kept."""
    recorded = store.standing().contracts
    kept = _find(store, f"contracts/{recorded}") if recorded and recorded != compiled.graph.digest() else None
    return replace(compiled, graph=kept.graph) if kept else compiled


def keep_contracts(store: Documents, edition: Edition, before: Edition | None = None) -> None:
    """Keeps an edition under its digest, as the newest that is carried out, and what each enver runs under until then.

    Of one with clones on demand what its text says is kept once, whatever clones come and go.

    Args:
        before: that, where it is not the edition that was the newest.
    """
    graph = edition.graph
    name, of_text = f"contracts/{graph.digest()}", f"contracts/{graph.text.digest()}"
    _keep(store, of_text, encode_edition(replace(edition, graph=graph.text)))
    if graph.clones:
        _keep(store, name, _CLONES.encode(_KeptClones(of_text, graph.clones)))
    if before is not None:
        store.put(_BEFORE, encode_edition(before))
    store.put(_NEWEST, name)


def _keep(store: Documents, name: str, text: str) -> None:
    if store.get(name) != text:
        store.put(name, text)


def newest_contracts(store: Documents) -> Edition | None:
    """The edition that was carried out last; None before the first."""
    name = store.get(_NEWEST)
    return _find(store, name) if name else None


def _find(store: Texts, name: str) -> Edition | None:
    text = store.get(name)
    if text is None:
        return None
    if not text.startswith('{"text":'):
        return decode_edition(text)
    kept = _CLONES.decode(text)
    found = _find(store, kept.text)
    return found and replace(found, graph=graph_with_clones(found.graph, kept.clones))


def contracts_before(store: Documents) -> Edition | None:
    """What each enver ran under before the newest edition was carried out; None where that is not known."""
    text = store.get(_BEFORE)
    return decode_edition(text) if text else None
