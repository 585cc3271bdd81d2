"""Immutable content, found again by its digest."""

from __future__ import annotations

import hashlib
import time
import zlib

from sqlalchemy import select

from odmd.errors import StateUnreadable
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import artifacts


def digest_of(content: bytes) -> str:
    """`sha256:<hex>`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class MemoryArtifacts:
    """Content in a dictionary."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        digest = digest_of(content)
        self._content[digest] = content
        return digest

    def get(self, digest: str) -> bytes | None:
        return self._content.get(digest)


class SqlArtifacts:
    """One row a content, in the state's own database: whoever carries out a run finds it there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, content: bytes) -> str:
        digest = digest_of(content)
        with self._database.writing() as connection:
            row = {"digest": digest, "content": zlib.compress(content), "at": time.time()}
            insert_new(connection, artifacts, row)
        return digest

    def get(self, digest: str) -> bytes | None:
        """Raises:
        StateUnreadable: the row no longer holds what it is named after.
        """
        with self._database.reading() as connection:
            found = connection.execute(select(artifacts.c.content).where(artifacts.c.digest == digest)).scalar()
        if found is None:
            return None
        if (content := _whole(found)) is None or digest_of(content) != digest:
            raise StateUnreadable(
                f"the artifact {digest} is damaged",
                next_step="remove its row from `artifacts`; the next full run stores it again",
            )
        return content


def _whole(compressed: bytes) -> bytes | None:
    try:
        return zlib.decompress(compressed)
    except zlib.error:
        return None
