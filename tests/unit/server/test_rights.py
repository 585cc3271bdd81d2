"""A right stands beside each route."""

from __future__ import annotations

import pytest
from fastapi import APIRouter

from odmd.control.scheduler.may import Action
from odmd.server.rights import OPEN, Right, Rights, needs


def nothing() -> None:
    """A route's work."""


def routes() -> APIRouter:
    made = APIRouter(prefix="/runs")
    made.get("/healthz", dependencies=[OPEN])(nothing)
    made.get("/{run}", dependencies=[needs(Action.READ)])(nothing)
    made.post("/{run}/attempts/{attempt}/end", dependencies=[needs(Action.CARRY_OUT)])(nothing)
    return made


def test_a_route_without_a_right_does_not_start() -> None:
    made = routes()
    made.delete("/{run}")(nothing)
    with pytest.raises(RuntimeError, match=r"/runs/\{run\} does not say"):
        Rights([("/api", made)])


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", "/api/runs/healthz", Right(None)),
        ("GET", "/api/runs/7", Right(Action.READ)),
        ("POST", "/api/runs/7/attempts/1/end", Right(Action.CARRY_OUT, 7, last_word=True)),
        ("POST", "/api/runs/+7/attempts/1/end", Right(Action.CHANGE)),
        ("POST", "/api/runs/7 /attempts/1/end", Right(Action.CHANGE)),
        ("POST", "/api/runs/seven/attempts/1/end", Right(Action.CHANGE)),
        ("GET", "/api/nowhere", Right(Action.READ)),
        ("HEAD", "/api/runs/7", Right(Action.READ)),
        ("PUT", "/api/runs/7", Right(Action.CHANGE)),
        ("GET", "/open", Right(None)),
    ],
)
def test_what_is_asked_for_is_what_its_route_says(method: str, path: str, right: Right) -> None:
    assert Rights([("/api", routes())], ("/open",)).of(method, path) == right
