"""How units that left an enver's recipe are removed, where each goes by itself; and removals that are several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from odmd.control.running.procedures import Remains
from odmd.control.scheduler.effects import ClearUnits
from odmd.control.scheduler.messages import FinishClearance, Loss
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.errors import CloudUnreachable, OdmdError
from odmd.graph import digest
from odmd.plan.inventory import Inventory

IsLeft = Callable[[str, DeployedUnit], bool]
"""Whether an enver's unit is to go still: a run may be about to bring it back."""


def clear_each(effect: ClearUnits, look: Callable[[DeployedUnit], Remains], is_left: IsLeft) -> FinishClearance:
    """Removes units of which none needs another one gone; what people have to allow first is asked about at once.

    Raises:
        OdmdError: nobody can look at one of them.
        CloudUnreachable: it is tried again.
    """
    found = {unit: look(unit) for unit in effect.units}
    asking = {unit: asks for unit, remains in found.items() if (asks := _asks(remains.inventory))}
    loss = _loss(asking)
    is_allowed = loss is None or loss.digest == effect.allowed
    kept = [] if is_allowed else [Leftover(unit, why, asks=True) for unit, why in asking.items()]
    goes = [unit for unit in found if is_allowed or unit not in asking]
    for unit in goes:
        if not is_left(effect.enver, unit):
            kept.append(Leftover(unit))
        elif why := _taken(found[unit]):
            kept.append(Leftover(unit, why.replace("\n", "; ")))
    stays = {one.unit for one in kept}
    removed = tuple(unit for unit in effect.units if unit not in stays)
    return FinishClearance(effect.enver, removed, tuple(kept), effect.began, None if is_allowed else loss)


def together(parts: Sequence[Remains]) -> Remains:
    """Several as one: all are taken, whatever comes of the others."""
    found = [one.inventory for one in parts]
    inventory = Inventory(
        tuple(one for each in found for one in each.goes),
        tuple(one for each in found for one in each.stays),
        tuple(one for each in found for one in each.asks),
    )
    return Remains(inventory, lambda: "\n".join(filter(None, [one.take() for one in parts])))


def merged(effect: ClearUnits, parts: Sequence[FinishClearance]) -> FinishClearance:
    """What came of the parts of a removal; of several losses the first one is asked about first."""
    return FinishClearance(
        effect.enver,
        tuple(one for each in parts for one in each.removed),
        tuple(one for each in parts for one in each.kept),
        effect.began,
        next((each.loss for each in parts if each.loss is not None), None),
        left=tuple(one for each in parts for one in each.left),
    )


def _asks(found: Inventory) -> str:
    """What somebody has to allow before it goes, in words."""
    said = [f"{one.key} would go, which {one.asks}" for one in found.goes if one.asks]
    return "; ".join([*said, *found.asks])


def _loss(asking: Mapping[DeployedUnit, str]) -> Loss | None:
    if not asking:
        return None
    said = "; ".join(f"of {unit}: {why}" for unit, why in asking.items())
    return Loss(f"the removal of what its enver left behind, {said}", digest(("clear", said)))


def _taken(remains: Remains) -> str:
    """Why something of it stays."""
    try:
        return remains.take()
    except CloudUnreachable:
        raise
    except OdmdError as failed:
        return f"{failed.code} {failed.fact}"
