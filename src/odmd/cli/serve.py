"""`odmd serve`: the control plane behind an HTTP API."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.options import Contracts, StateFolder
from odmd.errors import ToolMissing


def serve(
    host: Annotated[
        str, typer.Option(help="Where to listen; beyond this machine, everybody who calls needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8471,
    tokens: Annotated[bool, typer.Option("--tokens", help="Callers on this machine need tokens too.")] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
) -> None:
    """Serve what every command does over HTTP, until stopped: SIGTERM drains, SIGHUP reads the contracts again."""
    from odmd.bootstrap.settings import read_settings

    try:
        from odmd.server.auth import is_loopback
        from odmd.server.process import Address
        from odmd.server.process import serve as run
    except ModuleNotFoundError as missing:
        raise ToolMissing(
            f"{missing.name} is not installed, and serving needs it", next_step="pip install 'ondemandenv[server]'"
        ) from missing
    run(read_settings(contracts, state), Address(host, port, tokens or not is_loopback(host)), _say)


def _say(line: str) -> None:
    from odmd.cli.output import console

    console().print(line, markup=False, soft_wrap=True)
