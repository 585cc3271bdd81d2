"""Clones that were made on demand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """None were until now."""
    address = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "clones",
        sa.Column("address", address, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
