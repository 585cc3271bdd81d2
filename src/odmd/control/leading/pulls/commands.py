"""What people ask for in comments: each is heard once, by whose it is, and about what he saw when he wrote it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from odmd.control.leading.pulls.answers import HELP, NOT_LINKED, Answer, PullCommand, commanded
from odmd.control.leading.pulls.desk import PullDesk
from odmd.control.leading.pulls.words import Word, words
from odmd.control.ports.pulls import KeptPull, KeptPulls, Pull, PullComment, PullHost
from odmd.control.scheduler.actor import Actor
from odmd.errors import FailedForNow, OdmdError
from odmd.plan.markdown import plain

_LOG: Final = logging.getLogger(__name__)
_OLDEST_SECONDS: Final = 86_400.0
"""What nobody heard for so long is not done any more."""
_OF_CONTRACTS: Final = "check"
"""Said of pull requests on contracts, and heard there."""

Known = Callable[[PullComment], Actor | None]
"""Who somebody is that the host knows; None: nobody said so."""


@dataclass(frozen=True, slots=True)
class PullCommands:
    """Those in the comments of pull requests."""

    host: PullHost
    desk: PullDesk
    kept: KeptPulls
    known: Known
    clock: Callable[[], float]

    def hear(self, pull: Pull, kept: KeptPull) -> KeptPull:
        """Does what is asked for and was not done; what is remembered then.

        Raises:
            FailedForNow: the next look tries it again, and does nothing twice.
        """
        all_of_them = self.host.said(pull)
        for one in all_of_them:
            said = [word for word in words(one.text) if word.name != _OF_CONTRACTS]
            if said and not self.kept.is_answered(one.id):
                kept = self._answer(pull, kept, one, said)
        return replace(kept, newest=max((one.id for one in all_of_them), default=kept.newest), head=pull.head)

    def _answer(self, pull: Pull, kept: KeptPull, said: PullComment, asked: Sequence[Word]) -> KeptPull:
        if not self.host.may_write(pull, said.by):  # anybody may comment, and is not to make us say anything
            _LOG.info("%s: %s may not write there, and is not heard", pull.called, said.by)
            self.kept.answered(said.id, self.clock())
            return kept
        answers = list[str]()
        for number, word in enumerate(asked):
            found, kept, *others = self._do(pull, kept, said, word, number)
            answers.append(f"`/odmd {word.name}`: {found}")
            self.kept.put(kept)
            for one in others:
                self._share(one)
        self.host.answer(pull, said.id, "\n\n".join(answers))
        self.kept.answered(said.id, self.clock())
        return kept

    def _share(self, one: KeptPull) -> None:
        """Another one has the same clones, if it had none."""
        known = self.kept.find(one.repository, one.number) or KeptPull(one.repository, one.number)
        if not known.clones:
            self.kept.put(replace(known, clones=one.clones, declined=False, ended=""))

    def _do(self, pull: Pull, kept: KeptPull, said: PullComment, word: Word, number: int) -> Answer:
        """The answer, and what is remembered of the pull request then."""
        if word.name == "help":
            return HELP, kept
        if why := self._outdated(pull, kept, said):
            return f"not done: {why}", kept
        if (actor := self.known(said)) is None:
            return NOT_LINKED.format(id=said.by_id, login=said.by), kept
        try:
            key = f"comment-{said.id}.{number}"
            return commanded(PullCommand(self.host, self.desk, pull, kept, said, word, actor, key))
        except FailedForNow:
            raise
        except OdmdError as refused:
            hint = f" → {refused.next_step}" if refused.next_step else ""
            return f"not done: {refused.code} {plain(f'{refused.fact}{hint}')}", kept

    def _outdated(self, pull: Pull, kept: KeptPull, said: PullComment) -> str:
        """Why it may be about something else than what its author saw.

        That its head was there before it is known in one of two ways: it was seen by the look before the one that found
        the comment; or nothing was pushed since.
        """
        if said.is_edited:
            return "the comment was edited: write a new one"
        if self.clock() - said.at > _OLDEST_SECONDS:
            return "nobody heard it for a day: ask again"
        seen_before = kept.head == pull.head and kept.newest < said.id
        if pull.committed_at > said.at or not (seen_before or pull.pushed_at <= said.at):
            return f"a push came after it, and {pull.head[:7]} is the head now: look at that, and ask again"
        return ""
