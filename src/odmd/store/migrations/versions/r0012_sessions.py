"""Sessions are tokens of somebody who proved who he is, and what is good for one session is remembered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Tokens that are there were made for their holders."""
    op.add_column("tokens", sa.Column("holder", sa.String))
    op.add_column("tokens", sa.Column("session", sa.Text))
    op.create_index("tokens_by_holder", "tokens", ["holder"])
    op.create_table(
        "used_proofs",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_index("used_proofs_by_end", "used_proofs", ["until"])
