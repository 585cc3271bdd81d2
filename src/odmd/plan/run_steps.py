"""The steps of a run, of whatever build type: data, made before they are carried out.

Made here alone, from what is known: a plan lists them, a run begins with them, its journal and whoever goes on with it
have them with the units by their names, and a simulated run has the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from odmd.model.build_types import BuildType, Does


class RunMode(StrEnum):
    """How a run gets its recipe."""

    FULL = "full"
    """It is made of the source."""
    VALUES = "values only"
    """That of what surely runs is kept, and gets new values."""


class RunStep(NamedTuple):
    """One of them. A tuple, as there are many."""

    does: Does
    unit: str = ""
    """The name of the unit that it is done for; while nobody knows the units, what they are: `its stacks`."""

    def __str__(self) -> str:
        return f"{self.does.value} {self.unit}".rstrip()


@lru_cache(maxsize=4096)
def run_steps(of: BuildType, mode: RunMode, units: tuple[str, ...] | None = None) -> tuple[RunStep, ...]:
    """What a run does, in its order. Once its units are known, they replace the one step that stood for them; nothing
    else changes.

    Args:
        units: of its recipe, in their order; None: nobody knows them before the recipe is there.
    """
    first = tuple([RunStep(does) for does in of.at_first]) if mode is RunMode.FULL else ()
    if units is None:
        return (*first, RunStep(Does.BRING_ABOUT, f"its {of.unit}s"))
    return (*first, *[RunStep(does, unit) for unit in units for does in of.for_each])


def begins_with(of: BuildType, mode: RunMode, kept: tuple[str, ...] | None) -> tuple[RunStep, ...]:
    """What is known of that before the run.

    Args:
        kept: the units that stay from the recipe which is kept, in their order; None: nobody knows them.
    """
    knows = mode is RunMode.VALUES and of.units_last
    return run_steps(of, mode, kept if knows else None)


def in_words(steps: Sequence[RunStep]) -> str:
    """`prepare, deliver, bring about its stacks`."""
    return ", ".join(map(str, steps))
