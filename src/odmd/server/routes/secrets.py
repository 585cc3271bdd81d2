"""Secrets: where they are and how they stand there, by reference. No text of one ever passes here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from odmd.control.config.layers import read_layer
from odmd.control.leading.secret_desk import Bound, SecretView
from odmd.control.scheduler.may import Action
from odmd.errors import RequestInvalid
from odmd.server.models import BindingWanted, Page
from odmd.server.rights import needs
from odmd.server.routes.common import After, Limit, Served, Who

router = APIRouter(prefix="/secrets", tags=["secrets"])
Of = Annotated[
    str,
    Query(
        max_length=20_000,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Only those of these envers, with commas between them: `orders@main,web@main`.",
    ),
]
Look = Annotated[bool, Query(description="Ask the stores how they stand.")]


@router.get("", dependencies=[needs(Action.READ_CONFIG)])
def list_secrets(
    service: Served,
    who: Who,
    request: Request,
    of: Of = "",
    look: Look = False,
    after: After = "",
    limit: Limit = 100,
) -> Page[SecretView]:
    """By enver and name; of so many envers at a time."""
    desk = service.secrets(who.actor)
    wanted = [one for one in desk.needing([one for one in of.split(",") if one]) if one > after]
    found = desk.secrets(wanted[:limit], look=look) if wanted else ()
    if len(wanted) <= limit:
        return Page(items=list(found), next=None)
    following = request.url.include_query_params(after=wanted[limit - 1])
    return Page(items=list(found), next=f"{following.path}?{following.query}")


@router.put("", dependencies=[needs(Action.EDIT_CONFIG)])
def bind_secret(service: Served, who: Who, wanted: BindingWanted) -> Bound:
    """Says where a secret is; an empty reference takes back what the layer says. Said twice, it is said once."""
    try:
        layer = read_layer(wanted.layer)
    except ValueError as wrong:
        raise RequestInvalid(str(wrong), next_step="name a layer as `odmd config history` does") from wrong
    return service.secrets(who.actor).bind(layer, wanted.name, wanted.reference, wanted.why)
