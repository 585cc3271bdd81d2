"""Steps are called what they are for builds of any type."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Whoever claims a run that an older release began goes on where that stopped."""
    said = """replace(result, '"assembly"', '"recipe"')"""
    op.execute(f"UPDATE steps SET name = 'prepare', result = {said} WHERE name = 'synth'")  # noqa: S608
    op.execute("UPDATE steps SET name = 'deliver' WHERE name = 'assets'")
    op.execute("UPDATE steps SET name = 'propose ' || substr(name, 12) WHERE name LIKE 'change set %'")
    op.execute("UPDATE steps SET name = 'carry out ' || substr(name, 9) WHERE name LIKE 'execute %'")
