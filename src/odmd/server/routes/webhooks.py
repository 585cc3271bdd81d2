"""Webhooks: hosts of repositories say that a branch moved, so that nobody has to wait until it is looked at."""

from __future__ import annotations

from typing import Annotated, Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Header, Request, status

from odmd.errors import ServerBusy
from odmd.server.rights import OPEN
from odmd.server.webhooks import Webhooks

_SMALL: Final = 1024 * 1024
_LARGE_SECONDS: Final = 20.0
LARGEST: Final = 25 * 1024 * 1024
"""Bytes; GitHub sends no more."""

router = APIRouter(tags=["webhooks"])


@router.post(
    "/webhooks/github",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[OPEN],
    max_body_size=LARGEST,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def github(
    request: Request,
    x_github_event: Annotated[str, Header(max_length=100)] = "",
    x_github_delivery: Annotated[str, Header(max_length=100)] = "",
    x_hub_signature_256: Annotated[str, Header(max_length=100)] = "",
) -> None:
    """Takes one of GitHub's, signed with the secret that both know."""
    webhooks: Webhooks = request.state.serving.webhooks
    webhooks.refuse_unsigned(x_hub_signature_256)
    body = await _body(request, webhooks)
    said = x_github_event, x_github_delivery, x_hub_signature_256
    await anyio.to_thread.run_sync(webhooks.take, *said, body, limiter=webhooks.at_once)


async def _body(request: Request, webhooks: Webhooks) -> bytes:
    """Raises:
    ServerBusy: others send large ones, or it comes too slowly.
    """
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said) <= _SMALL:
        return await request.body()
    try:
        with anyio.fail_after(_LARGE_SECONDS):
            async with webhooks.large:
                return await request.body()
    except TimeoutError as late:
        raise ServerBusy("the server reads other webhooks", next_step="send it again in a moment") from late
