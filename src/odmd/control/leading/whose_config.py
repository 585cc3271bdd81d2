"""Who may see and edit what a layer says: its team; what is for everybody, admins edit."""

from __future__ import annotations

from odmd.control.config.layers import Layer, LayerKind, applies_to
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.may import Action, Admins, Subject, may
from odmd.errors import NotAllowed
from odmd.graph import Graph
from odmd.graph.clones import clone_to_be, graph_with_clones
from odmd.model import naming


def refuse_unless_may(by: Actor, action: Action, layer: Layer, graph: Graph) -> None:
    """Raises:
    NotAllowed
    """
    subject = Subject(f"config of {layer.label}", whose=_whose(action, layer, graph))
    if (refusal := may(by, action, subject, graph)) is not None:
        raise NotAllowed(refusal.reason, next_step=refusal.next_step)


def with_clone_of(layer: str, graph: Graph) -> Graph | None:
    """The contracts with the clone that a layer is of, where somebody may make it and it is not there; else None."""
    _, _, typed = layer.partition("enver:")
    clone = clone_to_be(graph, naming.enver_address(typed, graph.envers)) if typed else None
    return None if clone is None else graph_with_clones(graph, (*graph.clones, clone))


def _whose(action: Action, layer: Layer, graph: Graph) -> str | Admins | None:
    match layer.kind:
        case LayerKind.ENVER | LayerKind.ASLEEP:
            return graph.envers[layer.of].team
        case LayerKind.BUILD:
            return next(iter(applies_to(layer, graph))).team if applies_to(layer, graph) else None
        case LayerKind.ORGANISATION | LayerKind.STAGE:
            return Admins.ONLY if action is Action.EDIT_CONFIG else None
