"""`odmd notify`: who is told of what; and whether a message gets there."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from odmd.cli.options import Json, StateFolder

notify = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Say who is told of what happens, as the settings have it, and try whether a message gets there.",
)
_COLUMNS: Final = ("route", "about", "of teams", "in stages", "quiet", "so far")


@notify.command("list")
def list_routes(state: StateFolder = None, json: Json = False) -> None:
    """Show the routes, and what keeps back those that do not get on. A server tells people."""
    from odmd.bootstrap.plane import plane
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json):
        routes = [one.route for one in read_settings(state=state).notify]
        with plane(None, state) as there:
            known = {one.name: one for one in there.past.subscribers()}
    said = [(one, known.get(f"notify {one.name}")) for one in routes]
    if json:
        print_json([{"route": route, "follows": follows} for route, follows in said])
        return
    if not said:
        console().print("nobody is told of anything: write [tool.odmd.notify.NAME] in pyproject.toml")
        return
    rows = [
        (
            route.name,
            ", ".join(sorted(route.topics)),
            ", ".join(sorted(route.teams)) or "all",
            ", ".join(sorted(route.stages)) or "all",
            str(route.quiet or ""),
            (follows.trouble or "told all") if follows else "no server told anything yet",
        )
        for route, follows in said
    ]
    show_rows(_COLUMNS, rows)


@notify.command("test")
def try_out(
    route: Annotated[str | None, typer.Argument(metavar="[ROUTE]", help="Which; all if left out.")] = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Send a message by a route, or by each, from here."""
    from odmd.bootstrap.notifying import channel
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, print_json
    from odmd.errors import NotTold

    with errors_as(json=json):
        routes = [one for one in read_settings(state=state).notify if route in (None, one.route.name)]
        if not routes:
            raise NotTold(
                f"there is no route {route}" if route else "there is no route",
                next_step="`odmd notify list` shows them",
            )
        for one in routes:
            channel(one).tell("a test", "Whoever reads this is told of what happens.", urgent=False)
            if not json:
                console().print(f"[green]✓[/] {one.route.name} took the message")
    if json:
        print_json([one.route.name for one in routes])
