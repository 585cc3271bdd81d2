"""What a pause or a freeze is about, as one text: an enver's address, `team:NAME`, `stage:NAME`, or everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, Protocol

EVERYTHING: Final = "*"
"""The whole organisation."""


class Pausable(Protocol):
    """An enver, as far as pauses ask."""

    @property
    def address(self) -> str: ...
    @property
    def team(self) -> str: ...
    @property
    def stage(self) -> str: ...


class PausedGroup(NamedTuple):
    """All envers of a team, or of a stage."""

    sort: Literal["team", "stage"]
    name: str

    def __str__(self) -> str:
        """As a scope."""
        return f"{self.sort}:{self.name}"

    def name_of(self, enver: Pausable) -> str:
        """The name of an enver's group of this sort."""
        return enver.team if self.sort == "team" else enver.stage


def group_of(scope: str) -> PausedGroup | None:
    """The group that a scope is about; None: one enver, or everything."""
    match scope.partition(":"):
        case ("team" | "stage") as sort, ":", name:
            return PausedGroup(sort, name)
        case _:
            return None


def scopes_of(enver: Pausable) -> Iterator[str]:
    """All that an enver is in."""
    yield enver.address
    yield str(PausedGroup("team", enver.team))
    yield str(PausedGroup("stage", enver.stage))
    yield EVERYTHING


def within(scope: str, envers: Iterable[Pausable]) -> tuple[str, ...]:
    """The addresses of those that a scope is about; of one enver its own, be it declared or not."""
    group = group_of(scope)
    if group is None and scope != EVERYTHING:
        return (scope,)
    return tuple(one.address for one in envers if group is None or group.name == group.name_of(one))
