"""What was released stays: whoever installed it shall be able to install it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval


@dataclass(frozen=True, slots=True)
class PackageRemover:
    """Takes nothing away, and says so; pre-releases go as values do, once nobody runs with them."""

    says: Callable[[str, str], object]
    """Told of an enver what stays."""

    def remove(self, effect: RemoveEnver) -> FinishRemoval:
        self.says(effect.enver, "what it released stays in its index: a release is never removed")
        return FinishRemoval(effect.enver, began=effect.began)

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Of packages nothing is recorded that could leave them."""
        return FinishClearance(effect.enver, effect.units, (), effect.began)
