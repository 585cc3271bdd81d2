"""The teams for which the holder of a token approves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Tokens that are there have none."""
    op.add_column("tokens", sa.Column("teams", sa.Text))
