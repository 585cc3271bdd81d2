"""Layers: who says something of an enver's config, from the most general to its own."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from odmd.graph import EnverNode, Graph
from odmd.model import naming


class LayerKind(StrEnum):
    """In the order in which they apply: later ones win."""

    ORGANISATION = "organisation"
    STAGE = "stage"
    BUILD = "build"
    ENVER = "enver"
    ASLEEP = "asleep"
    """Of a clone while it sleeps: what its contract says is otherwise then."""


class Layer(NamedTuple):
    """A place to say something, be it that nothing is said there yet."""

    kind: LayerKind
    of: str = ""
    """The stage's or build's name, or the enver's address."""

    @property
    def is_broad(self) -> bool:
        """Whether what it says applies to those alone that know it."""
        return self.kind in (LayerKind.ORGANISATION, LayerKind.STAGE)

    @property
    def label(self) -> str:
        """For people."""
        match self.kind:
            case LayerKind.ORGANISATION:
                return "organisation"
            case LayerKind.ENVER:
                return naming.enver_label(self.of)
            case LayerKind.ASLEEP:
                return f"{self.kind} {naming.enver_label(self.of)}"
            case LayerKind.STAGE | LayerKind.BUILD:
                return f"{self.kind} {self.of}"

    @property
    def typed(self) -> str:
        """As commands take it: `orders@main`, `--stage dev`."""
        match self.kind:
            case LayerKind.ORGANISATION:
                return "--organisation"
            case LayerKind.ENVER | LayerKind.ASLEEP:
                return naming.enver_label(self.of)
            case LayerKind.STAGE | LayerKind.BUILD:
                return f"--{self.kind} {self.of}"

    def __str__(self) -> str:
        return f"{self.kind}:{self.of}" if self.of else self.kind.value


OF_ENVERS: Final = (LayerKind.ENVER, LayerKind.ASLEEP)
"""Of one alone."""
ORGANISATION: Final = Layer(LayerKind.ORGANISATION)
LAYER_FORM: Final = r"^(organisation|(stage|build|enver|asleep):[^\x00-\x1f\x7f]+)$"
"""What `read_layer` takes, as a pattern."""


def read_layer(text: str) -> Layer:
    """What `str` makes of a layer.

    Raises:
        ValueError: it names none.
    """
    kind, _, of = text.partition(":")
    if kind not in list(LayerKind) or bool(of) is (kind == LayerKind.ORGANISATION):
        raise ValueError(f"{text!r} is no layer: write organisation, stage:NAME, build:NAME or enver:BUILD@SLOT")
    found = LayerKind(kind)
    return Layer(found, naming.enver_address(of, ()) if found in OF_ENVERS else of)


def named_layers(stage: str | None, build: str | None, *, organisation: bool) -> list[Layer]:
    """Those of several envers that somebody named, all of them, be it that one was meant."""
    return [
        *([ORGANISATION] if organisation else []),
        *([Layer(LayerKind.STAGE, stage)] if stage else []),
        *([Layer(LayerKind.BUILD, build)] if build else []),
    ]


def layers_of(enver: EnverNode, graph: Graph) -> tuple[Layer, ...]:
    """Those that say something of an enver, the most general first; what a clone has of its origin comes before its
    own."""
    return (
        ORGANISATION,
        Layer(LayerKind.STAGE, enver.stage),
        Layer(LayerKind.BUILD, enver.build),
        *(Layer(LayerKind.ENVER, one) for one in _line(enver, graph.envers)),
        *([Layer(LayerKind.ASLEEP, enver.address)] if enver.origin else []),
    )


def _line(enver: EnverNode, envers: Mapping[str, EnverNode]) -> tuple[str, ...]:
    found, origin = [enver.address], enver.origin
    while origin and origin not in found:
        found.append(origin)
        origin = envers[origin].origin if origin in envers else None
    return tuple(reversed(found))


def applies_to(layer: Layer, graph: Graph) -> list[EnverNode]:
    """The envers that a layer says something of."""
    return [enver for enver in graph.envers.values() if layer in layers_of(enver, graph)]


def is_known(layer: Layer, graph: Graph) -> bool:
    """Whether the contracts have what it is of."""
    match layer.kind:
        case LayerKind.ORGANISATION:
            return True
        case LayerKind.STAGE:
            return layer.of in graph.stages or any(one.stage == layer.of for one in graph.envers.values())
        case LayerKind.BUILD:
            return layer.of in graph.builds or any(one.build == layer.of for one in graph.envers.values())
        case LayerKind.ENVER | LayerKind.ASLEEP:
            return layer.of in graph.envers
