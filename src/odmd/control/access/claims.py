"""Whose an attempt at a run is, where agents come over HTTP: a token's, and within it who knows the claim's secret."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from odmd.control.scheduler.numbers import AttemptNumber

if TYPE_CHECKING:
    from odmd.control.ports.journal import DoneStep

HEADER: Final = "X-Odmd-Claim"
"""Carries the secret with all that is said of an attempt."""
FORM: Final = "[A-Za-z0-9_-]{43}"


def new_secret() -> str:
    """Made by who claims, before he asks: so he may ask again when the answer was lost, and nobody else may."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Amount:
    """How many things, and how large they are together: characters or bytes."""

    number: int
    size: int

    def has_room(self, used: Amount, size: int) -> bool:
        """Whether one more of this size stays within this amount."""
        return used.number < self.number and used.size + size <= self.size


class Claims(Protocol):
    """Who claimed which attempt, and what he handed in for it.

    What is handed in is counted and kept at once, so that two who come together have room for one only if there is.
    """

    def own(self, run: int, attempt: AttemptNumber, token: str, secret: str) -> bool:
        """Makes an attempt a token's, once; whether it is his, with this secret."""
        ...

    def is_of(self, run: int, attempt: AttemptNumber, token: str, secret: str) -> bool:
        """Whether an attempt was claimed with this token and this secret; takes as long whatever the answer."""
        ...

    def hand_in(
        self, run: int, digest: str, size: int, compressed: bytes, most: Amount, *, is_report: bool = False
    ) -> Amount | None:
        """Keeps an artifact that an agent of a run handed in, of so many bytes as it is: that it is the digest's is for
        who calls to know. Where the run has no room for it, what it has; None: it is kept, or was."""
        ...

    def journal(self, run: int, attempt: AttemptNumber, step: DoneStep, most: Amount) -> Amount | None:
        """Keeps a step that an agent of a run journalled; answers likewise."""
        ...

    def handed_in(self, run: int) -> Mapping[str, int]:
        """Digest → bytes, of all that agents of a run handed in."""
        ...
