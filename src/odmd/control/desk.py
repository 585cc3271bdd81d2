"""Where agents get their runs and hand them back: the claim protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from odmd.control.ask import Ask, Patiently, at_once
from odmd.control.events import RunClaimed
from odmd.control.messages import ClaimRun, FailRun, FinishRun
from odmd.control.ports import Step, Store
from odmd.control.state import Enver, Run, RunMode, Value, ValueStatus
from odmd.control.state_id import state_id
from odmd.graph import Compiled, EnverNode
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
    state: str
    """The id of the state that the run is recorded in."""
    known: bool
    """Whether an earlier run deployed the enver, as the state knows."""


class Desk(Protocol):
    """Speaks for the control plane to agents."""

    def claim(self, worker: str, run: int | None = None) -> Claim | None:
        """The right to a run that nobody carries out, or without its number to the one that waits longest; None where
        there is none."""
        ...

    def still(self, claim: Claim) -> Run | None:
        """The run as it is now; None when the right to it is over."""
        ...

    def record(self, claim: Claim, step: Step) -> None:
        """Journals a finished step."""
        ...

    def finish(self, outcome: FinishRun | FailRun) -> None:
        """Ends the run, unless somebody claimed it since."""
        ...


@dataclass(slots=True)
class StoreDesk:
    """The desk in a process that reaches the database, be it the leader's or another one."""

    ask: Ask
    store: Store
    compiled: Compiled
    """The contracts as this process has them; while others are in force, it hands out nothing."""
    patiently: Patiently = at_once
    """How to wait for a database that is away."""
    outdated: Callable[[], None] = lambda: None
    """Called when a run waits, and other contracts are in force."""

    def claim(self, worker: str, run: int | None = None, id: str | None = None) -> Claim | None:
        """As `Desk.claim`. With an `id`, the same claim whenever the same worker comes with it, and none for others."""
        if run is None and not self.store.waiting():
            return None
        if not self.is_current():
            self.outdated()
            return None
        answer = self.ask(ClaimRun(run, worker), id)
        claimed = next((one for one in answer if isinstance(one, RunClaimed) and one.worker == worker), None)
        return self.patiently(lambda: self._claim(claimed)) if claimed else None

    def is_current(self) -> bool:
        """Whether the contracts of this process are in force."""
        return self.store.standing().contracts == self.compiled.graph.digest()

    def _why_not(self, run: Run) -> str:
        """Why a run that was started under other contracts cannot go on under these."""
        enver = self.compiled.graph.envers.get(run.enver)
        if enver is None:
            return f"{run.enver} left the contracts while this run was interrupted"
        if run.mode is RunMode.FULL and enver.slice() != run.fingerprint.contracts:
            return "its part of the contracts changed while this run was interrupted"
        return ""

    def still(self, claim: Claim) -> Run | None:
        found = self.patiently(lambda: self.store.run(claim.run.id))
        return found if found and found.attempt == claim.attempt and found.finished_at is None else None

    def record(self, claim: Claim, step: Step) -> None:
        self.patiently(lambda: self.store.record(claim.run.id, claim.attempt, step))

    def finish(self, outcome: FinishRun | FailRun) -> None:
        self.ask(outcome, f"run {outcome.run} attempt {outcome.attempt} ended")

    def _claim(self, claimed: RunClaimed) -> Claim | None:
        run = self.store.run(claimed.run)
        if run is None or run.attempt != claimed.attempt:
            return None
        done = self.store.steps(run.id)
        if why_not := self._why_not(run):
            self.finish(FailRun(run.id, claimed.attempt, why_not, clean=not done))
            return None
        enver = self.compiled.graph.envers[run.enver]
        values = [value for product in enver.products for value in self.store.values(product.address)]
        recorded = self.store.enver(run.enver)
        return Claim(
            run=run,
            attempt=claimed.attempt,
            enver=enver,
            contracts=self.compiled.graph.version,
            kinds=self.compiled.kinds,
            published={value.product: value for value in values if value.status is ValueStatus.CURRENT},
            done={step.name: step for step in done},
            state=state_id(self.store),
            known=recorded is not None and was_deployed(recorded),
        )


def was_deployed(enver: Enver) -> bool:
    """Whether a run of it deployed something, or may have."""
    return bool(enver.stacks.there) or enver.deployed is not None or enver.unknown
