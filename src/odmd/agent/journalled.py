"""Steps that are journalled when they are done, and skipped when they were; what is under way ends with the right."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from odmd.control.leading.desk import Claim, Desk
from odmd.control.ports.journal import DoneStep
from odmd.control.running.halting import Halt, halting
from odmd.errors import OdmdError, RunCancelled

_LOOK_SECONDS: Final = 1.0
"""How often it is asked, while something is under way for it, whether the run is still to be had."""


class JournalledSteps:
    """Does the steps of one attempt.

    Args:
        may_end: whether a cancelled run may end now: once something moved, it is safer to go on.
    """

    def __init__(self, claim: Claim, desk: Desk, may_end: Callable[[], bool]) -> None:
        self._claim, self._desk, self._may_end = claim, desk, may_end

    def step(self, name: str, do: Callable[[], Mapping[str, object]]) -> Mapping[str, Any]:
        """Does a step once: what an earlier attempt recorded is taken from the journal."""
        if name in self._claim.done:
            return json.loads(self._claim.done[name].result)
        self.refuse_if_over()
        began = time.monotonic()
        result = do()
        self.record(name, result, began)
        return result

    def note(self, name: str, found: Mapping[str, object]) -> None:
        """Journals what was found out, once."""
        self.step(name, lambda: found)

    def record(self, name: str, result: Mapping[str, object], began: float) -> None:
        """Journals what was begun then, by the steady clock, and is done now."""
        self._desk.record(self._claim, DoneStep(name, json.dumps(result), time.monotonic() - began, time.time()))

    def halted_when_over(self, do: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
        """What was started for it ends, within seconds, when the run is cancelled or somebody else's."""
        done = threading.Event()
        with halting() as halt:
            threading.Thread(target=self._end_when_over, args=(halt, done), name="halt", daemon=True).start()
            try:
                return do()
            except Exception:
                if halt.over:
                    self.refuse_if_over()
                raise
            finally:
                done.set()

    def refuse_if_over(self) -> None:
        """Raises:
        RunCancelled: it is somebody else's, or was cancelled before anything moved.
        """
        run = self._desk.still(self._claim)
        if run is None:
            raise RunCancelled("another worker took it over")
        if run.cancelled and self._may_end():
            raise RunCancelled(
                f"cancelled by {run.cancelled} before anything moved", next_step="`odmd apply` tries it again"
            )

    def refuse_if_taken(self) -> None:
        """Raises:
        RunCancelled: it is somebody else's.
        """
        if self._desk.still(self._claim) is None:
            raise RunCancelled("another worker took it over")

    def _end_when_over(self, halt: Halt, done: threading.Event) -> None:
        while not done.wait(_LOOK_SECONDS):
            try:
                self.refuse_if_over()
            except RunCancelled:
                halt.end()
                return
            except OdmdError:
                continue  # nobody answers for now
