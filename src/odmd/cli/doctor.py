"""`odmd doctor`: is everything there that odmd needs here, and what is to be done if not?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.checks import Check

_MARKS: Final = {"good": "[green]✓[/]", "note": "[yellow]![/]", "wrong": "[red]✗[/]"}


def doctor(
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Look at everything that odmd needs: tools, contracts, state, repositories, accounts, and the server if given."""
    from rich.text import Text

    from odmd.bootstrap.checkup import check_up
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, next_step, plural, print_json

    found: list[Check] = []
    with errors_as(json=json):
        settings = read_settings(contracts, state, isolation)
        for check in check_up(settings, server):
            found.append(check)
            if not json:
                line = Text.from_markup(f"{_MARKS[check.state]} ").append(f"{check.name}: ", "bold").append(check.fact)
                console().print(line, soft_wrap=True)
                if check.next_step:
                    console().print(next_step(check.next_step), soft_wrap=True)
    wrong = sum(check.state == "wrong" for check in found)
    if json:
        print_json(found)
    else:
        console().print(f"{plural(wrong, 'thing')} to mend" if wrong else "nothing is wrong")
    if wrong:
        raise typer.Exit(1)
