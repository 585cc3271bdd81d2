"""The steps of a run: a list that is known before it is carried out; by their names the journal says what is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

PREPARE: Final = "prepare"
"""From source to recipe. Its result says which `recipe`, and in which `units` it is carried out."""
DELIVER: Final = "deliver"
"""What units refer to is put where they find it."""


def propose(unit: str, attempt: int) -> str:
    """What carrying out a unit would change is found out; each attempt does that for itself."""
    return f"propose {unit} {attempt}"


def carry_out(unit: str) -> str:
    """What was proposed for a unit happens."""
    return f"carry out {unit}"


def hand_over(product: str) -> str:
    """What still arrives at a replaced resource goes on to its successor."""
    return f"bridge {product}"


_MOVES: Final = (propose("", 0).rstrip("0 "), carry_out("").rstrip())


def may_move(step: str) -> bool:
    """Whether something may have changed once this step is journalled."""
    return step.startswith(_MOVES)


def of_run(units: Sequence[str], attempt: int, *, prepared: bool = False) -> Iterator[str]:
    """All that is certain of a run that goes well, in order.

    Args:
        prepared: it uses a recipe again.
    """
    if not prepared:
        yield PREPARE
        yield DELIVER
    for unit in units:
        yield propose(unit, attempt)
        yield carry_out(unit)
