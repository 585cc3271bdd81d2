"""Who acts: a person, a program, or odmd itself; how that is known, and how much he may do at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """How much somebody may do: each includes those before it, but that `read` includes nothing of runs."""

    PREPARE = "prepare"
    """To prepare runs: to read what their recipes are made with, and to hand these in."""
    RUN = "run"
    """To carry out runs, and nothing else."""
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, other: Scope) -> bool:
        """Whether who may do this may do the other too."""
        if self is Scope.READ and other in (Scope.PREPARE, Scope.RUN):
            return False
        order = list(Scope)
        return order.index(self) >= order.index(other)


class ActorKind(StrEnum):
    """What somebody is who acts."""

    PERSON = "person"
    ROLE = "role"
    TOKEN = "token"  # noqa: S105
    JOB = "job"
    SCHEDULE = "schedule"
    ODMD = "odmd"


class AccessChange(StrEnum):
    """What can happen to who gets in."""

    TOKEN_MADE = "token made"  # noqa: S105
    TOKEN_REVOKED = "token revoked"  # noqa: S105
    SESSION_BEGUN = "session begun"
    SESSION_ENDED = "session ended"
    KEY_ROTATED = "key rotated"
    """The master key that seals private settings is another one."""
    CREDENTIALS_KEPT = "credentials kept"
    """Those as which odmd is known somewhere else."""
    REPOSITORY_TAKEN = "repository taken"
    """One that was made anew under its name, for the one before."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. It stands with all that he asked for, and with what came of it."""

    name: str
    kind: ActorKind
    proof: str
    """How he is known: `token 3f0c9a…`, `this machine's account`; empty where an older release did not say."""
    scope: Scope
    teams: tuple[str, ...] = ()
    """Those for which he answers."""
    run: int | None = None
    """The only run that he is about."""
    origin: str = ""
    """From where he acts: the address that his request came from, which may be a proxy's, or this machine's name."""
    glass: str = ""
    """Why policies do not count for him, an admin, now: he broke the glass."""

    def __str__(self) -> str:
        return f"{self.name} (broke the glass: {self.glass})" if self.glass else self.name


ODMD: Final = Actor("odmd", ActorKind.ODMD, "it decides", Scope.ADMIN)
"""What the scheduler does by itself."""
