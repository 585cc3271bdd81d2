"""The key that seals what is private in a state."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database
from odmd.control.access.here import whoever_is_here
from odmd.control.leading.state_id import state_id
from odmd.control.ports.settings import MasterKey
from odmd.errors import KeyMissing, SettingsDamaged, SettingsUnreachable, ToolMissing
from odmd.store.key_file import found_key_file, named_key_file, next_key_file, put_in_place, set_aside
from odmd.store.sealing import KeyRing
from odmd.store.sql import SqlStore

KEY_FILE: Final = "ODMD_KEY_FILE"
KEY: Final = "ODMD_KEY"
"""`kms:` and the ARN of a key: it is the master key, and no file is."""
FILE: Final = "file"
"""What `rotate_key` is told where it is to be a file."""


def key_ring(settings: Settings, store: SqlStore) -> KeyRing:
    """The keys of a state; they are unwrapped, or made, when somebody has settings.

    Raises:
        ToolMissing
    """
    ring = KeyRing(store.database, lambda: _master(settings, store, ring))
    return ring


class NeededKey(NamedTuple):
    """A master key without which nobody reads the settings of a state, and how it stands here."""

    id: str
    """`file:` and its fingerprint, or `kms:` and its ARN."""
    missing: str = ""
    """Why it cannot be had here; empty: it can."""
    next_step: str = ""


def sealed_by(settings: Settings, store: SqlStore) -> Sequence[str]:
    """The ids of the master keys that seal the settings of a state; none where nothing is sealed."""
    return sorted(key_ring(settings, store).masters())


def needed_keys(settings: Settings, store: SqlStore) -> Sequence[NeededKey]:
    """Those, and whether they can be had."""
    ring = key_ring(settings, store)
    ids = sorted(ring.masters())
    try:
        ring.identity("") if ids else None
    except (KeyMissing, SettingsUnreachable, SettingsDamaged, ToolMissing) as wrong:
        return [NeededKey(id, wrong.fact, _kept_aside(settings, id) or wrong.next_step) for id in ids]
    return [NeededKey(id) for id in ids]


def _kept_aside(settings: Settings, id: str) -> str:
    """How to put a file in place that a rotation left beside it."""
    path = key_path(settings)
    aside = path.with_name(f"{path.name}.{id.removeprefix('file:')}")
    return f"ODMD_KEY_FILE={aside} reads them: keep it, or put it in the place of {path}" if aside.exists() else ""


def rotate_key_of(settings: Settings, to: str = "") -> str:
    """As `rotate_key`, of the state that is there.

    Raises:
        NothingDeployed, SettingsInvalid, KeyMissing, SettingsUnreachable, SettingsDamaged, ToolMissing
    """
    from odmd.bootstrap.records import refuse_what_is_not_there

    refuse_what_is_not_there(database(settings))
    store = SqlStore(database(settings))
    try:
        return rotate_key(settings, store, to)
    finally:
        store.close()


def rotate_key(settings: Settings, store: SqlStore, to: str = "") -> str:
    """Another master key in the place of the one that is there; returns its id.

    Args:
        to: `file`, or `kms:` and an ARN; unless it is said, the same sort of key as there is.

    Raises:
        SettingsInvalid, KeyMissing, SettingsUnreachable, SettingsDamaged, ToolMissing
    """
    ring, path = key_ring(settings, store), key_path(settings)
    to = to or os.environ.get(KEY) or FILE
    managed = None if to == FILE else _managed(to, settings, store)
    ring.identity("")  # it can be read, or is made
    was_managed = bool(os.environ.get(KEY))
    master = managed or next_key_file(path)
    ring.rotate(master, whoever_is_here())
    if managed is None:
        put_in_place(path)
    elif not was_managed:
        set_aside(path)
    return master.id


def key_path(settings: Settings) -> Path:
    """The file of the master key: beside the state, unless somebody says where."""
    return Path(os.environ.get(KEY_FILE) or settings.state / "settings.key")


def _master(settings: Settings, store: SqlStore, ring: KeyRing) -> MasterKey:
    if find_spec("cryptography") is None:
        raise ToolMissing(
            "cryptography is not installed, and private settings need it", next_step="pip install 'ondemandenv[apply]'"
        )
    if said := os.environ.get(KEY):
        return _managed(said, settings, store)
    sealed_by = ring.masters()
    if managed := next((one for one in sorted(sealed_by) if one.startswith("kms:")), None):
        raise KeyMissing(
            f"the settings of this state are sealed by key {managed}, and nothing says that it may be used",
            next_step=f"set {KEY}={managed}",
        )
    if os.environ.get(KEY_FILE):
        return named_key_file(key_path(settings), sealed_by)
    return found_key_file(key_path(settings), sealed_by)


def _managed(said: str, settings: Settings, store: SqlStore) -> MasterKey:
    """A key that is elsewhere; the database's own word is not enough for it, since whoever writes there might name
    his own."""
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.master_key import KmsMasterKey

    return KmsMasterKey(said, Sessions(profiles=settings.profiles), state_id(store))
