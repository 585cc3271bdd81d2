"""As whom odmd is known elsewhere: sealed, and told to the log when somebody gives others."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from odmd.control.scheduler.actor import AccessChange, Actor
from odmd.control.scheduler.messages import NoteAccess
from odmd.store.database import Database
from odmd.store.project import upsert
from odmd.store.schema import credentials
from odmd.store.sealing import KeyRing, SealedBox
from odmd.store.telling import tell

GITHUB: Final = "github"


class SqlCredentials:
    """By the name of the place."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    def put(self, name: str, text: str, what: str, by: Actor, at: float) -> None:
        """Keeps or replaces.

        Args:
            what: they are, in words for the log; no secret.

        Raises:
            KeyMissing, SettingsUnreachable, SettingsDamaged
        """
        box = self._keys.seal(text, _about(name))
        note = NoteAccess(AccessChange.CREDENTIALS_KEPT, f"{name}/{at:.3f}", f"credentials kept: {what}", by)
        with self._database.writing() as connection:
            upsert(connection, credentials, [{"name": name, "key": box.key, "sealed": box.content, "at": at}])
            tell(self._database, connection, note, at)

    def get(self, name: str) -> str | None:
        """Raises:
        KeyMissing, SettingsUnreachable, SettingsDamaged
        """
        found = select(credentials.c.key, credentials.c.sealed).where(credentials.c.name == name)
        with self._database.reading() as connection:
            row = connection.execute(found).first()
        return None if row is None else self._keys.open(SealedBox(row.key, row.sealed), _about(name))


def _about(name: str) -> str:
    return f"credentials {name}"
