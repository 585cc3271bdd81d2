"""A plan: stages of steps. Whoever previews, applies or draws a plan reads these and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from odmd.graph import digest


class Action(StrEnum):
    """What a step does to its enver."""

    CREATE = "create"
    UPDATE = "update"
    VALUES = "values only"
    """New parameters for the template that runs: no checkout, build or synth."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is published; version 0 is the wire's placeholder."""

    version: int
    text: str


@dataclass(frozen=True, slots=True)
class FromStep:
    """A value that an earlier step may publish anew."""

    step: int


@dataclass(frozen=True, slots=True)
class StepInput:
    """One input of a step."""

    name: str
    product: str
    source: Known | FromStep


@dataclass(frozen=True, slots=True)
class Step:
    """One enver to bring to new inputs."""

    number: int
    enver: str
    action: Action
    certain: bool
    """False: only if one of its inputs really changes."""
    commit: str
    contracts: str
    inputs: tuple[StepInput, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanStage:
    """Steps that wait for earlier stages only, never for each other."""

    number: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to do, and what it was derived from."""

    organisation: str
    contracts: str
    stages: tuple[PlanStage, ...]
    unchanged: tuple[str, ...]
    undeclared: tuple[str, ...]
    """Envers that run and are no longer in the contracts."""

    def steps(self) -> Iterator[Step]:
        for stage in self.stages:
            yield from stage.steps

    def digest(self) -> str:
        """What is approved: steps, heads, contracts and the values at the base."""
        return digest(asdict(self))
