"""Whose an attempt at a run is, where agents come over HTTP: a token's, and within it who knows the claim's secret."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final, Protocol

HEADER: Final = "X-Odmd-Claim"
"""Carries the secret with all that is said of an attempt."""
FORM: Final = "[A-Za-z0-9_-]{43}"


def new_secret() -> str:
    """Made by who claims, before he asks: so he may ask again when the answer was lost, and nobody else may."""
    return secrets.token_urlsafe(32)


class Claims(Protocol):
    """Who claimed which attempt, and what he handed in for it."""

    def own(self, run: int, attempt: int, token: str, secret: str) -> bool:
        """Makes an attempt a token's, once; whether it is his, with this secret."""
        ...

    def is_of(self, run: int, attempt: int, token: str, secret: str) -> bool:
        """Whether an attempt was claimed with this token and this secret; takes as long whatever the answer."""
        ...

    def hand_in(self, run: int, digest: str, size: int) -> None:
        """Notes an artifact that an agent of a run handed in."""
        ...

    def handed_in(self, run: int) -> Mapping[str, int]:
        """Digest → bytes, of all that agents of a run handed in."""
        ...
