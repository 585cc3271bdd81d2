"""What was released stays: whoever installed it shall be able to install it again. Pre-releases go as values do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from odmd.control.running.procedures import Remains
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance
from odmd.control.scheduler.values import Value
from odmd.plan.inventory import Belonging, Inventory, Staying


@dataclass(frozen=True, slots=True)
class PackageRemover:
    """Takes nothing away itself, and says so: what may go does when its value is retired."""

    says: Callable[[str, str], object]
    """Told of an enver what stays."""
    published: Callable[[str], Iterable[Value]] = lambda _enver: ()
    """What is recorded of an enver and not retired."""
    goes: Callable[[Value], bool] = lambda _value: False
    """Whether a version is taken away with its value."""

    def look(self, effect: RemoveEnver) -> Remains:
        """As it is recorded: registries are asked when a value is retired."""
        goes, stays = list[Belonging](), list[Staying]()
        for value in self.published(effect.enver):
            if self.goes(value):
                goes.append(Belonging("pre-release", value.text))
            else:
                stays.append(Staying("version", value.text, "what was released is never removed"))
        return Remains(Inventory(tuple(goes), tuple(stays)), lambda: self._take(effect.enver))

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        return [value.text for value in self.published(effect.enver)]

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """No run records any: what was released stays, and pre-releases go with their values."""
        return FinishClearance(effect.enver, effect.units, (), effect.began)

    def _take(self, enver: str) -> str:
        self.says(enver, "what it released stays in its index: a release is never removed")
        return ""
