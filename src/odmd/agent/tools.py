"""The providers that an agent works with."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.ports import Artifacts, Cloud, Handovers, Repositories, Synthesiser


@dataclass(frozen=True, slots=True)
class Tools:
    """One of each port that a run needs."""

    repositories: Repositories
    synthesiser: Synthesiser
    cloud: Cloud
    handovers: Handovers
    artifacts: Artifacts
