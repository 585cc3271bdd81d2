"""What contracts in an unpacked package promise: loaded apart, as all that others bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from odmd.bootstrap.apart import Surroundings, load_apart
from odmd.bootstrap.apart_inside import Errand
from odmd.errors import ContractsUnsound, Severity
from odmd.graph.difference import edition
from odmd.graph.shape import Shape, shape
from odmd.providers.cage import Cage


@dataclass(frozen=True, slots=True)
class PackagedShapes:
    """Reads them with odmd's own Python, and what is installed there."""

    cage: Callable[[], Cage]

    def __call__(self, folder: Path, entry_point: str, *, sound: bool) -> Shape:
        """Raises:
        ContractsNotLoaded, NotCaged
        ContractsUnsound: they have to be `sound` and are not.
        """
        where = str(folder)
        errand = Errand(entry_point, where, first=where, only=where)
        compiled = load_apart(errand, replace(self.cage(), network=False), Surroundings([folder]), stays=False)
        if sound and any(one.severity is Severity.ERROR for one in compiled.warnings):
            raise ContractsUnsound(compiled.warnings)
        return shape(edition(compiled))
