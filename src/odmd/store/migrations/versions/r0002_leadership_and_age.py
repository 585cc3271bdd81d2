"""Who leads, events by the message that they answer, and how old runs and waves are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds a table, an index, and a column to two projections, filled from their bodies."""
    op.create_table(
        "leadership",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_index("log_by_message", "log", ["message"])
    for table in ("runs", "waves"):
        op.add_column(table, sa.Column("at", sa.Float, nullable=False, server_default="0"))
    runs, waves = (sa.table(name, sa.column("at"), sa.column("body")) for name in ("runs", "waves"))
    ended = sa.func.coalesce(_number(runs, "finished_at"), _number(runs, "started_at"))
    op.execute(sa.update(runs).values(at=ended))
    op.execute(sa.update(waves).values(at=_number(waves, "at")))


def _number(table: sa.TableClause, field: str) -> sa.ColumnElement[float]:
    if op.get_context().dialect.name == "postgresql":
        return sa.cast(table.c.body, sa.JSON)[field].as_float()
    return sa.type_coerce(table.c.body, sa.JSON)[field].as_float()
