"""Agents: the claim protocol for whoever carries out one run in another place, as a job of GitHub Actions does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response, status

from odmd.control.ports import Step
from odmd.control.slices import Slice
from odmd.control.state import Run
from odmd.errors import NothingThere
from odmd.server.agents import AgentDesk
from odmd.server.models import LARGEST, ClaimTold, ClaimWanted, EndSaid, LinesSaid, StepSaid
from odmd.server.routes.common import Served, Who

router = APIRouter(tags=["agents"])
Number = Annotated[int, Path(ge=1, le=LARGEST)]
Digest = Annotated[str, Path(pattern=r"^sha256:[0-9a-f]{64}$")]


@router.post("/runs/{run}/claims", status_code=status.HTTP_201_CREATED)
def claim_run(service: Served, who: Who, run: Number, wanted: ClaimWanted) -> ClaimTold:
    """The right to carry out a run that nobody carries out: once a token."""
    claim = AgentDesk(service).claim(run, wanted, who)
    return ClaimTold(
        run=claim.run,
        attempt=claim.attempt,
        made_for=Slice(claim.enver, claim.contracts),
        published=list(claim.published.values()),
        done=list(claim.done.values()),
        patience=service.settings.worker_patience,
        state=claim.state,
        known=claim.known,
    )


@router.post("/runs/{run}/attempts/{attempt}/beat")
def beat(service: Served, run: Number, attempt: Number) -> Run:
    """The agent lives; the run as it is now. Refused when the right to it is over."""
    return AgentDesk(service).still(run, attempt)


@router.post("/runs/{run}/attempts/{attempt}/steps", status_code=status.HTTP_204_NO_CONTENT)
def record_step(service: Served, run: Number, attempt: Number, said: StepSaid) -> None:
    """Journals a finished step; said twice, it is there once."""
    AgentDesk(service).record(run, attempt, Step(said.name, said.result, said.seconds, said.at))


@router.post("/runs/{run}/attempts/{attempt}/lines", status_code=status.HTTP_204_NO_CONTENT)
def say_lines(service: Served, run: Number, attempt: Number, said: LinesSaid) -> None:
    """What the run says; kept, and told to who listens."""
    AgentDesk(service).say(run, attempt, said.lines)


@router.post("/runs/{run}/attempts/{attempt}/end", status_code=status.HTTP_204_NO_CONTENT)
def end_run(service: Served, run: Number, attempt: Number, said: EndSaid) -> None:
    """Ends the run; said twice, it ended once."""
    AgentDesk(service).end(run, attempt, said)


@router.put("/artifacts/{digest}", status_code=status.HTTP_204_NO_CONTENT)
def put_artifact(
    service: Served, digest: Digest, content: Annotated[bytes, Body(media_type="application/octet-stream")]
) -> None:
    """Keeps content by its digest, that of what is compressed here."""
    AgentDesk(service).put(digest, content)


@router.get("/artifacts/{digest}", response_class=Response)
def get_artifact(service: Served, digest: Digest) -> Response:
    """Content by its digest, compressed by zlib."""
    found = AgentDesk(service).get(digest)
    if found is None:
        raise NothingThere(f"there is no artifact {digest}")
    return Response(found, media_type="application/octet-stream")
