"""`odmd status`: what runs, from which commit, with which versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.cli.options import Json, StateFolder

if TYPE_CHECKING:
    from odmd.control.state import Enver, State


def status(state: StateFolder = None, json: Json = False) -> None:
    """Show every enver: is it up to date, what does it run, and with which versions of its inputs."""
    from rich.text import Text

    from odmd.bootstrap.planning import recorded_state
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import cells, console, print_json, short, table
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
        word, style = condition(enver)
        last_run = str(enver.last_run or "–")
        shown.add_row(*cells(naming.enver_label(enver.address), Text(word, style), commit, inputs, last_run))
    console().print(shown)


def condition(enver: Enver) -> tuple[str, str]:
    """One word or two for the shape an enver is in, and a style."""
    if enver.run is not None:
        return "deploying", "yellow"
    if enver.failed is not None:
        return "failed", "red"
    if enver.owes:
        return "waiting", "yellow"
    return ("up to date", "green") if enver.deployed else ("unknown", "red")


def input_label(enver: Enver, state: State) -> list[str]:
    """`bus #1`, and how far behind the newest it is."""
    labels: list[str] = []
    for given in enver.consumed:
        newest = state.versions.get(given.product, 0)
        lag = f" (#{newest} is out)" if newest > given.version else ""
        labels.append(f"{given.name} #{given.version}{lag}" if given.version else f"{given.name} (placeholder){lag}")
    return labels


def _as_json(enver: Enver, state: State) -> dict[str, object]:
    return {
        "enver": enver.address,
        "state": condition(enver)[0],
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
