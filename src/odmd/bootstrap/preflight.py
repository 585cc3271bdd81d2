"""Who looks at what next runs need: the contracts, what is recorded, and who proves it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from odmd.bootstrap.planner import planner_of
from odmd.bootstrap.provers import WorldProver, recipe_needs
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state
from odmd.control.leading.preflight import Preflight
from odmd.control.scheduler.state import State

if TYPE_CHECKING:
    from odmd.control.leading.planner import Planner
    from odmd.graph import Compiled
    from odmd.store.sql import SqlStore


@contextmanager
def preflight(settings: Settings, compiled: Compiled) -> Generator[Preflight]:
    """Looks beside whoever leads, and makes no state.

    Raises:
        StateUnreadable
    """
    from odmd.store.sql import SqlStore

    store = SqlStore(database(settings)) if has_state(settings) else None
    try:
        planner = planner_of(settings, compiled, store.load() if store else State(), store)
        yield preflight_of(settings, planner, store)
    finally:
        if store is not None:
            store.close()


def preflight_of(settings: Settings, planner: Planner, store: SqlStore | None) -> Preflight:
    """With what a planner plans, and the recipes that a store keeps."""
    from odmd.store.artifacts import SqlArtifacts

    artifacts = SqlArtifacts(store.database) if store is not None else None
    return Preflight(planner, WorldProver(settings), recipe_needs(), artifacts)
