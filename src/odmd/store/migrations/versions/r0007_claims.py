"""Whose attempts and names of workers are, and what agents handed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_BIG_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Attempts under way that were claimed over HTTP are nobody's: they are lost, and claimed anew."""
    op.add_column("workers", sa.Column("token", sa.String, nullable=False, server_default=""))
    op.create_table(
        "claims",
        sa.Column("seq", _BIG_SERIAL, primary_key=True, autoincrement=True),
        sa.Column("run", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Index("claims_by_run", "run", "attempt", unique=True),
    )
    op.create_table(
        "handed_in",
        sa.Column("seq", _BIG_SERIAL, primary_key=True, autoincrement=True),
        sa.Column("run", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Index("handed_in_by_run", "run", "digest", unique=True),
    )
