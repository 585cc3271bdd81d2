"""As whom odmd is known elsewhere, and what hosts of repositories told it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Before, a webhook was looked at once and kept nowhere."""
    op.create_table(
        "credentials",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("repository", sa.String, nullable=False),
        sa.Column("repository_id", sa.BigInteger),
        sa.Column("pull_request", sa.BigInteger),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("handled", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("deliveries_by_age", "deliveries", ["at"])
    pending = sa.text("handled = 0")
    op.create_index("deliveries_pending", "deliveries", ["seq"], sqlite_where=pending, postgresql_where=pending)
