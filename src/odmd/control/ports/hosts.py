"""Hosts of repositories: what they say moved, and what they are told of runs. Nothing here knows which host it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hint:
    """That something may have moved in a repository. What is there now has to be read."""

    repository: str
    """Its name as the host has it now, in small letters."""
    id: int | None = None
    """Its number there, which it keeps whatever it is called."""
    pull_request: int | None = None
    """The one that it is about; none: its branches and tags."""


ReadHint = Callable[[str, bytes], Hint | None]
"""From the name of an event and what was delivered: None: it is nothing to us. Raises `RequestInvalid`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook: which way it points."""

    seq: int
    hint: Hint


class Deliveries(Protocol):
    """Webhooks that came, each once, until somebody looked where they point."""

    def take(self, id: str, hint: Hint, at: float) -> bool:
        """Keeps one; whether it is new."""
        ...

    def pending(self, limit: int) -> Sequence[Delivery]:
        """Those at which nobody looked, oldest first."""
        ...

    def handled(self, seqs: Collection[int]) -> None:
        """Somebody looked."""
        ...

    def forget(self, before: float) -> int:
        """Those that came before and are handled; returns how many."""
        ...
