"""Where private settings are, and the key that seals them."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from odmd.bootstrap.secret_stores import stores_of
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state
from odmd.control.leading.private import PrivateVault
from odmd.control.ports.settings import Edit, MasterKey, WrittenSettings
from odmd.control.ports.store import Store
from odmd.errors import ToolMissing
from odmd.plan.settings import NO_SETTINGS
from odmd.plan.settings import PlannedSettings as Private
from odmd.store.key_file import KeyFile, found_key_file, next_key_file, put_in_place
from odmd.store.sealing import KeyRing
from odmd.store.settings import MemoryLayers, MemorySealed, SqlLayers, SqlSealed
from odmd.store.sql import SqlStore

KEY_FILE: Final = "ODMD_KEY_FILE"


def vault(settings: Settings, store: Store | None) -> PrivateVault:
    """In the state's database; where there is none yet, nothing is said and nothing kept.

    Raises:
        ToolMissing
    """
    if not isinstance(store, SqlStore):
        return PrivateVault(MemoryLayers(), MemorySealed())
    ring = key_ring(settings, store)
    return PrivateVault(SqlLayers(store.database, ring), SqlSealed(store.database, ring), lambda: stores_of(settings))


@contextmanager
def vault_to_edit(settings: Settings) -> Generator[tuple[PrivateVault, Callable[[str], Private]]]:
    """As `vault`, with what envers surely run with; the first edit makes the state.

    Raises:
        StateUnreadable, ToolMissing
    """
    with ExitStack() as opened:

        def made() -> SqlStore:
            store = SqlStore(database(settings))
            opened.callback(store.close)
            return store

        if has_state(settings):
            store = made()
            yield vault(settings, store), partial(settings_of, store)
        else:
            yield PrivateVault(_FirstEdit(lambda: vault(settings, made())), MemorySealed()), lambda _enver: NO_SETTINGS


def settings_of(store: Store, enver: str) -> Private:
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


def key_ring(settings: Settings, store: SqlStore) -> KeyRing:
    """The keys of a state; they are unwrapped, or made, when somebody has settings.

    Raises:
        ToolMissing
    """
    ring = KeyRing(store.database, lambda: _master(settings, ring))
    return ring


def rotate_key_of(settings: Settings) -> str:
    """As `rotate_key`, of the state that is there.

    Raises:
        NothingDeployed, KeyMissing, SettingsDamaged, ToolMissing
    """
    from odmd.bootstrap.records import refuse_what_is_not_there

    refuse_what_is_not_there(database(settings))
    store = SqlStore(database(settings))
    try:
        return rotate_key(settings, store)
    finally:
        store.close()


def rotate_key(settings: Settings, store: SqlStore) -> str:
    """Another master key in the place of the one that is there; returns its id.

    Raises:
        KeyMissing, SettingsDamaged, ToolMissing
    """
    ring, path = key_ring(settings, store), key_path(settings)
    ring.identity("")  # it can be read, or is made
    to = next_key_file(path)
    ring.rotate(to)
    put_in_place(path)
    return to.id


def key_path(settings: Settings) -> Path:
    """The file of the master key: beside the state, unless somebody says where."""
    return Path(os.environ.get(KEY_FILE) or settings.state / "settings.key")


def _master(settings: Settings, ring: KeyRing) -> MasterKey:
    if find_spec("cryptography") is None:
        raise ToolMissing(
            "cryptography is not installed, and private settings need it", next_step="pip install 'ondemandenv[apply]'"
        )
    if os.environ.get(KEY_FILE):
        return KeyFile(key_path(settings))  # who says where it is wants no other
    return found_key_file(key_path(settings), ring.masters())
