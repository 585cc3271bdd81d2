"""`odmd backup` and `odmd recover`: a copy of the state, and the state after it was restored from one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.confirm import confirm
from odmd.cli.options import Contracts, Json, StateFolder
from odmd.errors import NothingDeployed

if TYPE_CHECKING:
    from odmd.bootstrap.recovery import Restored
    from odmd.bootstrap.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not be there yet.", dir_okay=False)],
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Write a copy of the state, as it is at one moment, beside whatever works on it. For Postgres, use pg_dump."""
    from odmd.bootstrap.recovery import back_up
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json, say

    with errors_as(json=json):
        settings = read_settings(state=state)
        _refuse_nothing(settings)
        done = back_up(settings, file)
    if json:
        print_json({"file": str(file), "bytes": done.bytes, "sealed_by": done.sealed_by})
        return
    say(f"{file}: {done.bytes / 1e6:.1f} MB; it holds the hashes of tokens and every value: keep it as you keep those")
    for key in done.sealed_by:
        say(f"nobody reads the private settings in it without the key {key}, which it does not hold")


def recover(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A backup to put in the state's place first.", dir_okay=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Make a state that was restored from a backup safe to work with: it is older than what really runs."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.recovery import recover as recover_state
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json
    from odmd.control.access.here import whoever_is_here

    with errors_as(json=json):
        settings = read_settings(contracts, state)
        if file is None:
            _refuse_nothing(settings)
        compiled = load_contracts(settings)
        if not yes:
            what = f"The state is replaced by {file}. " if file else ""
            confirm(f"{what}What it wanted done is forgotten, and everything is paused. Go on?", can_ask=not json)
        done = recover_state(settings, compiled, whoever_is_here(), file)
    if json:
        print_json({**asdict(done.recovery), "keys": [key._asdict() for key in done.keys]})
    else:
        _show(done)


def _refuse_nothing(settings: Settings) -> None:
    from odmd.bootstrap.state import has_state

    if not has_state(settings):
        raise NothingDeployed(f"there is no state in {settings.state}", next_step="run `odmd apply` first")


def _show(restored: Restored) -> None:
    from rich.text import Text

    from odmd.cli.output import console, next_step, plural, say

    done = restored.recovery
    say(f"nobody knows any more what {plural(done.envers, 'enver')} run: each is looked at when it runs next")
    if done.runs:
        say(f"ended: {plural(len(done.runs), 'run')} that the backup had under way")
    if done.effects or done.messages:
        say(f"forgotten: {plural(done.effects, 'effect')} and {plural(done.messages, 'message')} of the backup")
    say(f"runs, waves and versions go on from {done.first}; everything is paused")
    for key in restored.keys:
        if key.missing:
            why = f"nobody reads the private settings here: they are sealed by the key {key.id}. {key.missing}"
            console().print(Text("! ", "yellow").append(why, "default"), soft_wrap=True)
            console().print(next_step(key.next_step), soft_wrap=True)
    for step in (
        "revoke again what tokens were revoked since the backup: `odmd token list`",
        "`odmd plan` reads all heads; if it is right, `odmd resume --all` and `odmd apply`",
    ):
        console().print(next_step(step), soft_wrap=True)
