"""Who acted is more than a name, and nothing speaks of one build type alone."""

from __future__ import annotations

from typing import Any

from odmd.control.scheduler.older import Fields, acted, left, pinned, renamed
from odmd.store.migrations.rewriting import rewrite

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Projections, as this release has them; the log and the inbox are read as they are."""
    rewrite("envers", "address", _enver)
    rewrite("runs", "id", renamed)
    rewrite("waves", "id", acted)
    rewrite("documents", "name", _standing, "WHERE name = 'standing'")


def _enver(said: Fields) -> Fields:
    said = pinned(renamed(said))
    if said.get("units"):
        said["units"] = left(said["units"], "left")
    if said.get("departure"):
        said["departure"] = acted(said["departure"])
    return said


def _standing(said: Fields) -> Fields:
    pauses: dict[str, Any] = said.get("pauses", {})
    return {**said, "pauses": {scope: acted(one) for scope, one in pauses.items()}}
