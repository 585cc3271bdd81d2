"""A master key in a file that only its owner reads."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from odmd.errors import KeyMissing, SettingsDamaged
from odmd.private import private_folder

_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_NEXT: Final = ".next"
"""Ends the name of the file that takes its place while keys are rotated."""


class KeyFile:
    """Raises:
    KeyMissing: the file is not there, is no key, or is others' to read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            mode, text = path.stat().st_mode, path.read_bytes()
        except OSError as wrong:
            raise KeyMissing(
                f"the key of the settings cannot be read: {path}: {wrong.strerror}",
                next_step="bring the file back, from where you keep a copy; without it nobody reads the settings",
            ) from wrong
        if mode & 0o077:
            raise KeyMissing(f"{path} may be read by others", next_step=f"chmod 600 {path}")
        try:
            self._key = base64.b64decode(text.strip(), validate=True)
        except ValueError as wrong:
            raise _no_key(path) from wrong
        if len(self._key) != _BYTES:
            raise _no_key(path)

    @property
    def id(self) -> str:
        return f"file:{hashlib.sha256(b'odmd master key' + self._key).hexdigest()[:12]}"

    def wrap(self, key: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, key, self.id.encode())

    def unwrap(self, wrapped: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], self.id.encode())
        except InvalidTag as wrong:
            raise SettingsDamaged(
                "a key in the database is not as it was written", next_step="restore the table `keys` from a backup"
            ) from wrong


def _no_key(path: Path) -> KeyMissing:
    return KeyMissing(f"{path} holds no key", next_step=f"it has {_BYTES} bytes in base64; bring the right file back")


def make_key_file(path: Path) -> KeyFile:
    """The key in this file, which is made where there is none."""
    if not path.exists():
        private_folder(path.parent)
        with suppress(FileExistsError):
            _write(path)
    return KeyFile(path)


def _write(path: Path) -> None:
    """All of it or nothing, whoever else makes the same one now.

    Raises:
        FileExistsError
    """
    opened, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # its owner's alone
    made = Path(name)
    with os.fdopen(opened, "wb") as file:
        file.write(base64.b64encode(os.urandom(_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)
    finally:
        made.unlink()


def next_key_file(path: Path) -> KeyFile:
    """The one that is to take its place."""
    return make_key_file(path.with_name(path.name + _NEXT))


def set_aside(path: Path) -> None:
    """The key in this file, if there is one, is kept beside it, for older backups."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}.{KeyFile(path).id.removeprefix('file:')}"))


def put_in_place(path: Path) -> None:
    """The next key is the key from now on."""
    set_aside(path)
    path.with_name(path.name + _NEXT).rename(path)


def named_key_file(path: Path, sealed_by: frozenset[str]) -> KeyFile:
    """The key in a file that is there: who says where it is wants no other.

    A rotation that was killed before the new file was in its place is completed.
    """
    after = path.with_name(path.name + _NEXT)
    if sealed_by and after.exists() and KeyFile(after).id in sealed_by:
        put_in_place(path)
    return KeyFile(path)


def found_key_file(path: Path, sealed_by: frozenset[str]) -> KeyFile:
    """As `named_key_file`; where nothing is sealed yet, one is made."""
    return named_key_file(path, sealed_by) if sealed_by else make_key_file(path)
