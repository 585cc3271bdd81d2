"""Who acted is more than a name, and nothing speaks of one build type alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from odmd.control.scheduler.older import Fields, acted, left, pinned, renamed

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Projections, as this release has them; the log and the inbox are read as they are."""
    _rewrite("envers", "address", _enver)
    _rewrite("runs", "id", renamed)
    _rewrite("waves", "id", acted)
    _rewrite("documents", "name", _standing, "WHERE name = 'standing'")


def _enver(said: Fields) -> Fields:
    said = pinned(renamed(said))
    if said.get("units"):
        said["units"] = left(said["units"], "left")
    if said.get("departure"):
        said["departure"] = acted(said["departure"])
    return said


def _standing(said: Fields) -> Fields:
    pauses: dict[str, Any] = said.get("pauses", {})
    return {**said, "pauses": {scope: acted(one) for scope, one in pauses.items()}}


def _rewrite(table: str, key: str, change: Callable[[Fields], Fields], where: str = "") -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text(f"SELECT {key}, body FROM {table} {where}")).all()  # noqa: S608
    changed = [{"key": name, "body": json.dumps(change(json.loads(body)))} for name, body in rows]
    if changed:
        connection.execute(sa.text(f"UPDATE {table} SET body = :body WHERE {key} = :key"), changed)  # noqa: S608
