"""All that is kept, in one database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from odmd.control.ports.journal import Journal
from odmd.control.ports.log import EventLog, Inbox
from odmd.control.ports.reads import Documents, Reads
from odmd.control.scheduler.drift import LastLook


class Looks(Protocol):
    """When somebody looked last whether an enver is as it was deployed."""

    def keep_looks(self, looks: Sequence[LastLook]) -> None:
        """In place of what is kept of earlier ones at the same envers."""
        ...


class Store(Inbox, EventLog, Reads, Journal, Documents, Looks, Protocol):
    """One database behind all of them; commits of one are seen by the others."""
