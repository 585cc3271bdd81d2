"""`odmd serve`: the control plane behind an HTTP API."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.options import Caged, Contracts, StateFolder
from odmd.errors import ToolMissing


def serve(
    host: Annotated[
        str, typer.Option(help="Where to listen; beyond this machine, everybody who calls needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8471,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Your own commands here need one too, as behind a proxy.")
    ] = False,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Carry out runs too, or leave them to `odmd worker`.")
    ] = True,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
) -> None:
    """Serve what every command does over HTTP, until stopped: SIGTERM drains, SIGHUP reads the contracts again."""
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import say

    try:
        from odmd.server.hosts import is_loopback
        from odmd.server.process import ListensAt
        from odmd.server.process import serve as run
    except ModuleNotFoundError as missing:
        raise ToolMissing(
            f"{missing.name} is not installed, and serving needs it", next_step="pip install 'ondemandenv[server]'"
        ) from missing
    settings = read_settings(contracts, state, isolation)
    run(settings, ListensAt(host, port, tokens or not is_loopback(host)), say, worker=worker)
