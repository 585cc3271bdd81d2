"""The token of a job of GitHub Actions, which it asks GitHub for: it needs `permissions: id-token: write`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, cast

import httpx

from odmd.client.proving.provider import text_in
from odmd.control.access.addresses import is_safe
from odmd.control.access.identities import IdentityProof, IdentityTold
from odmd.errors import SignInFailed

_TIMEOUT: Final = 20.0


def of_job(told: IdentityTold) -> IdentityProof:
    """Raises:
    SignInFailed: this is no job, or it may ask for no token.
    """
    return IdentityProof(token_of_job(told.audience))


def is_job() -> bool:
    """Whether this is a job that may ask for tokens."""
    return all(_asks_with())


def token_of_job(audience: str) -> str:
    """A token that says which job this is.

    Raises:
        SignInFailed: this is no job, or it may ask for no token.
    """
    url, right = _asks_with()
    if not url or not right:
        raise SignInFailed(
            "this is no job of GitHub Actions that may ask for a token",
            next_step="give the job `permissions: id-token: write`",
        )
    if not is_safe(url):
        raise SignInFailed(f"{url} is neither https nor on this machine", next_step="see what set it")
    try:
        asked = httpx.URL(url).copy_add_param("audience", audience)
        answer = httpx.get(asked, headers={"Authorization": f"Bearer {right}"}, timeout=_TIMEOUT)
        said: object = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as wrong:
        raise SignInFailed(f"GitHub gives no token: {type(wrong).__name__}", next_step="run the job again") from None
    return text_in(cast("Mapping[str, object]", said) if isinstance(said, dict) else {}, "value")


def _asks_with() -> tuple[str, str]:
    url, right = (os.environ.get(f"ACTIONS_ID_TOKEN_REQUEST_{what}", "") for what in ("URL", "TOKEN"))
    return url, right
