"""Envelope encryption: data keys in the database seal what is beside them, and a master key elsewhere wraps them.

Who has the database, or a backup of it, reads nothing without the master key. Another master key re-wraps the data
keys; what they sealed stays as it is. Identities are made with a key of their own, which lasts.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

from sqlalchemy import select, update

from odmd.control.ports.settings import MasterKey
from odmd.control.scheduler.actor import AccessChange, Actor
from odmd.control.scheduler.messages import NoteAccess
from odmd.errors import KeyMissing, SettingsDamaged
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import keys
from odmd.store.telling import tell

_DATA: Final = "data"
_IDENTITY: Final = "identity"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class SealedBox(NamedTuple):
    """Something sealed."""

    key: int
    """The number of the data key."""
    content: bytes


@dataclass
class KeyRing:
    """The data keys of one database, unwrapped when they are first needed, and made where there are none."""

    database: Database
    master: Callable[[], MasterKey]
    _known: dict[tuple[str, int], bytes] = field(default_factory=dict[tuple[str, int], bytes])

    def seal(self, text: str, about: str) -> SealedBox:
        """Only who names the same thing again opens it."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        number = max(number for purpose, number in self._keys() if purpose == _DATA)
        nonce = os.urandom(_NONCE_BYTES)
        return SealedBox(
            number, nonce + AESGCM(self._known[_DATA, number]).encrypt(nonce, text.encode(), about.encode())
        )

    def open(self, box: SealedBox, about: str) -> str:
        """Raises:
        KeyMissing, SettingsDamaged
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, content = box.content[:_NONCE_BYTES], box.content[_NONCE_BYTES:]
        try:
            return AESGCM(self._key(box.key)).decrypt(nonce, content, about.encode()).decode()
        except (InvalidTag, ValueError) as wrong:
            raise SettingsDamaged(
                f"{about} is not as it was written", next_step="restore it from a backup, or write it again"
            ) from wrong

    def identity(self, text: str) -> str:
        """A keyed digest."""
        keys_ = self._keys()
        return hmac.digest(keys_[_IDENTITY, 1], text.encode(), sha256).hex()[:40]

    def rotate(self, to: MasterKey, by: Actor) -> int:
        """Wraps all keys by another master key, all or none, and what is sealed from now on is under a new data key.
        Returns how many keys that were.

        Raises:
            KeyMissing: somebody else rotated meanwhile, or one of the master keys cannot be had.
            SettingsUnreachable, SettingsDamaged
        """
        self._known = {}
        known, before = self._keys(), self.masters()
        wrapped = {of: to.wrap(key) for of, key in known.items()}  # beforehand: it may be a call to another machine
        another = _row(to, _DATA, max(number for purpose, number in known if purpose == _DATA) + 1)
        with self.database.appending() as connection:
            here = connection.execute(select(keys.c.purpose, keys.c.number, keys.c.master)).all()
            numbers = {(purpose, number) for purpose, number, _ in here}
            if numbers != known.keys() or any(master not in before for _, _, master in here):
                raise KeyMissing(
                    "somebody else rotated the key of the settings meanwhile",
                    next_step="give the key that they are sealed by now, and rotate it, if that is still wanted",
                )
            for (purpose, number), text in wrapped.items():
                this = (keys.c.purpose == purpose) & (keys.c.number == number)
                connection.execute(update(keys).where(this).values(wrapped=text, master=to.id))
            insert_new(connection, keys, another)
            number = f"{_DATA} {another['number']}"
            what = f"{AccessChange.KEY_ROTATED.value}: {to.id}"
            tell(self.database, connection, NoteAccess(AccessChange.KEY_ROTATED, number, what, by), time.time())
        self._known = {}
        self.master = lambda: to
        return len(known)

    def masters(self) -> frozenset[str]:
        """The ids of the master keys that wrapped the keys of this database."""
        with self.database.reading() as connection:
            return frozenset(connection.execute(select(keys.c.master)).scalars())

    def _key(self, number: int) -> bytes:
        if (_DATA, number) not in self._keys():
            self._known = {}  # another process made one
        if (key := self._keys().get((_DATA, number))) is None:
            raise SettingsDamaged(f"data key {number} is gone", next_step="restore the table `keys` from a backup")
        return key

    def _keys(self) -> dict[tuple[str, int], bytes]:
        if not self._known:
            self._known = self._unwrapped() or self._made()
        return self._known

    def _made(self) -> dict[tuple[str, int], bytes]:
        master = self.master()
        rows = [_row(master, purpose, 1) for purpose in (_DATA, _IDENTITY)]
        with self.database.writing() as connection:
            for row in rows:
                insert_new(connection, keys, row)
        return self._unwrapped()  # those of whoever was first

    def _unwrapped(self) -> dict[tuple[str, int], bytes]:
        with self.database.reading() as connection:
            rows = connection.execute(select(keys.c.purpose, keys.c.number, keys.c.wrapped, keys.c.master)).all()
        if not rows:
            return {}
        master = self.master()
        for _, _, _, wrapped_by in rows:
            if wrapped_by != master.id:
                raise KeyMissing(
                    f"the settings of this state are sealed by key {wrapped_by}, and the key here is {master.id}",
                    next_step=f"ODMD_KEY={wrapped_by} names the one that they are sealed by"
                    if wrapped_by.startswith("kms:")
                    else "unset ODMD_KEY, and have that file beside the state, or as ODMD_KEY_FILE",
                )
        return {(purpose, number): master.unwrap(wrapped) for purpose, number, wrapped, _ in rows}


def _row(master: MasterKey, purpose: str, number: int) -> dict[str, object]:
    """Of a key that is made now."""
    wrapped = master.wrap(os.urandom(_KEY_BYTES))
    return {"purpose": purpose, "number": number, "wrapped": wrapped, "master": master.id, "at": time.time()}
