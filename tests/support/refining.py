"""When one list of a run's steps is another one, said more exactly."""

from __future__ import annotations

from collections.abc import Sequence

from odmd.model.build_types import Does
from odmd.plan.run_steps import RunStep, live_of

OF_UNITS = (Does.PROPOSE, Does.CARRY_OUT, Does.OBSERVE)


def refines(later: Sequence[RunStep], earlier: Sequence[RunStep]) -> bool:
    """Whether both are the same but for the one step that stands for the units, in whose place they may be named: one
    after the other, each with all that is done for it. Config is written meanwhile, and removed afterwards."""
    if live_of(later) != live_of(earlier):
        return False
    later, earlier = without_live(later), without_live(earlier)
    unknown = [at for at, step in enumerate(earlier) if step.does is Does.BRING_ABOUT]
    if not unknown or list(later) == list(earlier):
        return list(later) == list(earlier)
    (at,) = unknown
    after = len(earlier) - at - 1
    named = later[at : len(later) - after]
    units = dict.fromkeys(one.unit for one in named)
    around = [*later[:at], *later[len(later) - after :]]
    one_by_one = [RunStep(does, unit) for unit in units for does in OF_UNITS]
    return around == [*earlier[:at], *earlier[at + 1 :]] and list(named) == one_by_one


def without_live(steps: Sequence[RunStep]) -> list[RunStep]:
    return [one for one in steps if one.does not in (Does.WRITE, Does.CLEAR)]
