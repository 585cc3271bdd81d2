"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ADDRESS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Creates the log, its projections and what lies beside them."""
    _create_inbox_and_log()
    _create_projections()
    _create_steps_and_documents()


def _create_inbox_and_log() -> None:
    op.create_table(
        "inbox",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("handled", sa.Integer, nullable=False, server_default="0"),
    )
    pending = sa.text("handled = 0")
    op.create_index("inbox_pending", "inbox", ["seq"], sqlite_where=pending, postgresql_where=pending)
    op.create_table(
        "log",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )


def _create_projections() -> None:
    op.create_table(
        "envers",
        sa.Column("address", ADDRESS, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("enver", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("runs_by_enver", "runs", ["enver", "id"])
    op.create_index("runs_by_status", "runs", ["status"])
    op.create_table(
        "values",
        sa.Column("product", ADDRESS, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "waves",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("open", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _create_steps_and_documents() -> None:
    op.create_table(
        "steps",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("run", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("steps_by_run", "steps", ["run", "name"], unique=True)
    op.create_table(
        "documents",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
