"""Which stacks envers have: until now the stored assembly of their last run alone said so."""

from __future__ import annotations

import json
import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Those of the stored assembly, where the enver was deployed last."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT address, body FROM envers")).all()
    for address, text in rows:
        body: dict[str, Any] = json.loads(text)
        place = {"account": body.get("account", ""), "region": body.get("region", "")}
        names = _stacks(connection, body.get("assembly")) if place["account"] and "stacks" not in body else []
        if names:
            body["stacks"] = {"there": [{"name": name, **place} for name in names]}
            changed = {"address": address, "body": json.dumps(body)}
            connection.execute(sa.text("UPDATE envers SET body = :body WHERE address = :address"), changed)


def _stacks(connection: Connection, assembly: str | None) -> list[str]:
    """The names of a stored assembly's stacks; none where it is not stored any more, or damaged."""
    found = connection.execute(sa.text("SELECT content FROM artifacts WHERE digest = :digest"), {"digest": assembly})
    try:
        return [stack["name"] for stack in json.loads(zlib.decompress(found.scalar() or b""))["stacks"]]
    except (zlib.error, ValueError, KeyError):
        return []
