"""A message of what was changed beside the log, committed together with it: neither is there alone."""

from __future__ import annotations

from sqlalchemy import Connection

from odmd.control.scheduler.messages import NoteAccess, NoteEdit
from odmd.store.codec import MESSAGES
from odmd.store.database import Database
from odmd.store.project import insert_new
from odmd.store.schema import inbox


def tell(database: Database, connection: Connection, note: NoteAccess | NoteEdit, at: float) -> None:
    """Puts it into the inbox, within the transaction of what it tells."""
    type_, body = MESSAGES.encode(note)
    insert_new(connection, inbox, {"id": _id(note), "type": type_, "body": body, "at": at})
    database.notify(connection, "odmd_inbox")


def _id(note: NoteAccess | NoteEdit) -> str:
    if isinstance(note, NoteEdit):
        return f"edit/{note.layer}/{note.version}"
    return f"access/{note.change.value}/{note.id}"
