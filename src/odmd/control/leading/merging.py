"""What is merged into the branch of the contracts is put in force by itself, where nobody has to say yes to it.

To put contracts in force begins nothing: what they change of continuous stages follows by a plan of its own, and of all
others by whoever confirms one. What breaks somebody, or changes who may do what, waits for who may put it in force.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from odmd.control.ports.hosts import CommitMirror, RunPhase
from odmd.control.reading.troubles import Troubles
from odmd.control.scheduler.start import refuse_breaking
from odmd.errors import ContractsWait, FailedForNow, OdmdError, Severity
from odmd.graph import Compiled
from odmd.graph.difference import Difference, Verdict, difference, edition, label
from odmd.plan import Plan
from odmd.plan.contract_words import counted
from odmd.plan.words import short
from odmd.texts import first_of

_LOG: Final = logging.getLogger(__name__)
_LISTED: Final = 5
_NEXT_STEP: Final = "who may do so puts them in force: `kill -HUP` of the server, or POST /api/v1/contracts:reload"


class ContractsBranch(Protocol):
    """The branch that contracts are merged into."""

    @property
    def name(self) -> str:
        """`acme/contracts main`."""
        ...

    @property
    def repository(self) -> str:
        """Of it, in small letters."""
        ...

    @property
    def commit(self) -> str:
        """That of the contracts that are in force; empty: none was merged yet."""
        ...

    def head(self) -> str:
        """Raises:
        RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def load(self, commit: str) -> Compiled:
        """Raises:
        ContractsNotLoaded, ContractsUnsound, NotCaged, RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...


@dataclass(slots=True)
class MergedInForce:
    """That of one control plane, in the process that leads."""

    branch: ContractsBranch
    in_force: Callable[[], Compiled]
    plan: Callable[[Compiled], Plan]
    """The plan if these contracts were in force; keeps nothing."""
    use: Callable[[str, Compiled], object]
    """Puts those of a commit in force."""
    troubles: Troubles
    mirror: CommitMirror | None = None
    _said: tuple[str, str] = field(default=("", ""))

    def go_on(self) -> bool:
        """Reads the branch; whether other contracts are in force now.

        Raises:
            FailedForNow: it is to be tried again.
        """
        head = ""
        try:
            head = self.branch.head()
            if head == self.branch.commit:
                self.troubles.unsay("", self._what)
                return False
            compiled = self.branch.load(head)
            made = self._judged(compiled)
            self.use(head, compiled)
        except OdmdError as refused:
            why = f"{short(head)}: {_in_words(refused)}" if head else _in_words(refused)
            self.troubles.say("", self._what, why)
            self._show(head, RunPhase.FAILED, f"not in force: {_in_words(refused)}")
            if isinstance(refused, FailedForNow):
                raise
            return False
        self.troubles.unsay("", self._what)
        says = f"in force: {counted(made) or 'they say the same'}"
        _LOG.info("contracts are in force", extra={"fields": {"branch": self.branch.name, "commit": head}})
        self._show(head, RunPhase.SUCCEEDED, f"{says}; `odmd plan` says what is to follow")
        return True

    @property
    def _what(self) -> str:
        return f"what {self.branch.name} has is to be in force"

    def _judged(self, compiled: Compiled) -> Difference:
        """What they change, if it needs nobody's yes.

        Raises:
            ContractsWait, SchemasBroken
        """
        now = self.in_force()
        before = replace(now, graph=now.graph.text)
        if before.graph.governed.said() != compiled.graph.governed.said():
            from odmd.policy.gains import told

            gains = tuple(told(before.graph, compiled.graph)) or ("the policies say it in other words",)
            raise ContractsWait(f"they change who may do what: {first_of(gains, _LISTED)}", next_step=_NEXT_STEP)
        made = difference(edition(before), edition(compiled))
        if broken := made.of(Verdict.BREAKING):
            named = first_of(list(dict.fromkeys(map(label, broken))), _LISTED)
            raise ContractsWait(f"they break who consumes {named}", next_step=_NEXT_STEP)
        refuse_breaking(self.plan(compiled), "")
        return made

    def _show(self, commit: str, phase: RunPhase, words: str) -> None:
        """Beside the commit, where its host shows such things; what cannot be shown keeps nothing from being done."""
        if self.mirror is None or not commit or self._said == (commit, words):
            return
        try:
            self.mirror.show(commit, phase, words)
            self._said = commit, words
        except OdmdError as wrong:
            _LOG.warning("contracts of %s: nothing is shown there: %s %s", commit, wrong.code, wrong.fact)


def _in_words(wrong: OdmdError) -> str:
    """With the first mistakes, where it is many."""
    found = [f"{one.code} {one.fact}" for one in wrong.diagnostics() if one.severity is Severity.ERROR]
    said = first_of(found, _LISTED) if found else f"{wrong.code} {wrong.fact}"
    return f"{said} ({wrong.next_step})" if wrong.next_step and len(found) < 2 else said
