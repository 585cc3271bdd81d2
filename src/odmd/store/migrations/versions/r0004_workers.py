"""Workers in other processes: where they say that they live, what they share, what runs say, and tokens for a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_BIG_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_ADDRESS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Creates the tables of workers, artifacts and the lines of runs."""
    op.add_column("tokens", sa.Column("run", sa.BigInteger))
    op.create_table(
        "workers",
        sa.Column("name", _ADDRESS, primary_key=True),
        sa.Column("release", sa.String, nullable=False),
        sa.Column("contracts", sa.String, nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("beats", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "artifacts",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "run_log",
        sa.Column("seq", _BIG_SERIAL, primary_key=True, autoincrement=True),
        sa.Column("run", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("lasting", sa.Integer, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Index("run_log_by_run", "run", "seq"),
    )
