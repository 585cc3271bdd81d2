"""The steps of a run, of whatever build type: data, made before they are carried out.

The agent carries them out in this order, the journal says by their names which are done, whoever goes on with the run
skips those, and whoever asks for the run is told the same list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast


class Does(StrEnum):
    """What a step does."""

    PREPARE = "prepare"
    """From source to recipe. Its result says which `recipe`."""
    DELIVER = "deliver"
    """What units refer to is put where they find it."""
    PROPOSE = "propose"
    """What carrying out a unit would change is found out; each attempt does that for itself."""
    CARRY_OUT = "carry out"
    """What was proposed for a unit happens."""
    OBSERVE = "observe"
    """What a unit gives to others is read, parsed and published."""


PREPARE: Final = Does.PREPARE.value
DELIVER: Final = Does.DELIVER.value
LISTED: Final = "steps"
"""The journal's entry that has the steps themselves, once the units are known."""


@dataclass(frozen=True, slots=True)
class RunStep:
    """One of them."""

    does: Does
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.does.value} {self.unit}".rstrip()


def from_source() -> tuple[RunStep, ...]:
    """What comes before the units where a recipe has to be made."""
    return RunStep(Does.PREPARE), RunStep(Does.DELIVER)


def of_units(units: Iterable[str]) -> tuple[RunStep, ...]:
    """What is done for each unit, in their order."""
    return tuple(RunStep(does, unit) for unit in units for does in (Does.PROPOSE, Does.CARRY_OUT, Does.OBSERVE))


def as_json(steps: Sequence[RunStep]) -> Mapping[str, object]:
    """As the journal has them."""
    return {"steps": [[step.does.value, step.unit] for step in steps]}


def from_json(said: Mapping[str, object]) -> tuple[RunStep, ...]:
    """Back; of what somebody else journalled, nothing."""
    try:
        listed = cast("list[list[str]]", said["steps"])
        return tuple(RunStep(Does(does), str(unit)) for does, unit in listed)
    except (KeyError, TypeError, ValueError):
        return ()


def propose(unit: str, attempt: int) -> str:
    """The name of one attempt's proposal."""
    return f"{RunStep(Does.PROPOSE, unit)} {attempt}"


def carry_out(unit: str) -> str:
    """The name of what happened to a unit."""
    return str(RunStep(Does.CARRY_OUT, unit))


def hand_over(product: str) -> str:
    """What still arrives at a replaced resource goes on to its successor: known only once that is observed."""
    return f"bridge {product}"


def may_move(name: str) -> bool:
    """Whether something may have changed once this is journalled."""
    return name.startswith((f"{Does.PROPOSE.value} ", f"{Does.CARRY_OUT.value} "))
