"""Anchors with a signature (Ed25519), in a file or wherever else small texts are kept."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from odmd.control.ports.anchors import Anchor, KeptAnchor, Sheets
from odmd.errors import KeyMissing
from odmd.private import private_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ABOUT: Final = b"odmd anchor 1\n"
"""Stands before what is signed, so that a signature is good for nothing else."""


class AnchorKey:
    """The key of a file in PEM: a private one signs and proves, a public one proves alone.

    Raises:
        KeyMissing: the file is not there, is no such key, or is a private one that others may read.
    """

    def __init__(self, path: Path, text: str = "") -> None:
        """Args:
        text: the key itself, where it is in no file.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

        self._path = path
        found = _parsed(text.encode(), path) if text else _read(path)
        self._private: Ed25519PrivateKey | None = found if isinstance(found, Ed25519PrivateKey) else None
        self._public: Ed25519PublicKey = found if isinstance(found, Ed25519PublicKey) else found.public_key()

    def sign(self, said: bytes) -> bytes:
        """Raises:
        KeyMissing: it is a public one.
        """
        if self._private is None:
            raise KeyMissing(
                f"{self._path} is a public key, and anchors are signed with the private one",
                next_step="name the file of the private key in [tool.odmd.audit] key",
            )
        return self._private.sign(_ABOUT + said)

    def has_signed(self, signature: bytes, said: bytes) -> bool:
        """Whether the signature is of this key, and of this."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._public.verify(signature, _ABOUT + said)
        except InvalidSignature:
            return False
        return True

    @property
    def public(self) -> str:
        """The public key in PEM, for who proves."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _read(path: Path) -> Ed25519PrivateKey | Ed25519PublicKey:
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except OSError as wrong:
        raise KeyMissing(
            f"the key of the anchors cannot be read: {path}: {wrong.strerror}",
            next_step="bring the file back, or make a new one: `odmd audit key FILE`",
        ) from wrong
    if _is_private(text) and mode & 0o077:
        raise KeyMissing(f"{path} may be read by others", next_step=f"chmod 600 {path}")
    return _parsed(text, path)


def _is_private(text: bytes) -> bool:
    return b"PRIVATE" in text


def _parsed(text: bytes, path: Path) -> Ed25519PrivateKey | Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    try:
        found = load_pem_private_key(text, None) if _is_private(text) else load_pem_public_key(text)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise _no_key(path) from wrong
    if isinstance(found, (Ed25519PrivateKey, Ed25519PublicKey)):
        return found
    raise _no_key(path)


def _no_key(path: Path) -> KeyMissing:
    return KeyMissing(f"{path} holds no Ed25519 key in PEM", next_step="make one: `odmd audit key FILE`")


def make_anchor_key(path: Path) -> AnchorKey:
    """A new private key in a file that only its owner reads.

    Raises:
        FileExistsError: there is a file.
        OSError: it cannot be written there.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    return AnchorKey(path)


class FileSheets:
    """One line each in a file that is only added to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, name: str, text: str) -> None:
        del name
        private_folder(self._path.parent)
        opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(opened, "a", encoding="utf-8") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())

    def all(self) -> Iterator[tuple[str, str]]:
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return
        yield from ((f"{self._path}:{number}", line) for number, line in enumerate(lines, 1) if line)


class SignedAnchors:
    """`Anchors` on any sheets."""

    def __init__(self, sheets: Sheets, key: AnchorKey) -> None:
        self._sheets, self._key = sheets, key

    def put(self, anchor: Anchor) -> None:
        """Raises:
        KeyMissing: the key cannot sign.
        """
        said = json.dumps(asdict(anchor), sort_keys=True)
        signature = base64.b64encode(self._key.sign(said.encode())).decode()
        self._sheets.add(f"{anchor.position:020}-{anchor.link[:12]}", json.dumps({"said": said, "by": signature}))

    def all(self) -> Sequence[KeptAnchor]:
        return [self._read(name, text) for name, text in self._sheets.all()]

    def _read(self, name: str, text: str) -> KeptAnchor:
        try:
            sheet = json.loads(text)
            said, signature = str(sheet["said"]), base64.b64decode(sheet["by"], validate=True)
            parts = json.loads(said)
            anchor = Anchor(str(parts["state"]), int(parts["position"]), str(parts["link"]), float(parts["at"]))
        except (ValueError, KeyError, TypeError):
            return KeptAnchor(name, None, "it cannot be read")
        return KeptAnchor(
            name, anchor, "" if self._key.has_signed(signature, said.encode()) else "its signature is not by this key"
        )
