"""Where envers live, and with what rights something is done there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """An account and region: for the provider to understand; to everybody else, targets are equal or not."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}, {self.region}"

    def in_region(self, region: str) -> Self:
        """The same account, with the same rights to do something there."""
        return replace(self, region=region)


@dataclass(frozen=True, slots=True)
class Acting:
    """The roles with which a run, or what takes something away, acts where an account has them, and whose they are."""

    deploy: str
    """The name of the role that is taken."""
    exec: str
    """The name of the role that is passed to what changes stacks."""
    boundary: str
    """The name of the boundary that roles of its stacks have."""
    templates: str
    """The folder of the account's bucket where templates of its class are that are too large to be sent along."""
    enver: str
    """Empty: values are written for other systems, and nothing else but the first of these roles is there."""
    run: int | None
    """None: something is taken away, or written for others."""

    @property
    def session(self) -> str:
        """What a session with it is called."""
        if self.run is not None:
            return f"odmd-run-{self.run}"
        return "odmd-clearing" if self.enver else "odmd-mirror"


@dataclass(frozen=True, slots=True, eq=False)
class ActingTarget(Target):
    """A place, and the rights to do something there. It is the same place whatever these are."""

    acting: Acting

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Target) and (self.account, self.region) == (other.account, other.region)

    def __hash__(self) -> int:
        return hash((self.account, self.region))
