"""What the scheduler is given besides the state: the graph and the limits."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.graph import Graph


@dataclass(frozen=True, slots=True)
class Setup:
    """Fixed while the scheduler runs."""

    graph: Graph
    runs_at_once: int = 2
    grace: float = 5.0
    """Seconds between the last consumer's move and the retirement of what it moved from: time for calls in flight."""
