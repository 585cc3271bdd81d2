"""Where private settings are."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import partial

from odmd.bootstrap.config_settings import ConfigInGit, ConfigInParameters
from odmd.bootstrap.keys import key_ring
from odmd.bootstrap.repositories import git_repositories
from odmd.bootstrap.secret_stores import stores_of
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state
from odmd.control.leading.private import PrivateVault
from odmd.control.ports.settings import Edit, Layers, Note, WrittenSettings
from odmd.control.ports.store import Store
from odmd.control.scheduler.messages import NoteEdit
from odmd.model.targets import Target
from odmd.plan.settings import NO_SETTINGS, PlannedSettings
from odmd.store.settings import MemoryLayers, MemorySealed, SqlLayers, SqlSealed
from odmd.store.sql import SqlStore


def vault(settings: Settings, store: Store | None) -> PrivateVault:
    """Where there is no state yet nothing is kept, and nothing said but elsewhere.

    Raises:
        ToolMissing
    """
    if not isinstance(store, SqlStore):
        return PrivateVault(_elsewhere(settings, _nobody) or MemoryLayers(), MemorySealed())
    ring = key_ring(settings, store)
    layers = _elsewhere(settings, store.receive) or SqlLayers(store.database, ring)
    return PrivateVault(layers, SqlSealed(store.database, ring), lambda: stores_of(settings))


@contextmanager
def vault_to_edit(settings: Settings) -> Generator[tuple[PrivateVault, Callable[[str], PlannedSettings]]]:
    """As `vault`, with what envers surely run with; the first edit makes the state.

    Raises:
        StateUnreadable, ToolMissing
    """
    with ExitStack() as opened:

        def made() -> SqlStore:
            store = SqlStore(database(settings))
            opened.callback(store.close)
            return store

        def note(id: str, message: NoteEdit, at: float) -> bool:
            return made().receive(id, message, at)

        if has_state(settings):
            store = made()
            yield vault(settings, store), partial(settings_of, store)
        else:
            layers = _elsewhere(settings, note) or _FirstEdit(lambda: vault(settings, made()))
            yield PrivateVault(layers, MemorySealed()), lambda _enver: NO_SETTINGS


def _elsewhere(settings: Settings, note: Note) -> Layers | None:
    """Layers that are not in the state's database.

    Args:
        note: has the log say who edited what.
    """
    match settings.config:
        case None:
            return None
        case ConfigInGit(repo, branch, folder):
            from odmd.providers.git.config_layers import GitLayers

            return GitLayers(git_repositories(settings), repo, branch, folder)
        case ConfigInParameters(prefix, account, region, key):
            from odmd.providers.aws import Sessions
            from odmd.providers.aws.config_layers import ParameterLayers

            sessions = Sessions(profiles=settings.profiles)
            return ParameterLayers(sessions, Target(account, region), prefix, key, note)


def _nobody(id: str, message: NoteEdit, at: float) -> bool:  # noqa: ARG001
    """Where there is no log, nobody edits."""
    return False


def settings_of(store: Store, enver: str) -> PlannedSettings:
    """What an enver surely runs with."""
    recorded = store.enver(enver)
    return recorded.deployed.settings if recorded and recorded.deployed else NO_SETTINGS


class _FirstEdit(MemoryLayers):
    """Nothing is said yet, and nothing made, until somebody says something."""

    def __init__(self, made: Callable[[], PrivateVault]) -> None:
        super().__init__()
        self._made: Callable[[], PrivateVault] = made

    def write(self, edit: Edit, at: float) -> WrittenSettings:
        return self._made().layers.write(edit, at)
