"""Who proves what a run needs."""

from __future__ import annotations

from typing import Protocol

from odmd.control.running.needs import Finding, RunNeed, Unknown


class Prover(Protocol):
    """Looks whether something is there, and changes nothing. Safe from many threads."""

    def prove(self, need: RunNeed) -> Finding:
        """With the rights of who asks, unless what it says names others.

        Raises:
            OdmdError: it is missing; or, where asking again may help, nobody could tell.
        """
        ...


class NobodyKnows:
    """Where nothing can be asked: everything may be there."""

    def prove(self, need: RunNeed) -> Finding:
        return Unknown(f"nobody here can prove {need}")
