"""`odmd agent`: one run of a server, carried out from anywhere, at once or in two halves, as jobs of GitHub do."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder
from odmd.errors import ClaimRefused, RunNotPrepared, SettingsInvalid

if TYPE_CHECKING:
    from odmd.agent import Agent
    from odmd.bootstrap.settings import Settings
    from odmd.control.leading.desk import Claim


_DIGEST: Final = re.compile(r"(sha256:[0-9a-f]{64})?")
agent = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Carry out a server's runs from other places.",
)
Run = Annotated[int, typer.Argument(metavar="RUN", min=1, help="The run, as `odmd runs` shows it.")]
Audience = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What the server is called in GitHub's token, if not by its address."),
]


@agent.command("run")
def run(
    number: Run,
    server: Server = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Claim a run, carry it out here, and tell the server how it ended. ODMD_TOKEN is the right to it."""
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as

    with errors_as(json=json):
        settings, url = read_settings(contracts, state, isolation), _server_or_refuse(server)
        with _claimed(number, url, settings, quiet=json) as (one, claim):
            outcome = one.carry_out(claim)
    _end(number, _error(outcome), json=json)


@agent.command("right")
def right(number: Run, audience: Audience = None, server: Server = None, json: Json = False) -> None:
    """Get the right to prepare a run, for a job that may not say who it is: by GitHub's token of this job."""
    from odmd.cli.output import errors_as, print_json, say
    from odmd.client.right import right_of_job

    with errors_as(json=json):
        text = right_of_job(_server_or_refuse(server), number, audience or "", prepares=True)
        if _is_told_to_other_jobs("right", text):
            say(f"the next job may prepare run {number}")
        elif json:
            print_json({"run": number, "right": text})
        else:
            typer.echo(text)


@agent.command("prepare")
def prepare(
    number: Run,
    server: Server = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Make a run's recipe of its source, without credentials, and hand it on by its digest. ODMD_TOKEN is the right."""
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json, say

    with errors_as(json=json):
        settings, url = read_settings(contracts, state, isolation), _server_or_refuse(server)
        with _claimed(number, url, settings, quiet=json) as (one, claim):
            made = one.prepare(claim)
        if not isinstance(made, str):
            _end(number, _error(made), json=json)
            return
        _is_told_to_other_jobs("prepared", made)
    if json:
        print_json({"run": number, "prepared": made})
    else:
        say(f"run {number} is prepared: {made}" if made else f"run {number} needs nothing of its source")


@agent.command("deploy")
def deploy(
    number: Run,
    prepared: Annotated[
        str, typer.Option(metavar="DIGEST", help="What was prepared, as `odmd agent prepare` said it; may be empty.")
    ],
    audience: Audience = None,
    server: Server = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Carry out what was prepared, and nothing else: no code of the repository runs. In a job of GitHub, its token is
    the right to it, else ODMD_TOKEN."""
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json, say
    from odmd.client.right import right_of_job

    with errors_as(json=json):
        if not _DIGEST.fullmatch(prepared):
            raise SettingsInvalid(f"{prepared!r} is no digest", next_step="give what `odmd agent prepare` said")
        settings, url = read_settings(contracts, state, isolation), _server_or_refuse(server)
        token = None if os.environ.get("ODMD_TOKEN") else right_of_job(url, number, audience or "")
        try:
            with _claimed(number, url, settings, token, quiet=json) as (one, claim):
                outcome = one.carry_out(claim, prepared)
        except RunNotPrepared as given_back:
            if json:
                print_json({"run": number, "ended": None, "given_back": given_back.fact})
            else:
                say(f"run {number} is given back, to be prepared by another job: {given_back.fact}")
            return
    _end(number, _error(outcome), json=json)


def _server_or_refuse(server: str | None) -> str:
    if server is None:
        raise SettingsInvalid("nothing says which server's run it is", next_step="give --server URL")
    return server


@contextmanager
def _claimed(
    number: int,
    server: str,
    settings: Settings,
    token: str | None = None,
    *,
    quiet: bool,
) -> Generator[tuple[Agent, Claim]]:
    """An agent with the right to a run. Whoever cancels a job ends it as Ctrl-C does, and the run is told so."""
    from odmd.agent import Agent, LogWriter
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.jobs import tools_of_agent
    from odmd.bootstrap.worker_names import one_name
    from odmd.cli.output import say
    from odmd.client.connection import Connection
    from odmd.client.desk import RemoteDesk

    compiled = load_contracts(settings)
    with closing(Connection(server, token)) as connection, closing(RemoteDesk(connection, compiled)) as desk:
        log = LogWriter(desk)

        def tell(run: int, line: str, *, lasting: bool = False) -> None:
            log(run, line, lasting=lasting)
            if not quiet:
                say(line)

        tools = tools_of_agent(settings, desk)
        one = Agent(one_name("agent"), desk, tools, settings.state / "runs", tell, log.flush)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if (claim := one.claim(number)) is None:
            raise ClaimRefused(f"run {number} is not to be had", next_step="`odmd runs` shows who has it")
        yield one, claim
        log.close()


def _error(outcome: object) -> str:
    """Why a run failed; nothing where it did not."""
    from odmd.control.scheduler.messages import FailRun

    return outcome.error if isinstance(outcome, FailRun) else ""


def _end(number: int, error: str, *, json: bool) -> None:
    from odmd.cli.output import print_json, say

    if json:
        print_json({"run": number, "ended": "failed" if error else "succeeded", "error": error})
    else:
        say(f"run {number} failed: {error}" if error else f"run {number} succeeded")
    if error:
        raise typer.Exit(1)


def _is_told_to_other_jobs(name: str, text: str) -> bool:
    """Whether this is a step of a job, whose output it becomes."""
    if not (file := os.environ.get("GITHUB_OUTPUT")):
        return False
    with Path(file).open("a", encoding="utf-8") as outputs:
        outputs.write(f"{name}={text}\n")
    return True
