"""Private config: what envers have, which layer says it, and edits of layers. Whose it is sees and edits it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from odmd.control.config.layers import LAYER_FORM
from odmd.control.leading.config_views import ConfigChange, ConfigView, Edited, LayerView, MovedView
from odmd.control.scheduler.may import Action
from odmd.server.models import LayerChanged, LayerSaid
from odmd.server.rights import needs
from odmd.server.routes.common import Limit, Served, Who

router = APIRouter(tags=["config"])
Named = Annotated[str, Query(max_length=600, pattern=r"^[^\x00-\x1f\x7f]*$")]
LayerNamed = Annotated[str, Query(max_length=600, pattern=LAYER_FORM)]


@router.get("/config", dependencies=[needs(Action.READ_CONFIG)])
def read_config(service: Served, who: Who, enver: Named) -> list[ConfigView]:
    """What an enver would be handed now: each value with the layer that says it; what is sensitive is hidden."""
    return list(service.config(who.actor).config_of(enver))


@router.get("/config/moved", dependencies=[needs(Action.READ_CONFIG)])
def config_moved(service: Served, who: Who, enver: Named) -> list[MovedView]:
    """What of an enver's config differs from what runs; what is sensitive is hidden."""
    return list(service.config(who.actor).config_moved(enver))


@router.get("/config/problems", dependencies=[needs(Action.READ)])
def config_problems(service: Served, who: Who, enver: Named = "") -> list[str]:
    """All that keeps envers, or one, from having their config; values are in none of it."""
    return list(service.config(who.actor).config_problems(enver))


@router.get("/config/layers", dependencies=[needs(Action.READ)])
def list_layers(service: Served, who: Who) -> list[LayerView]:
    """Those that say something, without what they say."""
    return list(service.config(who.actor).layers())


@router.get("/config/layers/versions", dependencies=[needs(Action.READ_CONFIG)])
def layer_versions(service: Served, who: Who, layer: LayerNamed, limit: Limit = 50) -> list[LayerView]:
    """What a layer said and says, the newest first; what is sensitive is hidden."""
    return list(service.config(who.actor).layer_history(layer, limit))


@router.put("/config/layers", dependencies=[needs(Action.EDIT_CONFIG)])
def write_layer(service: Served, who: Who, layer: LayerNamed, said: LayerSaid) -> Edited:
    """Has a layer say this instead of the version that was looked at; refused if another one came since."""
    asked = (said.text, said.after, said.why)
    return service.config(who.actor).write_layer(layer, *asked, allow_lacking=said.allow_lacking)


@router.patch("/config/layers", dependencies=[needs(Action.EDIT_CONFIG)])
def change_layer(service: Served, who: Who, layer: LayerNamed, said: LayerChanged) -> Edited:
    """Has a layer say some values, or say them no more."""
    changes = [ConfigChange(one.path, one.text) for one in said.changes]
    asked = (changes, said.after, said.why)
    return service.config(who.actor).change_layer(layer, *asked, allow_lacking=said.allow_lacking)
