"""The config that a service read live goes with its enver, whatever its type: shown before, and taken at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from odmd.control.ports.world import Mirror
from odmd.control.running.acting import clearing_target
from odmd.control.running.procedures import Remains, Remover
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance
from odmd.model import naming
from odmd.model.build_types import BuildType
from odmd.plan.inventory import Belonging


@dataclass(frozen=True, slots=True)
class WithLiveConfig:
    """A `Remover` that takes it along."""

    remover: Remover
    parameters: Mirror
    type: BuildType
    """Of the enver."""

    def look(self, effect: RemoveEnver) -> Remains:
        found = self.remover.look(effect)
        if not effect.config:
            return found
        goes = (*found.inventory.goes, *(Belonging("config", name) for name in effect.config))
        return Remains(found.inventory._replace(goes=goes), lambda: found.take() or self._take(effect))

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        return (*self.remover.may_be_there(effect), *(f"config {name} in {_folder(effect)}" for name in effect.config))

    def clear(self, effect: ClearUnits) -> FinishClearance:
        return self.remover.clear(effect)

    def _take(self, effect: RemoveEnver) -> str:
        if effect.target is not None:
            self.parameters.clear(_folder(effect), clearing_target(effect.enver, self.type, effect.target))
        return ""


def _folder(effect: RemoveEnver) -> str:
    build, _, slot = effect.enver.partition("/")
    return naming.config_folder(build, slot)
