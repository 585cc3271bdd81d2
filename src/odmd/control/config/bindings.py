"""Which secret an enver's layers bind to which reference: the last layer that says it wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from odmd.control.config.document import EMPTY, ConfigDocument
from odmd.control.config.layers import Layer, layers_of
from odmd.errors import ReferenceInvalid
from odmd.graph import EnverNode, Graph
from odmd.model.secret_references import parse_reference


class Binding(NamedTuple):
    """A needed secret, and where it is."""

    name: str
    reference: str
    """Empty: no layer says it."""
    layer: Layer | None


def bindings(enver: EnverNode, graph: Graph, documents: Mapping[Layer, ConfigDocument]) -> list[Binding]:
    """All that an enver needs, in the order of its contract."""
    layers = layers_of(enver, graph)[::-1] if enver.secrets else ()
    said = [(layer, documents.get(layer, EMPTY).secrets) for layer in layers]
    return [
        next((Binding(name, of[name], layer) for layer, of in said if name in of), Binding(name, "", None))
        for name in enver.secrets
    ]


def unneeded(layer: Layer, graph: Graph, document: ConfigDocument) -> Iterator[str]:
    """Names that a layer binds and none of its envers needs."""
    needed = {name for enver in graph.envers.values() if layer in layers_of(enver, graph) for name in enver.secrets}
    yield from sorted(document.secrets.keys() - needed)


def misbound(layer: Layer, graph: Graph, document: ConfigDocument) -> Iterator[str]:
    """What a layer binds in vain or to nothing, by its path; never what stands there, which may be a secret's text."""
    for name in unneeded(layer, graph, document):
        yield f"secrets.{name} is no secret that anybody there needs"
    for name, reference in sorted(document.secrets.items()):
        try:
            parse_reference(reference)
        except ReferenceInvalid as wrong:
            yield f"secrets.{name}: {wrong.fact}"


def unbound(envers: Iterable[EnverNode], graph: Graph, documents: Mapping[Layer, ConfigDocument]) -> Iterator[str]:
    """Needed secrets that are bound nowhere, each with who needs it."""
    for enver in envers:
        for one in bindings(enver, graph, documents):
            if not one.reference:
                yield f"{enver.label}: secret {one.name} is bound nowhere"


def consumers(
    reference: str, graph: Graph, documents: Mapping[Layer, ConfigDocument]
) -> Iterator[tuple[EnverNode, str]]:
    """Who is bound to a reference, and as which secret."""
    for enver in graph.envers.values():
        for one in bindings(enver, graph, documents):
            if one.reference == reference:
                yield enver, one.name
