"""Plans that nobody carried out go with what else is old."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """How old those are that are there is not known: they count as new."""
    op.add_column("documents", sa.Column("at", sa.Float))
    young = sa.text("UPDATE documents SET at = :now WHERE name LIKE 'plan/%' OR name LIKE 'plans/%'")
    op.get_bind().execute(young, {"now": time.time()})
