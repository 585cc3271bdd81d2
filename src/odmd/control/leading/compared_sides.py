"""What is recorded of one enver, now or as a run left it, ready to be compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.compare.comparison import SideView
from odmd.compare.side import ComparedSide, ConsumedValue, Part
from odmd.control.leading.slices import kept_slice
from odmd.control.ports.world import Artifacts
from odmd.control.reading.records import Records
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.values import RunInput, ValueRef
from odmd.errors import CompareRefused, NothingRan, OdmdError
from odmd.model import naming
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.words import clock

_PAGE: Final = 100
_VALUES: Final = 1000
_BEFORE_ALL: Final = ValueRef("", 0)

ReadRecipe = Callable[[str, bytes], Sequence[Part]]
"""What a kept recipe of a build type brings about, part by part."""


@dataclass(frozen=True, slots=True)
class SideReader:
    """Reads sides, by what somebody sees."""

    records: Records
    artifacts: Artifacts
    read_recipe: ReadRecipe

    def now(self, enver: Enver) -> ComparedSide:
        """What surely runs; where nobody knows that, what the last run that went well left.

        Raises:
            NothingRan
        """
        run = self.records.store.run(enver.deployed_by) if enver.deployed_by else None
        if enver.deployed is not None:
            made = enver.deployed, enver.consumed, enver.recipe
            return self._side(enver, enver.deployed_by, run.finished_at if run else None, *made, runs_now=True)
        if enver.removed or (last := self._newest(enver.address, lambda _: True)) is None:
            raise NothingRan(f"nothing runs of {naming.enver_label(enver.address)}", next_step=_runs_of(enver))
        return self._left_by(enver, last, runs_now=True)

    def at(self, enver: Enver, at: float) -> ComparedSide:
        """What it ran at a time.

        Raises:
            NothingRan
        """
        found = self._newest(enver.address, lambda run: (run.finished_at or 0.0) <= at)
        if found is None:
            label = naming.enver_label(enver.address)
            raise NothingRan(f"nothing that is kept ran of {label} at {clock(at)}", next_step=_runs_of(enver))
        return self._left_by(enver, found, runs_now=found.id == enver.deployed_by)

    def of_run(self, enver: Enver, id: int) -> ComparedSide:
        """As a run left it.

        Raises:
            NothingRan, CompareRefused
        """
        run, label = self.records.store.run(id), naming.enver_label(enver.address)
        if run is None or run.enver != enver.address:
            raise NothingRan(f"{label} has no run {id}", next_step=_runs_of(enver))
        if run.status is not RunStatus.SUCCEEDED:
            raise CompareRefused(f"run {id} of {label} did not deploy what it should", next_step=_runs_of(enver))
        return self._left_by(enver, run, runs_now=id == enver.deployed_by)

    def _newest(self, address: str, fits: Callable[[Run], bool]) -> Run | None:
        before: int | None = None
        while page := self.records.store.runs(address, _PAGE, before):
            if found := next((run for run in page if run.status is RunStatus.SUCCEEDED and fits(run)), None):
                return found
            before = page[-1].id
        return None

    def _left_by(self, enver: Enver, run: Run, *, runs_now: bool) -> ComparedSide:
        made = run.fingerprint, run.inputs, run.recipe
        return self._side(enver, run.id, run.finished_at, *made, runs_now=runs_now)

    def _side(
        self,
        enver: Enver,
        run: int,
        at: float | None,
        made_of: Fingerprint,
        inputs: Sequence[RunInput],
        recipe: str | None,
        *,
        runs_now: bool,
    ) -> ComparedSide:
        kept = kept_slice(self.records.store, made_of.slice)
        node = kept.enver if kept else None
        target = enver.target
        place = (node.account, node.region) if node else (target.account, target.region) if target else ("", "")
        view = SideView(
            enver.address,
            run,
            at,
            made_of.commit,
            made_of.subject,
            node.stage if node else enver.stage,
            *place,
            runs_now=runs_now,
            sure=not runs_now or enver.deployed is not None,
        )
        parts = self._parts(node.build_type, recipe) if node and recipe else None
        return ComparedSide(view, made_of, node, self._consumed(inputs), parts, self._published(enver.address))

    def _consumed(self, inputs: Sequence[RunInput]) -> tuple[ConsumedValue, ...]:
        seen = [one for one in inputs if self.records.sees(naming.enver_of(one.product))]
        newest = self.records.store.versions(one.product for one in seen)
        return tuple(
            ConsumedValue(one.name, one.product, one.version, one.text, newest.get(one.product, 0) - one.version)
            for one in seen
        )

    def _published(self, enver: str) -> tuple[tuple[str, str], ...]:
        found = self.records.store.values_below(enver, _BEFORE_ALL, _VALUES)
        return tuple((one.product.removeprefix(f"{enver}/"), one.text) for one in found)

    def _parts(self, build_type: str, recipe: str) -> tuple[Part, ...] | None:
        try:
            kept = self.artifacts.get(recipe)
            return None if kept is None else tuple(self.read_recipe(build_type, kept))
        except OdmdError:
            return None


def _runs_of(enver: Enver) -> str:
    return f"`odmd runs {naming.enver_label(enver.address)}` lists what there is"
