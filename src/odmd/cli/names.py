"""How the shell completes the names that people type."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import typer

from odmd.errors import OdmdError


def complete_enver(ctx: typer.Context, incomplete: str) -> list[str]:
    """Recorded envers that begin so; none where nothing can be read."""
    from odmd.control.reading.named import labels
    from odmd.store.glance import envers_in

    try:
        return [label for label in labels(envers_in(_database(ctx))) if label.startswith(incomplete)]
    except (OdmdError, OSError, sqlite3.Error):
        return []


def complete_product(ctx: typer.Context, incomplete: str) -> list[str]:
    """Recorded envers and published products that begin so; none where nothing can be read."""
    from odmd.cli.output import product_label
    from odmd.store.glance import products_in

    try:
        products = [product_label(product) for product in products_in(_database(ctx))]
    except (OdmdError, OSError, sqlite3.Error):
        return []
    return [*complete_enver(ctx, incomplete), *(label for label in products if label.startswith(incomplete))]


def _database(ctx: typer.Context) -> Path:
    from odmd.bootstrap.settings import read_settings

    said: str | Path | None = ctx.params.get("state")
    return read_settings(state=Path(said) if said else None).state / "state.db"
