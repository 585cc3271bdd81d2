"""The steps of a run, of whatever build type: data, made before they are carried out.

Made here alone, from what is known: a plan lists them, a run begins with them, its journal and whoever goes on with it
have them with the units by their names, and a simulated run has the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from odmd.model.build_types import BuildType, Does
from odmd.plan.settings import Named


class RunMode(StrEnum):
    """How a run gets its recipe."""

    FULL = "full"
    """It is made of the source."""
    VALUES = "values only"
    """That of what surely runs is kept, and gets new values."""
    LIVE = "live config"
    """It needs none: only what services read live is written."""
    VERIFY = "verify"
    """Nor does it then: what runs is verified again, and nothing else is done."""


class LiveSteps(NamedTuple):
    """The config that a run writes where services read it, by name, and what of it nobody reads any more."""

    write: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()


NOTHING_LIVE: Final = LiveSteps()


def live_steps(mode: RunMode, wanted: Named, deployed: Named, written: Named) -> LiveSteps:
    """What a run writes: all that is there to be read before something is made of source, else what is another.

    Args:
        deployed: what surely stands there.
        written: what may stand there.
    """
    names = {name for name, _ in wanted}
    gone = sorted({name for name, _ in written} - names)
    write = [one for one in wanted if mode is RunMode.FULL or one not in deployed]
    return LiveSteps(tuple([name for name, _ in write]), tuple(gone))


class RunStep(NamedTuple):
    """One of them. A tuple, as there are many."""

    does: Does
    unit: str = ""
    """The name of the unit, or of the config, that it is done for; while nobody knows the units, what they are:
    `its stacks`."""

    def __str__(self) -> str:
        return f"{self.does.value} {self.unit}".rstrip()


def live_of(steps: Sequence[RunStep]) -> LiveSteps:
    """What a list of steps has of them."""
    written, cleared = ([one.unit for one in steps if one.does is does] for does in (Does.WRITE, Does.CLEAR))
    return LiveSteps(tuple(written), tuple(cleared))


def checks_of(steps: Sequence[RunStep]) -> tuple[str, ...]:
    """What has to pass before anybody hears of what a run with these steps gives."""
    return tuple([one.unit for one in steps if one.does is Does.VERIFY])


@lru_cache(maxsize=4096)
def run_steps(
    of: BuildType,
    mode: RunMode,
    units: tuple[str, ...] | None = None,
    live: LiveSteps = NOTHING_LIVE,
    checks: tuple[str, ...] = (),
) -> tuple[RunStep, ...]:
    """What a run does, in its order. Once its units are known, they replace the one step that stood for them; nothing
    else changes, but that config is written once it is known what the first of them would change.

    Args:
        units: of its recipe, in their order; None: nobody knows them before the recipe is there.
        checks: that have to pass at its end, in their order.
    """
    first = tuple([RunStep(does) for does in of.at_first]) if mode is RunMode.FULL else ()
    written = [RunStep(Does.WRITE, name) for name in live.write]
    cleared = [RunStep(Does.CLEAR, name) for name in live.clear]
    ends = (*cleared, *[RunStep(Does.VERIFY, name) for name in checks])
    if mode in (RunMode.LIVE, RunMode.VERIFY):
        return (*written, *ends)
    if units is None:
        return (*first, *written, RunStep(Does.BRING_ABOUT, f"its {of.unit}s"), *ends)
    each = [RunStep(does, unit) for unit in units for does in of.for_each]
    before = next((n for n, step in enumerate(each) if step.does is Does.CARRY_OUT), 0)
    return (*first, *each[:before], *written, *each[before:], *ends)


def begins_with(
    of: BuildType,
    mode: RunMode,
    kept: tuple[str, ...] | None,
    live: LiveSteps = NOTHING_LIVE,
    checks: tuple[str, ...] = (),
) -> tuple[RunStep, ...]:
    """What is known of that before the run.

    Args:
        kept: the units that stay from the recipe which is kept, in their order; None: nobody knows them.
    """
    knows = mode is RunMode.VALUES and of.units_last
    return run_steps(of, mode, kept if knows else None, live, checks)


def in_words(steps: Sequence[RunStep]) -> str:
    """`prepare, deliver, bring about its stacks`."""
    return ", ".join(map(str, steps))
