"""What the scheduler is given besides the state: the contracts, the limits and the times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from odmd.control.scheduler.limits import ATTEMPTS, Limits
from odmd.graph import Graph
from odmd.plan.wiring import Wirings


@dataclass(frozen=True)
class Setup:
    """Fixed while the scheduler runs. Times are in seconds."""

    graph: Graph
    """The newest contracts; they are in force once `UseContracts` said so."""
    limits: Limits = Limits()  # noqa: RUF009  # it is frozen
    grace: float = 5.0
    """Between the last consumer's move and the retirement of what it moved from: time for calls in flight."""
    patience: float = 3600.0
    """How long an enver waits for upstream envers that go on moving, before it starts with what is there."""
    retries: int = 2
    """How often a run is tried again that failed for a reason which may pass."""
    waits: int = 12
    """How often one is that did not begin, as somebody else is away: some forty minutes."""
    back_off: float = 1.0
    """Before the first of these; doubled each time, at most ten minutes."""
    attempts: int = ATTEMPTS
    """How many workers a run may lose: what its app does may be what ends them."""
    claimed_within: float | None = None
    """For how long a run waits for the job that it was given to; None: this process gives none to jobs, so that those
    of builds that run on Actions go to workers."""
    held: bool = False
    """Nothing new begins; what has begun goes on. So it is until somebody confirmed a plan."""
    earlier: tuple[Graph, ...] = ()
    """Editions of the contracts that a log or a state may still speak of."""

    @cached_property
    def contracts(self) -> str:
        """Digest of the newest contracts."""
        return self.graph.digest()

    prepared: Wirings | None = None
    """The contracts as the scheduler sees them, if somebody has that already."""

    @cached_property
    def wirings(self) -> Wirings:
        return self.prepared or Wirings(self.graph, *self.earlier)
