"""Alembic's steps from any older schema to this release's."""
