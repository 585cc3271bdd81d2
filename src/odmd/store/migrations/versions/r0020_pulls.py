"""What is remembered of pull requests on services."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Before, nobody looked at them."""
    op.create_table(
        "pulls",
        sa.Column("repository", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("clones", sa.String, nullable=False),
        sa.Column("head", sa.String, nullable=False),
        sa.Column("newest", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.String, nullable=False),
        sa.Column("declined", sa.Integer, nullable=False),
    )
    some = sa.text("clones <> ''")
    op.create_index("pulls_with_clones", "pulls", ["clones"], sqlite_where=some, postgresql_where=some)
    op.create_table(
        "answered_comments",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Float, nullable=False),
    )
