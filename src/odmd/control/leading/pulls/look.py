"""Looks at pull requests on services: what somebody asks there is done, the clones that they are to have are made, or
go, and what is so is told. Whoever says that something moved is believed in nothing but that."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from odmd.control.leading.pulls.commands import PullCommands
from odmd.control.leading.pulls.telling import Teller
from odmd.control.leading.pulls.wanted import WantedClones, ends, wanted
from odmd.control.ports.pulls import KeptPull, Pull, PullState
from odmd.control.scheduler.actor import ODMD
from odmd.errors import FailedForNow, HostLacks, OdmdError

_LOG: Final = logging.getLogger(__name__)
_REMEMBERED: Final = 5_000


@dataclass(frozen=True, slots=True)
class PullRef:
    """Which one: by its repository as the contracts name it, in small letters."""

    repository: str
    number: int


@dataclass(frozen=True, slots=True)
class OfClones:
    """Whichever these clones are for, by the address of their first."""

    clones: str


Where = PullRef | OfClones


@dataclass(slots=True)
class Pulls:
    """Those of all repositories of services.

    Args:
        repositories: where they are, in small letters.
        now: seconds since the epoch.
    """

    commands: PullCommands
    teller: Teller
    repositories: Callable[[], Collection[str]]
    now: Callable[[], float]
    _tried: OrderedDict[PullRef, tuple[tuple[WantedClones, str, str], str]] = field(
        default_factory=OrderedDict[PullRef, tuple[tuple[WantedClones, str, str], str]]
    )
    """What was to be made, at which head and under which contracts, and why it was not."""

    def look(self, where: Collection[Where] | None) -> None:
        """At these, or at all that are open or have clones. One that fails keeps no other waiting.

        Raises:
            OdmdError: one of them, or all, could not be looked at; the next look tries it again.
        """
        failed: OdmdError | None = None
        try:
            found = self._all() if where is None else self._meant(where)
        except OdmdError as wrong:
            failed, found = wrong, [PullRef(one.repository, one.number) for one in self.commands.kept.with_clones()]
        for one in dict.fromkeys(found):
            try:
                self._look_at(one)
            except HostLacks as gone:  # it is not reached, which says nothing of whether it is there
                _LOG.info("%s#%d: %s", one.repository, one.number, gone.fact)
            except OdmdError as wrong:
                failed = wrong
        if failed is not None:
            raise failed

    def _all(self) -> list[PullRef]:
        found = [PullRef(one.repository, one.number) for one in self.commands.kept.with_clones()]
        for repository in sorted(self.repositories()):
            try:
                found += [PullRef(repository, number) for number in self.commands.host.open(repository)]
            except HostLacks as unreached:
                _LOG.debug("%s: %s", repository, unreached.fact)
        return found

    def _meant(self, where: Collection[Where]) -> list[PullRef]:
        return [ref for one in where for ref in ([one] if isinstance(one, PullRef) else self._with(one.clones))]

    def _with(self, clones: str) -> Iterator[PullRef]:
        for one in self.commands.kept.with_clones():
            if one.clones == clones:
                yield PullRef(one.repository, one.number)

    def _look_at(self, ref: PullRef) -> None:
        pull = self.commands.host.find(ref.repository, ref.number)
        before = self.commands.kept.find(ref.repository, ref.number) or KeptPull(ref.repository, ref.number)
        kept, why, trouble = self._without_ended(pull, before), ends(pull, self.now()), ""
        if why:
            kept = self._end(kept, why)
        if pull.state is PullState.OPEN:
            kept = self.commands.hear(pull, kept)
            if not why:
                kept, trouble = self._with_wanted(pull, kept)
        if kept != before:
            self.commands.kept.put(kept)
        if pull.state is PullState.OPEN or ((before.clones or kept.clones) and pull.state is not PullState.GONE):
            self.teller.tell(pull, kept, trouble, why if before.clones and not kept.clones else "")

    def _without_ended(self, pull: Pull, kept: KeptPull) -> KeptPull:
        """Clones that somebody deleted, or nobody used, are not made again before the next push."""
        if not kept.clones:
            return kept
        there = self.commands.desk.kept_clones(kept.clones)
        if there is not None and not there.ended:
            return kept
        return replace(kept, clones="", ended=pull.head)

    def _end(self, kept: KeptPull, why: str) -> KeptPull:
        """The set goes, unless another pull request has it, too."""
        if not kept.clones:
            return kept
        others = [one for one in self.commands.kept.with_clones() if one.clones == kept.clones]
        if all((one.repository, one.number) == (kept.repository, kept.number) for one in others):
            self.commands.desk.end_clones(kept.clones, ODMD, why)
        return replace(kept, clones="")

    def _with_wanted(self, pull: Pull, kept: KeptPull) -> tuple[KeptPull, str]:
        """What is remembered once its clones are made, and why they are not."""
        desk, ref = self.commands.desk, PullRef(kept.repository, kept.number)
        if kept.clones or (said := wanted(pull, kept, desk.graph)) is None:
            self._tried.pop(ref, None)
            return kept, ""
        trying = said, pull.head, desk.graph.digest()
        if (tried := self._tried.get(ref)) is not None and tried[0] == trying:
            return kept, tried[1]
        try:
            made = desk.make_clones(said.wish, ODMD, said.why, None)
        except FailedForNow:
            raise
        except OdmdError as refused:
            hint = f" → {refused.next_step}" if refused.next_step else ""
            self._tried[ref] = trying, f"{refused.code} {refused.fact}{hint}"
            while len(self._tried) > _REMEMBERED:
                self._tried.popitem(last=False)
            return kept, self._tried[ref][1]
        return replace(kept, clones=made, ended=""), ""
