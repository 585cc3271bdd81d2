"""Each event of the log is chained to the one before, from here on."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """What is there was written before there was a chain: it begins after that."""
    op.add_column("log", sa.Column("link", sa.String))
    op.create_table(
        "chain",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("link", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    connection = op.get_bind()
    end = connection.execute(sa.text("SELECT max(position) FROM log")).scalar()
    if end is not None:
        row = {"position": end, "link": "0" * 64, "at": time.time()}
        connection.execute(sa.text("INSERT INTO chain VALUES (1, :position, :link, :at)"), row)
