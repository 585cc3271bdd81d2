"""What is asked of what is recorded, wherever it is: here, or at a server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from odmd.control.ports.run_log import Line
    from odmd.control.reading.clones import CloneSetView
    from odmd.control.reading.documents import DocumentView
    from odmd.control.reading.dora import Dora
    from odmd.control.reading.following import SubscriberView
    from odmd.control.reading.lag import LagView
    from odmd.control.reading.troubles import Trouble
    from odmd.control.reading.verified import CheckView
    from odmd.control.reading.views import (
        Cause,
        DelegationView,
        Earlier,
        EnverView,
        Happened,
        PauseView,
        RunView,
        ValueView,
    )


class Past(Protocol):
    """What commands ask of what is recorded, wherever it is."""

    def all_envers(self) -> Iterable[EnverView]:
        """By address."""
        ...

    def runs(self, enver: str | None = None, limit: int = 50) -> Sequence[RunView]:
        """Newest first."""
        ...

    def run(self, id: int) -> RunView:
        """One run."""
        ...

    def lines(self, run: int, after: int = 0) -> Iterable[Line]:
        """What a run said, after a line's number."""
        ...

    def all_values(self, typed: str | None) -> Iterable[ValueView]:
        """By product and version; all, or those of an enver, a product or a build."""
        ...

    def documents(self, typed: str) -> Sequence[DocumentView]:
        """Those of what an enver runs."""
        ...

    def document(self, typed: str, name: str) -> str:
        """The text of one."""
        ...

    def pauses(self) -> Sequence[PauseView]:
        """Those in force."""
        ...

    def delegations(self) -> Sequence[DelegationView]:
        """Who answers for a team that is not his own, now."""
        ...

    def clones(self) -> Sequence[CloneSetView]:
        """Those made on demand, as old as they are."""
        ...

    def subscribers(self) -> Sequence[SubscriberView]:
        """Who follows the log by name, and how far each got."""
        ...

    def troubles(self) -> Sequence[Trouble]:
        """What could not be done so far that is of no enver, oldest first."""
        ...

    def why(self, typed: str) -> Sequence[Cause]:
        """Why an enver runs what it runs, or why it does not."""
        ...

    def checks(self, typed: str, limit: int) -> Sequence[CheckView]:
        """What verified an enver so far."""
        ...

    def reports(self, typed: str, run: int, check: str) -> bytes:
        """The archive of what a check left in a run."""
        ...

    def dora(self, days: float) -> Sequence[Dora]:
        """How often, how fast and how well teams deployed in the last days."""
        ...

    def all_lags(self, typed: str | None = None) -> Iterable[LagView]:
        """Where envers are behind, or one is: on wires, and behind what they are promoted from."""
        ...

    def happenings(self) -> Iterable[Happened | None]:
        """What happens from now on; None: nothing yet, and what comes will be told."""
        ...

    def enver(self, typed: str) -> EnverView:
        """One enver."""
        ...

    def earlier(self, typed: str, to: int | None = None) -> Earlier:
        """What a rollback would bring an enver back to."""
        ...
