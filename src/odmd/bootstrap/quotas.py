"""How much one run may hand in: `[tool.odmd.quotas]`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import cast

from odmd.control.claims import Amount
from odmd.control.run_log import MOST_LINES, Room
from odmd.errors import SettingsInvalid


@dataclass(frozen=True, slots=True)
class Quotas:
    """Of one run, over all attempts; many times what a large service needs."""

    steps: int = 5000
    steps_mb: int = 50
    lines: int = MOST_LINES
    """And as many lasting ones; as for megabytes."""
    lines_mb: int = 16
    artifacts: int = 50
    artifacts_mb: int = 500

    @property
    def of_steps(self) -> Amount:
        """With characters of what they made."""
        return Amount(self.steps, self.steps_mb * 1_000_000)

    @property
    def of_artifacts(self) -> Amount:
        """With bytes as they inflate."""
        return Amount(self.artifacts, self.artifacts_mb * 1_000_000)

    @property
    def room(self) -> Room:
        """For what it says."""
        return Room(self.lines, self.lines_mb * 1_000_000)


def read_quotas(said: object, where: str) -> Quotas:
    """Those that are said, and the usual ones.

    Raises:
        SettingsInvalid
    """
    known = [field.name.replace("_", "-") for field in fields(Quotas)]
    if not isinstance(said, dict):
        raise SettingsInvalid(f"{where}: [tool.odmd.quotas] must be a table of numbers")
    given = cast("dict[str, object]", said)
    wrong = [f"{name} = {value!r}" for name, value in given.items() if name not in known or not _is_number(value)]
    if wrong:
        raise SettingsInvalid(
            f"{where}: [tool.odmd.quotas] {', '.join(wrong)}: it takes whole numbers, 1 or more",
            next_step=f"it has {', '.join(known)}",
        )
    return Quotas(**{name.replace("-", "_"): cast("int", value) for name, value in given.items()})


def _is_number(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given > 0
