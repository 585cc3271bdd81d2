"""`odmd status`: what runs, from which commit, with which versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from odmd.cli.options import Json, StateFolder

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.cli.history import Reading
    from odmd.control.state import Enver, State

_COLUMNS: Final = ("enver", "state", "commit", "consumes", "last run")


def status(state: StateFolder = None, json: Json = False) -> None:
    """Show every enver as recorded: its state, what it runs, and with which versions of its inputs."""
    from odmd.cli.history import history
    from odmd.cli.output import console, errors_as, next_step, print_json, show_rows

    with errors_as(json=json), history(state) as past:
        now = past.read()
    envers = sorted((one for one in now.state.envers.values() if not one.removed), key=lambda enver: enver.address)
    if json:
        print_json([_as_json(enver, now) for enver in envers])
        return
    if envers:
        show_rows(_COLUMNS, [_row(enver, now) for enver in envers])
    else:
        console().print("nothing is deployed yet")
    for step in _next_steps(envers, now):
        console().print(next_step(step), soft_wrap=True)


def condition(enver: Enver, now: Reading) -> tuple[str, str]:
    """One word for the shape an enver is in, and a style."""
    from odmd.control.state import LOSS

    if now.is_interrupted(enver):
        return "interrupted", "red"
    if enver.run is not None:
        return "deploying", "yellow"
    if enver.failed is not None and LOSS not in enver.offers:
        return "failed", "red"
    if enver.offers:
        return "asks", "yellow"
    if enver.departure is not None:
        return "leaving", "yellow"
    if enver.owes:
        return "waiting", "yellow"
    if enver.pin is not None:
        return "held", "cyan"
    return ("deployed", "green") if enver.deployed else ("unknown", "red")


def input_label(enver: Enver, state: State) -> list[str]:
    """`bus #1`, and how far behind the newest it is."""
    labels: list[str] = []
    for given in enver.consumed:
        newest = state.versions.get(given.product, 0)
        lag = f" (#{newest} is out)" if newest > given.version else ""
        labels.append(f"{given.name} #{given.version}{lag}" if given.version else f"{given.name} (placeholder){lag}")
    return labels


def _row(enver: Enver, now: Reading) -> tuple[str | Text, ...]:
    from rich.text import Text

    from odmd.cli.output import short
    from odmd.model import naming

    return (
        naming.enver_label(enver.address),
        Text(*condition(enver, now)),
        short(enver.deployed.commit) if enver.deployed else "?",
        ", ".join(input_label(enver, now.state)) or "–",
        str(enver.last_run or "–"),
    )


def _next_steps(envers: list[Enver], now: Reading) -> Iterator[str]:
    from odmd.control.explain import scope_label
    from odmd.model import naming

    words = {enver.address: condition(enver, now)[0] for enver in envers}
    if not words:
        yield "`odmd plan` shows what would be"
    if "interrupted" in words.values():
        yield "`odmd apply` goes on with what was interrupted"
    if found := next((address for address, word in words.items() if word == "asks"), None):
        yield f"`odmd approve {naming.enver_label(found)}` or `odmd reject` answers what it asks"
    for scope, pause in now.state.standing.pauses.items():
        yield f"{scope_label(scope)} is paused by {pause.by}; `odmd resume` ends that"
    for wanted in ("failed", "waiting"):
        if found := next((address for address, word in words.items() if word == wanted), None):
            yield f"`odmd why {naming.enver_label(found)}` says why it {'failed' if wanted == 'failed' else 'waits'}"
            return


def _as_json(enver: Enver, now: Reading) -> dict[str, object]:
    return {
        "enver": enver.address,
        "state": condition(enver, now)[0],
        "commit": enver.deployed.commit if enver.deployed else None,
        "last_run": enver.last_run,
        "failure": enver.failure or None,
        "inputs": [
            {
                "name": given.name,
                "product": given.product,
                "version": given.version,
                "value": given.text,
                "lag": now.state.versions.get(given.product, 0) - given.version,
            }
            for given in enver.consumed
        ],
    }
