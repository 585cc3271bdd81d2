"""Envers as rows of a table, in `odmd status` and in what it goes on to say."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.control.reading.drift import EnverDrift
    from odmd.control.reading.lag import LagView
    from odmd.control.reading.views import EnverView

COLUMNS: Final = ("enver", "state", "commit", "consumes", "last run")
_FRESH_SECONDS: Final = 60.0
_NAMED: Final = 3
_STYLES: Final = {
    "deployed": "green",
    "drifted": "red",
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
        f"{enver.last_run or '–'}{_seen(enver, time.time())}",
    )


def _seen(enver: EnverView, now: float) -> str:
    """When what it says of the world was last found so, once that is a while ago."""
    from odmd.plan.words import duration

    age = now - enver.seen if enver.seen is not None else 0.0
    return f", seen {duration(age)} ago" if age >= _FRESH_SECONDS else ""


def heads_said(envers: Iterable[EnverView], now: float) -> str:
    """When branches and tags were last read, once that is a while ago for one of them."""
    from odmd.model import naming
    from odmd.plan.words import duration

    read = sorted((one.head_read, one.enver) for one in envers if one.head_read is not None)
    if not read or now - read[0][0] < _FRESH_SECONDS:
        return ""
    (oldest, enver), newest = read[0], read[-1][0]
    said = duration(now - newest) if newest - oldest < _FRESH_SECONDS else ""
    both = f"{duration(max(0.0, now - newest))} to {duration(now - oldest)} ago, {naming.enver_label(enver)} first"
    return f"branches and tags were last read {f'{said} ago' if said else both}; `odmd plan` reads them"


def drifted(drift: EnverDrift) -> str:
    """`drifted, seen first 2 h ago: tag who of writer--main`; empty where nothing is that nobody accepted."""
    from odmd.control.reading.drift import in_words
    from odmd.plan.words import duration
    from odmd.texts import first_of

    if not drift.findings:
        return ""
    age = duration(max(0.0, time.time() - min(one.since for one in drift.findings)))
    return f"drifted, seen first {age} ago: {first_of([in_words(one) for one in drift.findings], _NAMED)}"


def overdue(lag: LagView) -> str:
    """`bus is 3 versions and 9 days behind foundation@main/bus (at most 2 versions in prod): odmd approve …`."""
    return f"{lag.says(time.time())} ({' and '.join(lag.broken)}): `{lag.mend}`"
