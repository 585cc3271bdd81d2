"""The releases of the schema, for who opens a state without SQLAlchemy, and without Alembic."""

from __future__ import annotations

from typing import Final

VERSIONS: Final[tuple[str, ...]] = (
    *("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010"),
    *("0011", "0012", "0013", "0014", "0015", "0016", "0017", "0018", "0019", "0020", "0021"),
)
"""Every migration there is, oldest first; a test compares them with the files, so that opening needs no Alembic."""
