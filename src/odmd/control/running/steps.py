"""The steps of a run, of whatever build type: data, made before they are carried out.

The agent carries them out in this order, the journal says by their names which are done, whoever goes on with the run
skips those, and whoever asks for the run is told the same list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast


class RecipeStep(StrEnum):
    """What comes before the units, where a recipe has to be made."""

    PREPARE = "prepare"
    """From source to recipe. Its result says which `recipe`."""
    DELIVER = "deliver"
    """What units refer to is put where they find it."""


class Does(StrEnum):
    """What is done for a unit, in this order."""

    PROPOSE = "propose"
    """What carrying it out would change is found out; each attempt does that for itself."""
    CARRY_OUT = "carry out"
    """What was proposed happens."""
    OBSERVE = "observe"
    """What it gives to others is read, parsed and published."""


@dataclass(frozen=True, slots=True)
class UnitStep:
    """One thing that is done for one unit."""

    does: Does
    unit: str

    def __str__(self) -> str:
        return f"{self.does.value} {self.unit}"


RunStep = RecipeStep | UnitStep

PREPARE: Final = RecipeStep.PREPARE.value
DELIVER: Final = RecipeStep.DELIVER.value
LISTED: Final = "steps"
"""The journal's entry that has the steps of the units, once these are known."""


def of_units(units: Iterable[str]) -> tuple[UnitStep, ...]:
    """What is done for each unit, in their order."""
    return tuple(UnitStep(does, unit) for unit in units for does in Does)


def as_json(steps: Sequence[UnitStep]) -> Mapping[str, object]:
    """As the journal has them."""
    return {"steps": [[step.does.value, step.unit] for step in steps]}


def from_json(said: Mapping[str, object]) -> tuple[UnitStep, ...]:
    """Back; of what somebody else journalled, nothing."""
    try:
        listed = cast("list[list[str]]", said["steps"])
        return tuple(UnitStep(Does(does), str(unit)) for does, unit in listed)
    except (KeyError, TypeError, ValueError):
        return ()


def propose(unit: str, attempt: int) -> str:
    """The name of one attempt's proposal."""
    return f"{UnitStep(Does.PROPOSE, unit)} {attempt}"


def carry_out(unit: str) -> str:
    """The name of what happened to a unit."""
    return str(UnitStep(Does.CARRY_OUT, unit))


def hand_over(product: str) -> str:
    """What still arrives at a replaced resource goes on to its successor: known only once that is observed."""
    return f"bridge {product}"


def may_move(name: str) -> bool:
    """Whether something may have changed once this is journalled."""
    return name.startswith((f"{Does.PROPOSE.value} ", f"{Does.CARRY_OUT.value} "))
