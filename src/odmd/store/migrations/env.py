"""What Alembic runs: migrate over the connection that was handed in, in its transaction."""

from __future__ import annotations

from alembic import context

from odmd.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
