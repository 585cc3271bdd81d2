"""What people look at first: everything at one look, what waits for them, who is around an enver; and finding."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from odmd.control.reading.neighbourhood import NeighbourhoodView
from odmd.control.reading.overview import OpenQuestionView, OverviewAsked, OverviewView
from odmd.control.reading.search import Hit
from odmd.control.scheduler.may import Action
from odmd.server.rights import needs
from odmd.server.routes.common import Fresh, Limit, Served

router = APIRouter(tags=["envers"], dependencies=[Fresh])
_TEXT: Final = r"^[^\x00-\x1f\x7f]*$"
_FARTHEST: Final = 20
_TEAMS: Final = 50
Sought = Annotated[str, Query(max_length=300, pattern=_TEXT)]
Wires = Annotated[int, Query(ge=0, le=_FARTHEST, description="How many wires away.")]


@router.get("/overview", dependencies=[needs(Action.READ)])
def get_overview(
    service: Served,
    team: Annotated[list[Sought], Query(default_factory=list, max_length=_TEAMS, description="Only of these teams.")],
    text: Annotated[Sought, Query(description="In the name of a build.")] = "",
    state: Annotated[Sought, Query(description="Builds that have an enver in this state.")] = "",
    after: Annotated[Sought, Query(description="From `next` of what was told before.")] = "",
    limit: Limit = 100,
) -> OverviewView:
    """Builds with their envers by stages, and how many are in which state."""
    return service.looks.overview(OverviewAsked(text, tuple(team), state, after, limit))


@router.get("/questions", dependencies=[needs(Action.READ)])
def list_questions(service: Served) -> list[OpenQuestionView]:
    """All that waits for somebody's answer, with what it is about; what asked first comes first."""
    return list(service.looks.open_questions())


@router.get("/neighbourhood", dependencies=[needs(Action.READ)])
def get_neighbourhood(
    service: Served, of: Annotated[Sought, Query(min_length=1)], up: Wires = 2, down: Wires = 2
) -> NeighbourhoodView:
    """An enver, its producers and its consumers, placed for drawing: at most 300."""
    return service.looks.neighbourhood(of, up, down)


@router.get("/search", dependencies=[needs(Action.READ)])
def search(
    service: Served, text: Annotated[Sought, Query(min_length=1)], limit: Annotated[int, Query(ge=1, le=50)] = 20
) -> list[Hit]:
    """Envers, builds, teams, products, and commits that run, by a part of their names."""
    return list(service.looks.search(text, limit))
