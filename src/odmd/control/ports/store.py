"""All that is kept, in one database."""

from __future__ import annotations

from typing import Protocol

from odmd.control.ports.journal import Journal
from odmd.control.ports.log import EventLog, Inbox
from odmd.control.ports.reads import Documents, Reads


class Store(Inbox, EventLog, Reads, Journal, Documents, Protocol):
    """One database behind all of them; commits of one are seen by the others."""
