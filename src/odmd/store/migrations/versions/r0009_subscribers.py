"""Where those are who follow the log, and with which of its events waves ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ADDRESS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Waves that ended before stay without a position: nobody followed them by name."""
    op.create_table(
        "subscribers",
        sa.Column("name", _ADDRESS, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("alive", sa.Float, nullable=False),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("since", sa.Float, nullable=False, server_default="0"),
        sa.Column("missed", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.add_column("waves", sa.Column("ended", sa.BigInteger))
    op.create_index("waves_by_end", "waves", ["ended"])
