"""What checks left is kept as content that goes with the journals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Before, all content was a run's, and stayed."""
    op.add_column("artifacts", sa.Column("report", sa.Integer, nullable=False, server_default="0"))
