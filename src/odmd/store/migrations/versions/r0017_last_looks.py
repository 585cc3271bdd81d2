"""When somebody looked last whether an enver is as it was deployed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_ADDRESS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Of an older state nobody kept it."""
    op.create_table(
        "last_looks",
        sa.Column("enver", _ADDRESS, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
