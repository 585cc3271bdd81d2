"""`odmd console`: the console in a browser, with whoever types it signed in."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.options import Caged, Contracts, Server, StateFolder
from odmd.errors import NotSignedIn, ToolMissing


def console(
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser, or print the address alone.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Carry out runs too, as `odmd serve` does.")
    ] = True,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
) -> None:
    """Open the console in your browser, signed in as you, and serve it until stopped: what is, why, what waits."""
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import say

    if server is not None:
        _open(server, opens=opens)
        return
    try:
        from odmd.server.console import NOT_BUILT, console_files
        from odmd.server.process import ListensAt, serve
    except ModuleNotFoundError as missing:
        raise ToolMissing(
            f"{missing.name} is not installed, and serving needs it", next_step="pip install 'ondemandenv[server]'"
        ) from missing
    if not console_files():
        raise ToolMissing("the console is not built", next_step=NOT_BUILT)
    address = ListensAt("127.0.0.1", port, tokens=False)
    settings = read_settings(contracts, state, isolation)
    serve(settings, address, say, worker=worker, ready=lambda url: _open(url, opens=opens))


def _open(server: str, *, opens: bool) -> None:
    """With a one-time sign-in, where somebody is signed in at the server."""
    from odmd.cli.browser import open_page
    from odmd.cli.output import say
    from odmd.client import Client

    address = f"{server.rstrip('/')}/console/"
    try:
        with Client(server) as client:
            address += f"#code={client.hand_over()}"
    except NotSignedIn:
        say(f"you are not signed in at {server}: the page asks for a token")
    if opens and open_page(address):
        say(f"opened {server.rstrip('/')}/console/ in your browser")
    else:
        say(f"open {address} in a browser; it signs you in once, within a minute")
