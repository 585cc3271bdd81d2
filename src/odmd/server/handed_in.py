"""Artifacts over HTTP: what agents hand in and take out is looked at a piece at a time, and belongs to runs."""

from __future__ import annotations

import hashlib
from typing import Final

from odmd.errors import NothingThere, RequestInvalid, RequestTooLarge
from odmd.server.agents import HeldAttempt
from odmd.server.service import Service
from odmd.store.artifacts import Damaged, SqlArtifacts, pieces

LARGEST_ARTIFACT: Final = 64 * 1024 * 1024


def put(held: HeldAttempt, digest: str, compressed: bytes, *, is_report: bool) -> None:
    """Keeps an artifact of a run.

    Raises:
        ClaimRefused, QuotaExceeded
        RequestInvalid: it is not compressed, or not what it is called.
        RequestTooLarge
    """
    held.held()
    held.hand_in(digest, _size(digest, compressed), compressed, is_report=is_report)


def get_own(service: Service, held: HeldAttempt, digest: str) -> bytes:
    """An artifact that a run needs, compressed; others look as if they were not there.

    Raises:
        ClaimRefused, NothingThere
    """
    if not held.needs(digest):
        raise NothingThere(f"run {held.run} has no artifact {digest}")
    return get(service, digest)


def get(service: Service, digest: str) -> bytes:
    """An artifact, compressed.

    Raises:
        NothingThere
    """
    if (found := SqlArtifacts(service.control.store.database).get_compressed(digest)) is None:
        raise NothingThere(f"there is no artifact {digest}")
    return found


def _size(digest: str, compressed: bytes) -> int:
    hashed, size = hashlib.sha256(), 0
    try:
        for piece in pieces(compressed):
            size += len(piece)
            if size > LARGEST_ARTIFACT:
                raise RequestTooLarge("the content is larger than 64 MB")
            hashed.update(piece)
    except Damaged as wrong:
        raise RequestInvalid(f"the content cannot be read: {wrong}") from wrong
    if digest != f"sha256:{hashed.hexdigest()}":
        raise RequestInvalid(f"this is not the content of {digest}")
    return size
