"""Who plans, and with what: the contracts, what is recorded, and git."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, stored
from odmd.control.scheduler.state import State

if TYPE_CHECKING:
    from odmd.control.leading.planner import Planner
    from odmd.control.ports.world import Repositories
    from odmd.graph import Compiled
    from odmd.plan import Plan
    from odmd.plan.build import Limited
    from odmd.store.sql import SqlStore


@contextmanager
def planner(
    settings: Settings, compiled: Compiled, gone: Mapping[str, str] = MappingProxyType({})
) -> Generator[Planner]:
    """Plans beside whoever leads, and makes no state: where there is none yet, plans are shown and not kept.

    Raises:
        StateUnreadable
    """
    with stored(settings) as store:
        yield planner_of(settings, compiled, store.load() if store else State(), store, gone)


def planner_of(
    settings: Settings,
    compiled: Compiled,
    state: State,
    store: SqlStore | None,
    gone: Mapping[str, str] = MappingProxyType({}),
) -> Planner:
    """Plans with contracts, of which it looks up which files are not as committed, and with a state."""
    from odmd.bootstrap.private import vault
    from odmd.bootstrap.procedures import inventories
    from odmd.bootstrap.repositories import repositories
    from odmd.bootstrap.uncommitted import uncommitted
    from odmd.control.leading.planner import Planner
    from odmd.control.scheduler.clones import with_kept

    compiled = with_kept(compiled, state.clones.values(), time.time())
    dirty = uncommitted(settings, compiled)
    look = inventories(settings, store, compiled) if store is not None else None
    made_of = repositories(settings), settings.runs_at_once, dirty, gone, look
    return Planner(compiled, state, store, *made_of, vault=vault(settings, store))


def plan_beside(
    settings: Settings,
    compiled: Compiled,
    sources: Repositories,
    limited: Limited | None = None,
    *,
    refresh: bool = False,
) -> Plan:
    """The plan if other contracts were in force, or repositories had something else. Nobody else sees what it writes,
    but for sealed texts of settings, which go when nothing refers to them.

    Args:
        refresh: read the repositories, or take what was read of them last.

    Raises:
        ToolMissing, StateUnreadable
    """
    from odmd.bootstrap.private import vault
    from odmd.control.leading.planner import Planner
    from odmd.control.scheduler.clones import with_kept
    from odmd.store.beside import StoreBeside

    with closing(StoreBeside(database(settings))) as beside:
        made_of, state = (sources, settings.runs_at_once), beside.load()
        edition = with_kept(compiled, state.clones.values(), time.time())
        return Planner(edition, state, beside, *made_of, vault=vault(settings, beside)).make(limited, refresh=refresh)
