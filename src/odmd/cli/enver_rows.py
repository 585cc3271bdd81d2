"""Envers as rows of a table, in `odmd status` and in what it goes on to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.control.reading.views import EnverView

COLUMNS: Final = ("enver", "state", "commit", "consumes", "last run")
_STYLES: Final = {
    "deployed": "green",
    "held": "cyan",
    "failed": "red",
    "interrupted": "red",
    "unknown": "red",
    "unreadable": "red",
}


def _consumes(enver: EnverView) -> Iterator[str]:
    """`bus #1`, and how far behind the newest it is."""
    for given in enver.inputs:
        lag = f" (#{given.version + given.lag} is out)" if given.lag > 0 else ""
        yield f"{given.name} #{given.version}{lag}" if given.version else f"{given.name} (placeholder){lag}"


def row(enver: EnverView) -> tuple[str | Text, ...]:
    """As in the table."""
    from rich.text import Text

    from odmd.cli.output import quoted
    from odmd.model import naming

    return (
        naming.enver_label(enver.enver),
        Text(enver.state, _STYLES.get(enver.state, "yellow")),
        quoted(enver.commit, enver.subject) if enver.commit else "?",
        ", ".join(_consumes(enver)) or "–",
        str(enver.last_run or "–"),
    )
