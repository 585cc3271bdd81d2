"""What has to happen in the world after a decision: data, committed with the events that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from odmd.control.scheduler.approvals import next_due
from odmd.control.scheduler.events import (
    ChangeAccepted,
    ClearanceStarted,
    ContractsChanged,
    DriftSeen,
    EnverRemoved,
    Escalated,
    Event,
    Offered,
    Paused,
    Reminded,
    RemovalStarted,
    RetirementScheduled,
    RetirementStarted,
    RunDispatched,
    RunFailed,
    RunPrepared,
    RunSucceeded,
    ValuePublished,
)
from odmd.control.scheduler.messages import RetireValue, Tick
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.state import Pause
from odmd.control.scheduler.units import DeployedUnit
from odmd.model.targets import Target


@dataclass(frozen=True, slots=True)
class MirrorProduct:
    """Write a product's current value to its path in the parameter store."""

    product: str


@dataclass(frozen=True, slots=True)
class RemoveRetired:
    """Remove the bridge and the resource behind a value that nobody needs."""

    product: str
    version: int
    began: float = 0.0
    """When it was first asked for; 0: by an older release."""


@dataclass(frozen=True, slots=True)
class RemoveEnver:
    """Remove all units of an enver that left the contracts."""

    enver: str
    target: Target | None
    """Where its last run deployed it; None: nobody noted it."""
    recipe: str | None
    """Digest of the stored recipe that lists them."""
    allowed: str
    """Digest of the loss of data that people let happen."""
    began: float = 0.0
    """Tells this removal from others of the same enver."""
    units: tuple[DeployedUnit, ...] = ()
    """Those recorded; there may be others with its tag."""
    shown: tuple[str, ...] | None = None
    """What people were shown that goes: more than that is asked about first. None: nobody looked."""
    config: tuple[str, ...] = ()
    """Names of what may be there to be read live."""


@dataclass(frozen=True, slots=True)
class ClearUnits:
    """Remove units that left an enver's app."""

    enver: str
    units: tuple[DeployedUnit, ...]
    allowed: str
    """Digest of the loss of data that people let happen."""
    began: float
    """Tells this removal from others of the same enver."""


@dataclass(frozen=True, slots=True)
class ClearMirror:
    """Remove an enver's values from the parameter store."""

    enver: str
    region: str


@dataclass(frozen=True, slots=True)
class StartJob:
    """Start the job at the host of a run's repository that carries it out, unless somebody has it by now."""

    run: int
    enver: str
    attempt: AttemptNumber
    """The newest when it was asked for."""
    at: float
    """When that was."""


@dataclass(frozen=True, slots=True)
class SendLater:
    """A timer: put a message into the inbox at `due` (seconds since the epoch)."""

    due: float
    message: RetireValue | Tick


Effect = MirrorProduct | RemoveRetired | RemoveEnver | ClearUnits | ClearMirror | StartJob | SendLater


def effects_of(event: Event) -> Iterator[Effect]:
    """The effects that an event asks for."""
    match event:
        case RunDispatched(run, enver, attempt, due, at):
            yield StartJob(run, enver, attempt, at)
            yield SendLater(due, Tick(due))
        case ValuePublished():
            yield MirrorProduct(event.product)
        case DriftSeen(enver, found):
            yield from (MirrorProduct(f"{enver}/{one.what}") for one in found if one.sort == "value")
        case RetirementScheduled():
            yield SendLater(event.due, RetireValue(event.product, event.version))
        case RemovalStarted(enver, target, recipe, allowed, at, units, shown, config):
            yield RemoveEnver(enver, target, recipe, allowed, at, units, shown, config)
        case ClearanceStarted(enver, units, allowed, at):
            yield ClearUnits(enver, units, allowed, at)
        case EnverRemoved():
            for region in dict.fromkeys((event.region, *event.replicated)):
                yield ClearMirror(event.enver, region)
        case RetirementStarted():
            yield RemoveRetired(event.product, event.version, event.at)
        case _:
            yield from (SendLater(due, Tick(due)) for due in _ticks(event))


def _ticks(event: Event) -> Sequence[float]:
    """When something may follow from time alone."""
    match event:
        case RunFailed(retry_at=float(due)) | Paused(pause=Pause(until=float(due))):
            return (due,)
        case RunPrepared(due=float(due)):
            return (due,)
        case RunSucceeded(verify_at=float(due)) | RunFailed(verify_at=float(due)):
            return (due,)
        case ChangeAccepted(overdue=due) | Reminded(due=due) | Escalated(due=due) if due:
            return (due,)
        case Offered(offer=offer) if due := next_due(offer):
            return (due,)
        case ContractsChanged(freezes=begins):
            return begins
        case _:
            return ()
