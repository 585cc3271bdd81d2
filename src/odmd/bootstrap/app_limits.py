"""What a service's app may take of the machine that carries out its run: `[tool.odmd.app-limits]`."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.scheduler.limits import ATTEMPTS
from odmd.providers.limits import USUAL, ProgramLimits


@dataclass(frozen=True, slots=True)
class AppLimits:
    """Of one program of the app, its build command or the app itself; more than any takes that is well."""

    memory_mb: int = USUAL.memory_mb
    processes: int = USUAL.processes
    """Threads count as well."""
    seconds: int = USUAL.seconds
    disk_mb: int = USUAL.disk_mb
    """Of its checkout, its assembly and its build's cache."""
    attempts: int = ATTEMPTS
    """Of one run, whose worker was lost each time; the leader counts them."""

    @property
    def of_programs(self) -> ProgramLimits:
        """For who runs them."""
        return ProgramLimits(self.memory_mb, self.processes, self.seconds, self.disk_mb)
