"""What is not as it should be when nothing of a change moves any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from odmd.control.ports.reads import Lookups
from odmd.control.reading.explain import held_by, leftovers
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.questions import LOST, Question, asked_first
from odmd.control.scheduler.state import State
from odmd.control.scheduler.units import DeployedUnit
from odmd.graph import Graph
from odmd.model import naming
from odmd.plan import Plan, Unreadable
from odmd.plan.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Left:
    """Of envers by address, and of the whole."""

    failed: Mapping[str, str]
    held: Mapping[str, Sequence[str]]
    unmirrored: int
    retired: bool
    troubles: Sequence[str] = ()
    """What could not be done in the world so far, and why."""
    unreadable: Sequence[Unreadable] = ()
    asks: Mapping[str, Question] = field(default_factory=dict[str, Question])
    """Of those that go on as soon as somebody allows a loss, or letting go."""

    def beside(self, plan: Plan | None) -> Left:
        """With what a plan that was made now could not read."""
        return replace(self, unreadable=plan.unreadable) if plan is not None else self


def what_is_left(graph: Graph, state: State, unmirrored: int, retired: bool, troubles: Sequence[str]) -> Left:
    """When nothing moves any more, of the declared envers and of those that leave."""
    wiring = Wiring(graph)
    declared = [state.envers[address] for address in graph.envers if address in state.envers]
    leaving = [state.envers[address] for address in state.leaving]
    kept = {one.address: one.units.left for one in declared if any(left.why for left in one.units.left)}
    held = {one.address: held_by(wiring, state, one) for one in declared if one.owes and one.failed is None}
    asked = {address: tuple(leftovers(one for one in left if one.asks)) for address, left in kept.items()}
    failed = {address: "; ".join(leftovers(one for one in left if not one.asks)) for address, left in kept.items()}
    return Left(
        failed={
            **{one.address: back for one in declared if (back := _why_it_went_back(one))},
            **{enver.address: enver.failure for enver in declared if enver.failed is not None},
            **{one.address: why for one in leaving if (why := _why_still_there(one))},
            **{address: _with_question(state.envers[address], why) for address, why in failed.items() if why},
        },
        held=held | {address: (*held.get(address, ()), *said) for address, said in asked.items() if said},
        unmirrored=unmirrored,
        retired=retired,
        troubles=troubles,
        asks={
            one.address: question for one in (*declared, *leaving) if (question := asked_first(one.offers)) is not None
        },
    )


def _why_it_went_back(enver: Enver) -> str:
    """Why the scheduler brought it back to an earlier run, and holds it there."""
    if (pin := enver.pin) is None or pin.by != ODMD:
        return ""
    return (
        f"{pin.why}, so it went back to run {pin.run}\nmend it, then `odmd release {naming.enver_label(enver.address)}`"
    )


def _why_still_there(leaving: Enver) -> str:
    """Why an enver that left the contracts could not be removed."""
    why = leaving.departure.failure if leaving.departure else ""
    return _with_question(leaving, why) if why else ""


def _with_question(enver: Enver, why: str) -> str:
    """With what is asked where nobody can look any more."""
    return f"{why}\n{offer.content.text}" if (offer := enver.offers.get(LOST)) is not None else why


def is_left(recorded: Lookups, enver: str, unit: DeployedUnit) -> bool:
    """Whether a unit is to go, as the newest state says: a run may be about to bring it back."""
    found = recorded.enver(enver)
    return found is not None and found.run is None and any(one.unit == unit for one in found.units.left)
