"""`odmd github`: the App as which odmd is known at GitHub."""

from __future__ import annotations

import typer

from odmd.cli.workflows import workflows

github = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Make odmd known to GitHub as an App of your organisation, and see how it stands there.",
)


@github.callback()
def _github() -> None:  # pyright: ignore[reportUnusedFunction]  # typer keeps it, and a group of one command a group
    """Make odmd known to GitHub as an App of your organisation, and see how it stands there."""


github.command("workflows")(workflows)
