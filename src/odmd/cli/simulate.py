"""`odmd simulate`: what would happen, how long it would take, what would break, and what one would want to change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from odmd.cli.discreet import for_the_user
from odmd.cli.options import Caged, Json, StateFolder
from odmd.cli.simulate_options import (
    Apart,
    ApproverTakes,
    AtOnce,
    Begin,
    ChanceOfSource,
    ChanceOfValues,
    Dropped,
    Durations,
    Everything,
    Failing,
    Html,
    NewContracts,
    NewValues,
    Paused,
    Pushed,
    Seed,
    Seeds,
)
from odmd.errors import SettingsInvalid

if TYPE_CHECKING:
    from odmd.simulate import Report


def simulate(
    push: Pushed = None,
    value: NewValues = None,
    everything: Everything = False,
    contracts: NewContracts = None,
    fail: Failing = None,
    drop: Dropped = None,
    takes: Durations = None,
    approver_takes: ApproverTakes = None,
    changes: ChanceOfSource = 1.0,
    ripple: ChanceOfValues = 0.0,
    apart: Apart = "0s",
    at_once: AtOnce = None,
    pause: Paused = None,
    begin: Begin = None,
    seed: Seed = 1,
    runs: Seeds = 1,
    html: Html = None,
    state: StateFolder = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Say what a change would do: order, time, what waits, what breaks, what to improve. Moves nothing."""
    from odmd.bootstrap.grounds import grounds
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as, print_json
    from odmd.cli.simulate_text import show
    from odmd.simulate import simulated
    from odmd.simulate.imagine import Beginning, Wanted, imagine

    wanted = Wanted(
        push=push or (),
        value=value or (),
        everything=everything,
        fail=fail or (),
        drop=drop or (),
        takes=takes or (),
        approver_takes=approver_takes,
        changes=changes,
        ripple=ripple,
        apart=apart,
        at_once=at_once or (),
        pause=pause or (),
        begin=Beginning(begin) if begin else None,
        seed=seed,
    )
    with errors_as(json=json):
        report = simulated(imagine(wanted, grounds(read_settings(None, state, isolation), contracts)), runs)
        if html is not None:
            _write(report, html)
    if json:
        print_json(report.as_json())
    else:
        show(report)
        _say_where(html)


def _write(report: Report, file: Path) -> None:
    from odmd.simulate.picture import picture

    try:
        with for_the_user():
            file.write_text(picture(report), encoding="utf-8")
    except OSError as wrong:
        raise SettingsInvalid(
            f"--html: {file} cannot be written: {wrong.strerror}", next_step="name a file in a folder that exists"
        ) from wrong


def _say_where(file: Path | None) -> None:
    from odmd.cli.output import console

    if file is not None:
        console().print()
        console().print(f"wrote {file}", markup=False)
