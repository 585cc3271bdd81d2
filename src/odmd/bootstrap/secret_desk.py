"""What can be done with secrets where the state is."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from odmd.bootstrap.private import vault, vault_to_edit
from odmd.bootstrap.secret_stores import stores_of
from odmd.bootstrap.settings import Settings
from odmd.control.leading.secret_desk import KeptSecrets
from odmd.control.scheduler.actor import Actor
from odmd.graph import Compiled
from odmd.store.sql import SqlStore


@contextmanager
def secret_desk(settings: Settings, compiled: Compiled, by: Actor) -> Generator[KeptSecrets]:
    """Binds secrets in the state, which the first binding makes, and asks their stores from here.

    Raises:
        StateUnreadable, ToolMissing
    """
    with vault_to_edit(settings) as (kept, _):
        yield KeptSecrets(compiled.graph, kept.layers, stores_of(settings), by)


def desk_on(settings: Settings, compiled: Compiled, store: SqlStore, by: Actor) -> KeptSecrets:
    """The same on a state that is open."""
    return KeptSecrets(compiled.graph, vault(settings, store).layers, stores_of(settings), by)
