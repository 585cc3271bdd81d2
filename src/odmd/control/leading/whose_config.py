"""Who may see and edit what a layer says: its team; what is for everybody, admins edit."""

from __future__ import annotations

from odmd.control.config.layers import Layer, LayerKind, applies_to
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.may import Action, Admins, Subject, may
from odmd.errors import NotAllowed
from odmd.graph import Graph


def refuse_unless_may(by: Actor, action: Action, layer: Layer, graph: Graph) -> None:
    """Raises:
    NotAllowed
    """
    subject = Subject(f"config of {layer.label}", whose=_whose(action, layer, graph))
    if (refusal := may(by, action, subject, graph)) is not None:
        raise NotAllowed(refusal.reason, next_step=refusal.next_step)


def _whose(action: Action, layer: Layer, graph: Graph) -> str | Admins | None:
    match layer.kind:
        case LayerKind.ENVER:
            return graph.envers[layer.of].team
        case LayerKind.BUILD:
            return next(iter(applies_to(layer, graph))).team if applies_to(layer, graph) else None
        case LayerKind.ORGANISATION | LayerKind.STAGE:
            return Admins.ONLY if action is Action.EDIT_CONFIG else None
