"""`odmd agent run`: carries out one run of a server from anywhere, as a job of GitHub Actions does."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder
from odmd.errors import ClaimRefused, SettingsInvalid

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.graph import Compiled

agent = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Carry out a server's runs from other places.",
)


@agent.callback()
def _agent() -> None:  # pyright: ignore[reportUnusedFunction]  # typer keeps it, and a group of one command a group
    """Carry out a server's runs from other places."""


@agent.command("run")
def run(
    number: Annotated[int, typer.Argument(metavar="RUN", min=1, help="The run, as `odmd runs` shows it.")],
    server: Server = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Claim a run, carry it out here, and tell the server how it ended. ODMD_TOKEN is the right to it."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json, say

    with errors_as(json=json):
        if server is None:
            raise SettingsInvalid("nothing says which server's run it is", next_step="give --server URL")
        settings = read_settings(contracts, state, isolation)
        outcome = _carry_out(number, server, settings, load_contracts(settings), quiet=json)
    if json:
        print_json({"run": number, "ended": "failed" if outcome else "succeeded", "error": outcome})
    else:
        say(f"run {number} failed: {outcome}" if outcome else f"run {number} succeeded")
    if outcome:
        raise typer.Exit(1)


def _carry_out(number: int, server: str, settings: Settings, compiled: Compiled, *, quiet: bool) -> str:
    """Why the run failed; nothing where it did not."""
    from odmd.agent import Agent, LogWriter
    from odmd.bootstrap.procedures import agents_tools
    from odmd.bootstrap.worker_names import one_name
    from odmd.cli.output import say
    from odmd.client.connection import Connection
    from odmd.client.desk import RemoteDesk
    from odmd.control.scheduler.messages import FailRun

    with closing(Connection(server)) as connection, closing(RemoteDesk(connection, compiled)) as desk:
        log = LogWriter(desk)

        def tell(run: int, line: str, *, lasting: bool = False) -> None:
            log(run, line, lasting=lasting)
            if not quiet:
                say(line)

        one = Agent(one_name("agent"), desk, agents_tools(settings, desk), settings.state / "runs", tell, log.flush)
        if (claim := one.claim(number)) is None:
            raise ClaimRefused(f"run {number} is not to be had", next_step="`odmd runs` shows who has it")
        outcome = one.carry_out(claim)
        log.close()
    return outcome.error if isinstance(outcome, FailRun) else ""
