"""The checks of a run: made one after the other once all is deployed, until one does not pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from odmd.control.running.procedures import Job
from odmd.control.running.verifying import CheckResult, CheckVerdict, Verifier, as_json, from_json
from odmd.errors import VerificationRed
from odmd.graph import EnverNode
from odmd.model.build_types import Does
from odmd.model.kinds import Kind
from odmd.plan.run_steps import RunStep

_WENT: Final = {
    CheckVerdict.GREEN: "passes",
    CheckVerdict.FLAKY: "is flaky: it passes",
    CheckVerdict.RED: "does not pass",
}


class Journalled(Protocol):
    """Does a step once, and returns what the journal has of it."""

    def __call__(self, step: str, do: Callable[[], Mapping[str, object]]) -> Mapping[str, Any]: ...


def verify(
    job: Job, kinds: Mapping[str, type[Kind]], verifier: Verifier, published: Mapping[str, str], journalled: Journalled
) -> None:
    """Makes the checks of an enver; what an earlier attempt found counts.

    Args:
        published: text by address of product, as it would be published.

    Raises:
        VerificationRed: of the first check that does not pass.
    """
    said, products = job.enver.verification, _handed_over(job.enver, kinds, published)
    for name in said.order:
        check = partial(verifier.verify, said.check(name), job, products)
        found = journalled(str(RunStep(Does.VERIFY, name)), partial(_noted, check))
        result = from_json(json.dumps(found)) or CheckResult(CheckVerdict.RED, "nobody can read what it found")
        job.tell(f"{name} {_WENT[result.verdict]}: {result.said}", lasting=True)
        if result.verdict is CheckVerdict.RED:
            raise _red(job.enver, name, result.said)


def _handed_over(enver: EnverNode, kinds: Mapping[str, type[Kind]], published: Mapping[str, str]) -> Mapping[str, str]:
    """By name, in the form that kinds hand to consumers."""
    return {
        one.name: kinds[one.kind].parse(published[one.address]).consumed()
        for one in enver.products
        if one.address in published and one.kind in kinds
    }


def _red(enver: EnverNode, name: str, said: str) -> VerificationRed:
    what = "goes back to what ran before" if enver.verification.rolls_back else "is held as it is"
    return VerificationRed(
        f"{enver.label} is deployed, and {name} does not pass: {said}",
        next_step=f"it {what}, and nothing of it is published; `odmd checks {enver.label}` has all results; "
        "mend it, or `odmd apply` to try the same again",
    )


def _noted(check: Callable[[], CheckResult]) -> Mapping[str, object]:
    return as_json(check())
