"""`odmd rollback` and `odmd release`: an enver is brought back to an earlier run's inputs and held there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, StateFolder
from odmd.errors import NotConfirmed, PinRefused

if TYPE_CHECKING:
    from odmd.control.messages import Message
    from odmd.control.state import Enver, Run, State

Whose = Annotated[
    str, typer.Argument(metavar="ENVER", help="Which one, e.g. orders@main.", autocompletion=complete_enver)
]


def rollback(
    enver: Whose,
    to: Annotated[
        int | None, typer.Option("--to", metavar="RUN", help="A run of it; default the last one with other inputs.")
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="Why; kept with the change.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Bring an enver back to what an earlier run deployed, and hold it there until `odmd release`."""
    from odmd.cli.act import act, who
    from odmd.cli.history import history
    from odmd.cli.names import find_enver
    from odmd.cli.output import errors_as

    with errors_as(json=json), history(state) as past:
        now = past.store.load()
        found = now.envers[find_enver(enver, now)]
        run = _run(found, past.store.runs(found.address, 1000), to)
        _refuse_what_is_gone(now, run)
    if not json:
        _show(found, run)
    if not yes:
        _confirm(can_ask=not json)

    def make(now: State) -> Message:
        from odmd.control.messages import PinEnver
        from odmd.control.state import Pin

        _refuse_what_is_gone(now, run)
        return PinEnver(run.enver, Pin(run.id, run.fingerprint, run.inputs, run.assembly, who(), message))

    act(contracts, state, make, json=json)


def release(
    enver: Whose,
    contracts: Contracts = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Let an enver that was rolled back follow its inputs again: it is deployed with the newest ones."""
    from odmd.cli.act import act, who

    def make(now: State) -> Message:
        from odmd.cli.names import find_enver
        from odmd.control.messages import ReleaseEnver
        from odmd.model import naming

        found = now.envers[find_enver(enver, now)]
        if found.pin is None:
            label = naming.enver_label(found.address)
            raise PinRefused(f"{label} is not held", next_step=f"`odmd why {label}` says what it does")
        return ReleaseEnver(found.address, who())

    act(contracts, state, make, json=json)


def _run(enver: Enver, runs: Sequence[Run], to: int | None) -> Run:
    """The run to go back to.

    Raises:
        PinRefused: there is none, or it did not deploy what it should.
    """
    from odmd.control.state import RunStatus
    from odmd.model import naming

    label = naming.enver_label(enver.address)
    done = [run for run in runs if run.status is RunStatus.SUCCEEDED]
    if to is None:
        found = next((run for run in done if run.fingerprint != enver.deployed), None)
        why = f"no earlier run of {label} deployed anything else"
    else:
        found = next((run for run in done if run.id == to), None)
        why = f"run {to} is no run that deployed {label}"
    if found is None:
        raise PinRefused(why, next_step=f"`odmd runs {label}` lists what there is")
    return found


def _refuse_what_is_gone(now: State, run: Run) -> None:
    from odmd.cli.output import product_label
    from odmd.control.decide import gone
    from odmd.model import naming

    if lost := gone(now, run.inputs):
        names = ", ".join(f"{given.name} ({product_label(given.product)} #{given.version})" for given in lost)
        label = naming.enver_label(run.enver)
        raise PinRefused(
            f"run {run.id} of {label} ran with what was retired since: {names}",
            next_step=f"`odmd runs {label}` lists later ones, or roll back what publishes it",
        )


def _show(enver: Enver, run: Run) -> None:
    from odmd.cli.output import ago, console, short
    from odmd.model import naming

    out, before = console(), enver.deployed
    out.print(f"Roll {naming.enver_label(enver.address)} back to run {run.id}, {ago(run.started_at)}:", markup=False)
    now = short(before.commit) if before else "unknown"
    out.print(f"  commit {now} → {short(run.fingerprint.commit)}", markup=False)
    versions = {given.name: given.version for given in enver.consumed}
    for given in run.inputs:
        out.print(f"  {given.name} #{versions.get(given.name, 0)} → #{given.version}", markup=False)


def _confirm(*, can_ask: bool) -> None:
    if not (can_ask and sys.stdin.isatty()):
        raise NotConfirmed("nobody is there to say yes", next_step="give --yes")
    if not typer.confirm("\nRoll back?"):
        raise NotConfirmed("declined, nothing was changed")
