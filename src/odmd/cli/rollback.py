"""`odmd rollback` and `odmd release`: an enver is brought back to an earlier run's inputs and held there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.confirm import confirm
from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, Message, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.views import Earlier

Whose = Annotated[
    str, typer.Argument(metavar="ENVER", help="Which one, e.g. orders@main.", autocompletion=complete_enver)
]


def rollback(
    enver: Whose,
    to: Annotated[
        int | None, typer.Option("--to", metavar="RUN", help="A run of it; default the last one with other inputs.")
    ] = None,
    message: Message = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Bring an enver back to what an earlier run deployed, and hold it there until `odmd release`."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.act import act
    from odmd.cli.output import errors_as
    from odmd.control.leading.wishes import RollingBack

    with errors_as(json=json), plane(server, state) as there:
        back = there.past.earlier(enver, to)
    if not json:
        _show(back)
    if not yes:
        confirm("\nRoll back?", can_ask=not json)
    act(RollingBack(back.enver.enver, back.run.id, message), server, contracts, state, json=json)


def release(
    enver: Whose,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Let an enver that was rolled back follow its inputs again: it goes on with the newest commit and values."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import Releasing

    act(Releasing(enver, message), server, contracts, state, json=json)


def _show(back: Earlier) -> None:
    from odmd.cli.output import ago, console, short
    from odmd.model import naming

    out, run = console(), back.run
    out.print(f"Roll {naming.enver_label(run.enver)} back to run {run.id}, {ago(run.started_at)}:", markup=False)
    now = short(back.enver.commit) if back.enver.commit else "unknown"
    out.print(f"  commit {now} → {short(run.fingerprint.commit)}", markup=False)
    versions = {given.name: given.version for given in back.enver.inputs}
    for given in run.inputs:
        out.print(f"  {given.name} #{versions.get(given.name, 0)} → #{given.version}", markup=False)
