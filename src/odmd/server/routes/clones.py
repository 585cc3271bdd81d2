"""Clones made on demand: which there are, and how long they stay. Plans make them, and take them away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from odmd.control.leading.wishes import KeepingClones
from odmd.control.reading.clones import CloneSetView
from odmd.control.scheduler.may import Action
from odmd.server.models import Answered, ClonesToKeep
from odmd.server.rights import needs
from odmd.server.routes.common import Fresh, Key, Served, Who, told

router = APIRouter(prefix="/clones", tags=["clones"])
InPath = Annotated[str, Path(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]


@router.get("", dependencies=[needs(Action.READ), Fresh])
def list_clones(service: Served) -> list[CloneSetView]:
    """Those that there are, are to be, or are left of."""
    return list(service.records.clones())


@router.patch("/{clone:path}", dependencies=[needs(Action.CLONE)])
def keep_clones(service: Served, who: Who, clone: InPath, wanted: ClonesToKeep, key: Key = None) -> Answered:
    """Says that clones are used, or how long they stay from now on."""
    return Answered(events=told(service.wish(KeepingClones(clone, wanted.ttl, wanted.why), who.actor, key)))
