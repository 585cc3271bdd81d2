"""Where agents get their runs and hand them back: the claim protocol, in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from odmd.control.events import RunClaimed
from odmd.control.leader import Leader
from odmd.control.messages import ClaimRun, FailRun, FinishRun
from odmd.control.ports import Step, Store
from odmd.control.state import Run, RunMode, Value, ValueStatus
from odmd.graph import EnverNode
from odmd.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out one run, and all that is needed for it."""

    run: Run
    attempt: int
    enver: EnverNode
    contracts: str
    """Version of the organisation's contracts package."""
    kinds: Mapping[str, type[Kind]]
    published: Mapping[str, Value]
    """The current value of each of the enver's products."""
    done: Mapping[str, Step]
    """Steps that an earlier attempt finished."""


@dataclass(slots=True)
class Desk:
    """Speaks for the control plane to agents in this process."""

    leader: Leader
    store: Store
    kinds: Mapping[str, type[Kind]]
    """Of the contracts in force."""

    def claim(self, run: int, worker: str) -> Claim | None:
        """The newest right to a run, which ends every older one; None when the run has ended."""
        claimed = (event for event in self.leader.ask(ClaimRun(run, worker)) if isinstance(event, RunClaimed))
        attempt = next((event.attempt for event in claimed), None)
        found = self.store.run(run)
        if attempt is None or found is None:
            return None
        if why_not := self._why_not(found):
            self.finish(FailRun(run, attempt, why_not, clean=not self.store.steps(run)))
            return None
        return self._claim(found, attempt)

    def _why_not(self, run: Run) -> str:
        """Why a run that an earlier process began cannot go on under the contracts of this one."""
        enver = self.leader.setup.graph.envers.get(run.enver)
        if enver is None:
            return f"{run.enver} left the contracts while this run was interrupted"
        if run.mode is RunMode.FULL and enver.slice() != run.fingerprint.contracts:
            return "its part of the contracts changed while this run was interrupted"
        return ""

    def cancelled_by(self, run: int) -> str:
        """Who wants the run to end before it moves anything; nothing while nobody does."""
        found = self.store.run(run)
        return found.cancelled if found else ""

    def record(self, claim: Claim, step: Step) -> None:
        """Journals a finished step."""
        self.store.record(claim.run.id, claim.attempt, step)

    def finish(self, outcome: FinishRun | FailRun) -> None:
        """Ends the run, unless somebody claimed it since."""
        self.leader.ask(outcome)

    def _claim(self, run: Run, attempt: int) -> Claim:
        enver = self.leader.setup.graph.envers[run.enver]
        values = [value for product in enver.products for value in self.store.values(product.address)]
        return Claim(
            run=run,
            attempt=attempt,
            enver=enver,
            contracts=self.leader.setup.graph.version,
            kinds=self.kinds,
            published={value.product: value for value in values if value.status is ValueStatus.CURRENT},
            done={step.name: step for step in self.store.steps(run.id)},
        )
