"""`odmd worker`: carries out runs beside the process that leads."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.options import Caged, Contracts, StateFolder


def worker(
    places: Annotated[
        int | None, typer.Option(min=1, max=1000, help="How many runs at a time; else `runs-at-once` of the settings.")
    ] = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
) -> None:
    """Carry out runs of whoever leads on the same database, until stopped: SIGTERM lets runs under way end."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.bootstrap.stopping import stopping
    from odmd.bootstrap.workers import standing_worker
    from odmd.cli.output import say
    from odmd.isolation import Isolation

    settings = read_settings(contracts, state, isolation)
    compiled, places = load_contracts(settings, Isolation.REQUIRED), places or settings.runs_at_once
    told, broken = stopping(say), list[BaseException]()

    def give_up(trouble: BaseException) -> None:
        broken.append(trouble)
        told.set()

    with standing_worker(settings, compiled, places, say, give_up) as standing:
        say(f"{standing.name} takes runs of {compiled.graph.organisation}, {places} at a time")
        while not told.wait(0.5):
            pass
    if broken:
        raise broken[0]
