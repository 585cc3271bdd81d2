"""What an enver needs and no contract holds: typed configuration, and secrets by name. Values live elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from odmd.model.party import Party

T = TypeVar("T")
ReadAt = Literal["synth", "deploy", "live"]
"""When private settings are read: while the recipe is made, when it is deployed, or by what runs, all the time."""


@dataclass(frozen=True)
class Config(Generic[T]):
    """Private, typed settings of one enver (instance type, scaling): the contract has their schema alone."""

    name: str
    schema: type[T]
    about: str = ""
    read: ReadAt = "synth"
    owner: Party | None = field(default=None, compare=False, repr=False)
    """The enver."""
    asleep: Mapping[str, object] | None = field(default=None, compare=False, repr=False)
    """The fields that are otherwise while a clone sleeps."""


@dataclass(frozen=True)
class NeededSecret:
    """A secret that the enver's team provides under this name; only ever handed on as a reference."""

    name: str
    about: str = ""
    restarts: bool = False
    """Whether what uses it reads it once: a new version of it is then a new deployment."""
