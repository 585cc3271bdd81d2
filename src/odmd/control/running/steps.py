"""The steps of a run, of whatever build type: by their names the journal says what is done."""

from __future__ import annotations

from typing import Final

PREPARE: Final = "prepare"
"""From source to recipe. Its result says which `recipe`."""
DELIVER: Final = "deliver"
"""What units refer to is put where they find it."""
_PROPOSE: Final = "propose "
_CARRY_OUT: Final = "carry out "


def propose(unit: str, attempt: int) -> str:
    """What carrying out a unit would change is found out; each attempt does that for itself."""
    return f"{_PROPOSE}{unit} {attempt}"


def carry_out(unit: str) -> str:
    """What was proposed for a unit happens."""
    return f"{_CARRY_OUT}{unit}"


def hand_over(product: str) -> str:
    """What still arrives at a replaced resource goes on to its successor."""
    return f"bridge {product}"


def may_move(step: str) -> bool:
    """Whether something may have changed once this step is journalled."""
    return step.startswith((_PROPOSE, _CARRY_OUT))
