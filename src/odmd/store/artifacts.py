"""Immutable content, found again by its digest."""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select, update

from odmd.errors import StateUnreadable
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import artifacts

_PIECE: Final = 64 * 1024


class Damaged(ValueError):
    """What is there is not compressed by zlib, or not wholly."""


def pieces(compressed: bytes) -> Iterator[bytes]:
    """What is compressed, a piece at a time, so that it is never held whole.

    Raises:
        Damaged
    """
    reader, rest = zlib.decompressobj(), compressed
    while not reader.eof:
        try:
            piece = reader.decompress(rest, _PIECE)
        except zlib.error as wrong:
            raise Damaged("it is not compressed by zlib") from wrong
        rest = reader.unconsumed_tail
        if not (piece or rest or reader.eof):
            raise Damaged("it ends too early")
        yield piece
    if reader.unused_data:
        raise Damaged("it goes on behind its end")


def digest_of(content: bytes) -> str:
    """`sha256:<hex>`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class MemoryArtifacts:
    """Content in a dictionary."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}
        self._reports: set[str] = set()

    def put(self, content: bytes) -> str:
        digest = digest_of(content)
        self._content[digest] = content
        self._reports.discard(digest)
        return digest

    def put_report(self, content: bytes) -> str:
        if (digest := digest_of(content)) not in self._content:
            self.put(content)
            self._reports.add(digest)
        return digest

    def report(self, digest: str) -> bytes | None:
        return self.get(digest) if digest in self._reports else None

    def get(self, digest: str) -> bytes | None:
        return self._content.get(digest)


class SqlArtifacts:
    """One row a content, in the state's own database: whoever carries out a run finds it there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, content: bytes) -> str:
        digest = digest_of(content)
        with self._database.writing() as connection:
            keep(connection, digest, zlib.compress(content), is_report=False)
        return digest

    def put_report(self, content: bytes) -> str:
        digest = digest_of(content)
        with self._database.writing() as connection:
            keep(connection, digest, zlib.compress(content), is_report=True)
        return digest

    def report(self, digest: str) -> bytes | None:
        """What a check left; of other content nothing, whatever its digest.

        Raises:
            StateUnreadable: the row no longer holds what it is named after.
        """
        is_one = select(artifacts.c.digest).where(artifacts.c.digest == digest, artifacts.c.report == 1)
        with self._database.reading() as connection:
            found = connection.execute(is_one).scalar()
        return None if found is None else self.get(digest)

    def get(self, digest: str) -> bytes | None:
        """Raises:
        StateUnreadable: the row no longer holds what it is named after.
        """
        found = self.get_compressed(digest)
        return None if found is None else zlib.decompress(found)

    def get_compressed(self, digest: str) -> bytes | None:
        """As it is stored.

        Raises:
            StateUnreadable: the row no longer holds what it is named after.
        """
        with self._database.reading() as connection:
            found = connection.execute(select(artifacts.c.content).where(artifacts.c.digest == digest)).scalar()
        if found is not None and not _is_whole(found, digest):
            raise StateUnreadable(
                f"the artifact {digest} is damaged",
                next_step="remove its row from `artifacts`; the next full run stores it again",
            )
        return found


def keep(connection: Connection, digest: str, compressed: bytes, *, is_report: bool) -> None:
    """What is there already stays: a report is as young as this, and what is more than a report stays more."""
    row = {"digest": digest, "content": compressed, "at": time.time(), "report": int(is_report)}
    if insert_new(connection, artifacts, row):
        return
    same = update(artifacts).where(artifacts.c.digest == digest, artifacts.c.report == 1)
    connection.execute(same.values(at=row["at"], report=row["report"]))


def _is_whole(compressed: bytes, digest: str) -> bool:
    hashed = hashlib.sha256()
    try:
        for piece in pieces(compressed):
            hashed.update(piece)
    except Damaged:
        return False
    return digest == f"sha256:{hashed.hexdigest()}"
