"""`odmd status`: what runs, from which commit, with which versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.cli.options import Json, StateFolder

if TYPE_CHECKING:
    from odmd.control.state import Enver, State


def status(state: StateFolder = None, json: Json = False) -> None:
    """Show every enver: is it up to date, what does it run, and with which versions of its inputs."""
    from odmd.bootstrap.planning import recorded_state
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, print_json, short, table
    from odmd.model import naming

    recorded = recorded_state(read_settings(state=state))
    envers = sorted(recorded.envers.values(), key=lambda enver: enver.address)
    if json:
        print_json([_as_json(enver, recorded) for enver in envers])
        return
    if not envers:
        console().print("nothing is deployed yet: `odmd plan` shows what would be")
        return
    shown = table("enver", "state", "commit", "consumes", "last run")
    for enver in envers:
        commit = short(enver.deployed.commit) if enver.deployed else "?"
        inputs = ", ".join(input_label(enver, recorded)) or "–"
        shown.add_row(naming.enver_label(enver.address), condition(enver), commit, inputs, str(enver.last_run or "–"))
    console().print(shown)


def condition(enver: Enver) -> str:
    """One word or two for the shape an enver is in."""
    if enver.run is not None:
        return "[yellow]deploying[/]"
    if enver.failed is not None:
        return "[red]failed[/]"
    if enver.owes:
        return "[yellow]waiting[/]"
    return "[green]up to date[/]" if enver.deployed else "[red]unknown[/]"


def input_label(enver: Enver, state: State) -> list[str]:
    """`bus #1`, and how far behind the newest it is."""
    labels: list[str] = []
    for given in enver.consumed:
        newest = state.versions.get(given.product, 0)
        lag = f" [yellow](#{newest} is out)[/]" if newest > given.version else ""
        labels.append(f"{given.name} #{given.version}{lag}" if given.version else f"{given.name} (placeholder){lag}")
    return labels


def _as_json(enver: Enver, state: State) -> dict[str, object]:
    from rich.text import Text

    return {
        "enver": enver.address,
        "state": Text.from_markup(condition(enver)).plain,
        "commit": enver.deployed.commit if enver.deployed else None,
        "last_run": enver.last_run,
        "failure": enver.failure or None,
        "inputs": [
            {
                "name": given.name,
                "product": given.product,
                "version": given.version,
                "value": given.text,
                "lag": state.versions.get(given.product, 0) - given.version,
            }
            for given in enver.consumed
        ],
    }
