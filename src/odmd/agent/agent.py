"""One agent: claims a run, carries it out, and says how it ended."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, cast

from odmd.agent.attempt import Attempt
from odmd.agent.mask import Mask
from odmd.agent.tools import Tools
from odmd.control.leading.desk import Claim, Desk
from odmd.control.ports.journal import DoneStep
from odmd.control.scheduler.messages import FailRun, FinishRun, Loss
from odmd.control.scheduler.runs import Run
from odmd.errors import ApprovalNeeded, ChangesToApprove, OdmdError, RunCancelled, RunNotPrepared, VerificationRed


class RunListener(Protocol):
    """Told what is going on in a run."""

    def __call__(self, run: int, line: str, *, lasting: bool = False) -> None:
        """One line; a lasting one is part of the record that a person wants to read afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class Agent:
    """Needs the desk that hands out runs, the tools to carry them out, and a folder to work in."""

    name: str
    desk: Desk
    tools: Tools
    folder: Path
    report: RunListener
    flush: Callable[[], None] = lambda: None
    """Called before a run is said to have ended, so that all that it said is known by then."""

    def claim(self, run: int | None = None) -> Claim | None:
        """The right to a run, if there is one to be had."""
        return self.desk.claim(self.name, run)

    def carry_out(self, claim: Claim, prepared: str | None = None) -> FinishRun | FailRun:
        """Carries out a run to its end; a failure of the run is told to the desk, not raised.

        Args:
            prepared: the digest of what another process prepared, empty where it found nothing to prepare; no code of
                the repository runs here then.

        Raises:
            RunNotPrepared: what was prepared is not enough; the run was given back, for somebody to prepare it.
        """
        desk, attempt = self._attempt(claim, prepared)
        try:
            outcome = attempt.carry_out()
        except RunNotPrepared as not_prepared:
            self.flush()
            desk.give_back(claim, not_prepared.fact)
            raise
        except (Exception, KeyboardInterrupt) as failed:
            outcome = _failed(claim, attempt, desk, failed)
        self.flush()
        return desk.end(outcome)

    def prepare(self, claim: Claim) -> str | FailRun:
        """Prepares a run for who carries it out elsewhere: the digest of what he takes over, or why there is none."""
        desk, attempt = self._attempt(claim, None)
        try:
            prepared = attempt.prepare()
        except (Exception, KeyboardInterrupt) as failed:
            outcome = _failed(claim, attempt, desk, failed)
            self.flush()
            return cast("FailRun", desk.end(outcome))
        self.flush()
        desk.hand_on(claim, prepared)
        return prepared

    def _attempt(self, claim: Claim, prepared: str | None) -> tuple[_Discreet, Attempt]:
        mask = _RunMask(claim.hidden)
        desk, tell = _Discreet(self.desk, mask), partial(self._tell, mask, claim.run.id)
        return desk, Attempt(claim, desk, self.tools, self.folder, tell, mask.hide, prepared)

    def _tell(self, mask: _RunMask, run: int, line: str, *, lasting: bool = False) -> None:
        self.report(run, mask(line), lasting=lasting)


def _failed(claim: Claim, attempt: Attempt, desk: _Discreet, failed: Exception | KeyboardInterrupt) -> FailRun:
    match failed:
        case KeyboardInterrupt():
            error = RunCancelled("who carried it out was interrupted", next_step="`odmd apply` tries it again")
        case OdmdError():
            error = failed
        case _:
            return _broken(claim, attempt, desk, failed)
    attempt.log(desk.mask(f"failed: {error.fact}"))
    return FailRun(
        claim.run.id,
        claim.attempt,
        error.in_words(),
        clean=attempt.is_clean(error),
        publications=attempt.to_publish,
        may_pass=error.retryable,
        loss=_asked(error) if isinstance(error, ApprovalNeeded) else None,
        units=attempt.touched,
        waits=error.waits,
        unit=attempt.unit,
        red=isinstance(error, VerificationRed),
    )


def _broken(claim: Claim, attempt: Attempt, desk: _Discreet, broken: Exception) -> FailRun:
    attempt.log(desk.mask("".join(traceback.format_exception(broken))))
    return FailRun(
        claim.run.id,
        claim.attempt,
        f"ODMD000 odmd itself is broken: {type(broken).__name__}: {broken}",
        clean=attempt.is_clean(broken),
        publications=attempt.to_publish,
        units=attempt.touched,
        unit=attempt.unit,
    )


def _asked(failed: ApprovalNeeded) -> Loss:
    return Loss(failed.fact, failed.digest, is_change=isinstance(failed, ChangesToApprove))


class _RunMask:
    """Hides secrets in all that is said of one run: this process's own, those of its config, those that it is given."""

    def __init__(self, hidden: Sequence[str]) -> None:
        self._hidden, self._mask = hidden, Mask(os.environ, hidden)

    def hide(self, variables: Mapping[str, str]) -> None:
        """From now on."""
        if variables:
            self._mask = Mask({**os.environ, **variables}, self._hidden)

    def __call__(self, text: str) -> str:
        return self._mask(text)


@dataclass(frozen=True, slots=True)
class _Discreet:
    """A desk that hears no secrets: not in what steps found, nor in how the run ended."""

    desk: Desk
    mask: Callable[[str], str]

    def claim(self, worker: str, run: int | None = None) -> Claim | None:
        return self.desk.claim(worker, run)

    def still(self, claim: Claim) -> Run | None:
        return self.desk.still(claim)

    def record(self, claim: Claim, step: DoneStep) -> None:
        self.desk.record(claim, replace(step, result=json.dumps(self._masked(json.loads(step.result)))))

    def finish(self, outcome: FinishRun | FailRun) -> None:
        self.end(outcome)

    def hand_on(self, claim: Claim, prepared: str) -> None:
        self.desk.hand_on(claim, prepared)

    def give_back(self, claim: Claim, why: str) -> None:
        self.desk.give_back(claim, self.mask(why))

    def end(self, outcome: FinishRun | FailRun) -> FinishRun | FailRun:
        """Finishes the run; what was said of it."""
        if isinstance(outcome, FailRun):
            loss = outcome.loss and replace(outcome.loss, what=self.mask(outcome.loss.what))
            outcome = replace(outcome, error=self.mask(outcome.error), loss=loss)
        self.desk.finish(outcome)
        return outcome

    def _masked(self, found: object) -> object:
        match found:
            case str():
                return self.mask(found)
            case list():
                return [self._masked(one) for one in cast("list[object]", found)]
            case dict():
                return {name: self._masked(one) for name, one in cast("dict[str, object]", found).items()}
            case _:
                return found
