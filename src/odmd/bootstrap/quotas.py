"""How much one run may hand in: `[tool.odmd.quotas]`."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.access.claims import Amount
from odmd.control.ports.run_log import MOST_LINES, Room


@dataclass(frozen=True, slots=True)
class Quotas:
    """Of one run, over all attempts; many times what a large service needs."""

    steps: int = 5000
    steps_mb: int = 50
    lines: int = MOST_LINES
    """Of its app; as many of odmd's own, and as many lasting ones. So for megabytes, too."""
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
