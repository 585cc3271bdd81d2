"""What the journal of a run says: the names of what is done, and the list of its steps once its units are known.

Whoever goes on with a run skips what is done, and whoever asks for the run is told the same list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from odmd.control.scheduler.codec import Body
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.model.build_types import Does
from odmd.plan.run_steps import RunStep

PREPARE: Final = str(RunStep(Does.PREPARE))
DELIVER: Final = str(RunStep(Does.DELIVER))
_MOVES: Final = tuple([f"{does.value} " for does in (Does.PROPOSE, Does.CARRY_OUT, Does.WRITE, Does.CLEAR)])
_VERIFIES: Final = f"{Does.VERIFY.value} "
LISTED: Final = "steps"
"""The entry that has the steps themselves, with the units by their names."""
FULL: Final = "full run"
"""The entry that says why a kept recipe was not enough, and what is done instead."""


@dataclass(frozen=True, slots=True)
class _List:
    steps: tuple[RunStep, ...]


_LISTS: Final = Body(_List)


def as_json(steps: tuple[RunStep, ...]) -> Mapping[str, object]:
    """As the journal has them."""
    return {"steps": steps}


def from_json(said: str) -> tuple[RunStep, ...]:
    """Back; of what somebody else journalled, nothing."""
    try:
        return _LISTS.read(said).steps
    except ValueError:
        return ()


def propose(unit: str, attempt: AttemptNumber) -> str:
    """The name of one attempt's proposal."""
    return f"{RunStep(Does.PROPOSE, unit)} {attempt}"


def carry_out(unit: str) -> str:
    """The name of what happened to a unit."""
    return str(RunStep(Does.CARRY_OUT, unit))


def hand_over(product: str) -> str:
    """What still arrives at a replaced resource goes on to its successor: known only once that is observed."""
    return f"bridge {product}"


def checked(name: str) -> str:
    """The check that an entry is about; nothing, where it is about none."""
    return name.removeprefix(_VERIFIES) if name.startswith(_VERIFIES) else ""


def may_move(name: str) -> bool:
    """Whether something may have changed once this is journalled."""
    return name.startswith(_MOVES)
