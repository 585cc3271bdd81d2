"""What the contracts say of an enver is its slice, and an account and region are a target."""

from __future__ import annotations

from odmd.control.scheduler.older import sliced, targeted
from odmd.store.migrations.rewriting import rewrite

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Projections, as this release has them; the log and the inbox are read as they are."""
    rewrite("envers", "address", lambda said: targeted(sliced(said)))
    rewrite("runs", "id", sliced)
    rewrite("documents", "name", sliced, "WHERE name = 'standing'")
