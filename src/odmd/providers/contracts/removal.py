"""What was published stays: whoever installed it shall be able to install it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval


@dataclass(frozen=True, slots=True)
class ContractsRemover:
    """Takes nothing away, and says so."""

    says: Callable[[str, str], object]
    """Told of an enver what stays."""

    def remove(self, effect: RemoveEnver) -> FinishRemoval:
        self.says(effect.enver, "what it published stays in its index: a published package is never removed")
        return FinishRemoval(effect.enver, began=effect.began)

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Of packages nothing is recorded that could leave them."""
        return FinishClearance(effect.enver, effect.units, (), effect.began)
