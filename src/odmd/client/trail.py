"""What was done at a server, and the log that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from odmd.client.connection import MOST, Connection
from odmd.control.ports.ledger import Entry
from odmd.control.reading.history import HistoryView
from odmd.control.reading.looking_back import ChainView
from odmd.control.reading.provenance import Provenance
from odmd.control.reading.trail import EVERYTHING, Sought, TrailEntry


class ServedTrail:
    """The `Trail` of a server; who proves its log does so here.

    Raises:
        ServerUnreachable, NotSignedIn, NotAllowed, ServerBusy, ServerMisunderstood: from every method.
    """

    def __init__(self, server: Connection) -> None:
        self._server = server

    def chain(self) -> ChainView:
        return self._server.get(ChainView, "/audit")

    def log(self, after: int = 0) -> Iterator[Entry]:
        pages = self._server.pages(TrailEntry, "/audit/entries", _asked(EVERYTHING, after, None))
        return (one.entry for one in pages)

    def entries(
        self, sought: Sought, after: int = 0, limit: int = MOST, before: int | None = None
    ) -> Sequence[TrailEntry]:
        """Raises:
        EnverUnknown, TrailRefused
        """
        pages = self._server.pages(TrailEntry, "/audit/entries", _asked(sought, after, before), min(limit, MOST))
        return list(islice(pages, limit))

    def history(self, typed: str, limit: int = 50, before: float | None = None) -> HistoryView:
        """Raises:
        EnverUnknown
        """
        asked = {"of": typed, "limit": str(min(limit, MOST))} | ({} if before is None else {"before": str(before)})
        return self._server.get(HistoryView, "/history", asked)

    def ancestors(self, typed: str, version: int | None = None) -> Provenance:
        """Raises:
        EnverUnknown, TrailRefused
        """
        asked = {"of": typed} | ({} if version is None else {"version": str(version)})
        return self._server.get(Provenance, "/provenance", asked)

    def reached(self, commit: str) -> Provenance:
        """Raises:
        TrailRefused
        """
        return self._server.get(Provenance, "/reached", {"commit": commit})


def _asked(sought: Sought, after: int, before: int | None) -> dict[str, str]:
    texts = {"actor": sought.actor, "action": sought.action, "enver": sought.enver, "text": sought.text}
    numbers = {"since": sought.since, "until": sought.until, "before": before}
    asked = {name: text for name, text in texts.items() if text}
    asked |= {name: str(number) for name, number in numbers.items() if number is not None}
    return asked | {"after": str(after)}
