"""Agents: the claim protocol for whoever carries out one run in another place, as a job of GitHub Actions does."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request, Response, status

from odmd.control.access.claims import HEADER
from odmd.control.leading.slices import Slice
from odmd.control.ports.journal import DoneStep
from odmd.control.scheduler.may import Action
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.runs import Run
from odmd.server import agents, handed_in
from odmd.server.agents import HeldAttempt
from odmd.server.models import (
    LARGEST,
    ClaimTold,
    ClaimWanted,
    EndSaid,
    GivenBackSaid,
    LinesSaid,
    PreparedSaid,
    RightWanted,
    SessionMade,
    StepSaid,
)
from odmd.server.rights import OPEN, needs
from odmd.server.routes.common import Served, Sessions, Who

router = APIRouter(tags=["agents"])
Number = Annotated[int, Path(ge=1, le=LARGEST)]
Digest = Annotated[str, Path(pattern=r"^sha256:[0-9a-f]{64}$")]
_ATTEMPT = "/runs/{run}/attempts/{attempt}"
_OCTETS = "application/octet-stream"


def _held(
    service: Served,
    who: Who,
    run: Number,
    attempt: Number,
    secret: Annotated[str, Header(alias=HEADER, max_length=200, description="The secret of the claim.")] = "",
) -> HeldAttempt:
    return HeldAttempt(service, run, AttemptNumber(attempt), who, secret)


Held = Annotated[HeldAttempt, Depends(_held)]


@router.post("/runs/{run}/rights", status_code=status.HTTP_201_CREATED, dependencies=[OPEN])
def create_right(
    service: Served, sessions: Sessions, run: Number, wanted: RightWanted, request: Request
) -> SessionMade:
    """Gives the right to a run to the job that it is for, which proves to be that; its text is told this once."""
    made = agents.right(service, sessions, run, wanted, request.state.origin)
    return SessionMade(session=made.token, text=made.text)


@router.post("/runs/{run}/claims", status_code=status.HTTP_201_CREATED, dependencies=[needs(Action.PREPARE)])
def claim_run(service: Served, who: Who, run: Number, wanted: ClaimWanted) -> ClaimTold:
    """The right to carry out a run that nobody carries out: once a token."""
    claim = agents.claim(service, run, wanted, who)
    return ClaimTold(
        run=claim.run,
        attempt=claim.attempt,
        made_for=Slice(claim.enver, claim.contracts),
        published=list(claim.published.values()),
        done=list(claim.done.values()),
        patience=service.settings.worker_patience,
        state=claim.state,
        known=claim.known,
        moved=claim.moved,
        config=dict(claim.config),
        hidden=claim.hidden,
        live=claim.live,
        asks_changes=claim.asks_changes,
        drifted=claim.drifted,
        dearer_by=claim.dearer_by,
        runs=claim.runs,
    )


@router.post(f"{_ATTEMPT}/beat", dependencies=[needs(Action.PREPARE)])
def beat(held: Held) -> Run:
    """The agent lives; the run as it is now. Refused when the right to it is over."""
    return held.still()


@router.post(f"{_ATTEMPT}/steps", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.PREPARE)])
def record_step(held: Held, said: StepSaid) -> None:
    """Journals a finished step; said twice, it is there once."""
    held.record(DoneStep(said.name, said.result, said.seconds, said.at))


@router.post(f"{_ATTEMPT}/lines", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.PREPARE)])
def say_lines(held: Held, said: LinesSaid) -> None:
    """What the run says; kept, and told to who listens."""
    held.say(said.lines)


@router.post(f"{_ATTEMPT}/end", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.PREPARE)])
def end_run(held: Held, said: EndSaid) -> None:
    """Ends the run; said twice, it ended once."""
    held.end(said)


@router.post(f"{_ATTEMPT}/prepared", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.PREPARE)])
def hand_on_run(held: Held, said: PreparedSaid) -> None:
    """The run is prepared, and waits for who carries it out."""
    held.hand_on(said.prepared)


@router.post(f"{_ATTEMPT}/given-back", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.CARRY_OUT)])
def give_back_run(held: Held, said: GivenBackSaid) -> None:
    """The run is for somebody else to take, from the start."""
    held.give_back(said.why)


@router.put(
    f"{_ATTEMPT}/artifacts/{{digest}}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs(Action.PREPARE)]
)
async def put_artifact(
    service: Served,
    held: Held,
    digest: Digest,
    content: Annotated[bytes, Body(media_type=_OCTETS)],
    report: Annotated[bool, Query(description="A check left it: it goes with the journals.")] = False,
) -> None:
    """Keeps content of the run by its digest, that of what is compressed here."""
    keep = partial(handed_in.put, held, digest, content, is_report=report)
    await anyio.to_thread.run_sync(keep, limiter=service.inflating)


@router.get(f"{_ATTEMPT}/artifacts/{{digest}}", response_class=Response, dependencies=[needs(Action.CARRY_OUT)])
async def get_own_artifact(service: Served, held: Held, digest: Digest) -> Response:
    """Content that the run needs, compressed by zlib: what it began with, and what was handed in for it."""
    found = await anyio.to_thread.run_sync(handed_in.get_own, service, held, digest, limiter=service.inflating)
    return Response(found, media_type=_OCTETS)


@router.get("/artifacts/{digest}", response_class=Response, dependencies=[needs(Action.READ_RECIPES)])
async def get_artifact(service: Served, digest: Digest) -> Response:
    """Content by its digest, compressed by zlib; for people who may change what it deploys."""
    found = await anyio.to_thread.run_sync(handed_in.get, service, digest, limiter=service.inflating)
    return Response(found, media_type=_OCTETS)
