"""Projections are rewritten when their fields are renamed."""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from odmd.control.scheduler.older import Fields


def rewrite(table: str, key: str, change: Callable[[Fields], Fields], where: str = "") -> None:
    """Each row's body, as this release has it."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(f"SELECT {key}, body FROM {table} {where}")).all()  # noqa: S608
    changed = [{"key": name, "body": json.dumps(change(json.loads(body)))} for name, body in rows]
    if changed:
        connection.execute(sa.text(f"UPDATE {table} SET body = :body WHERE {key} = :key"), changed)  # noqa: S608
