"""Reviews pull requests on the contracts: what each says is loaded, compared with where it began, and planned; and said
there. What was said is of one head and one base: when either moves, it is said anew, and never of what was not seen.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Final

from odmd.control.ports.hosts import ContractsProposal, ProposalHost, Review
from odmd.errors import HostLacks, OdmdError

_LOG: Final = logging.getLogger(__name__)
_REMEMBERED: Final = 1000

MakeReview = Callable[[ContractsProposal], Review]
Seen = tuple[ContractsProposal, str]
"""A pull request, and the contracts in force when it was looked at."""


class Reviewing:
    """Of one repository.

    Args:
        in_force: digest of the contracts that what is planned starts from.
    """

    def __init__(self, host: ProposalHost, review: MakeReview, in_force: Callable[[], str]) -> None:
        self._host, self._review, self._in_force = host, review, in_force
        self._seen = OrderedDict[int, Seen]()

    def look(self, numbers: Collection[int] | None) -> None:
        """At these, or at all that are open. One that cannot be reviewed keeps no other waiting.

        Raises:
            OdmdError: one of them, or all, could not be looked at; the next look tries it again.
        """
        failed: OdmdError | None = None
        for number in sorted(self._host.open() if numbers is None else numbers):
            try:
                self._look_at(number)
            except HostLacks as gone:
                _LOG.info("pull request %d: %s", number, gone.fact)
            except OdmdError as wrong:
                failed = wrong
        if failed is not None:
            raise failed

    def _look_at(self, number: int) -> None:
        proposal = self._host.find(number)
        if proposal is None:
            self._seen.pop(number, None)
            return
        seen = (proposal, self._in_force())
        if self._seen.get(number) == seen:
            return
        review = self._review(proposal)
        if self._host.find(number) != proposal:
            return  # it moved meanwhile, and somebody says so
        self._host.say(proposal, review)
        self._seen[number] = seen
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
