"""Carries an experiment out: says what will be there and asks once, then makes, tests, tells, and removes all of it.

Who begins again after a kill goes on: what is there is taken as it is, what was proven is not proven again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from odmd.cli.applying import ApplyOptions, look_and_confirm
from odmd.cli.confirm import confirm
from odmd.cli.experiment.design import Experiment, Variant, batches, clone_name
from odmd.cli.experiment.layers import clear_layers, write_layers
from odmd.cli.experiment.results import OPEN, Looked, VariantResult
from odmd.cli.experiment.standing import by_label, now, standing, why
from odmd.errors import ExperimentRefused
from odmd.model.naming import enver_label
from odmd.plan.build import Limited
from odmd.plan.clones import EndWish, TogetherWish

if TYPE_CHECKING:
    from odmd.cli.live import Live
    from odmd.control.leading.plane import Plane
    from odmd.control.reading.clones import CloneSetView
    from odmd.plan import Plan

Planned = frozenset[tuple[str, str]]
"""Envers with the commits that they are brought to."""


@dataclass(slots=True)
class Carrying:
    """One experiment, at one plane."""

    there: Plane
    experiment: Experiment
    origin: str
    begun: float
    live: Live
    yes: bool
    quiet: bool

    @classmethod
    def begin(cls, there: Plane, experiment: Experiment, live: Live, *, yes: bool, quiet: bool) -> Carrying:
        """Goes on where clones of it are there.

        Raises:
            NothingDeployed, EnverUnknown
        """
        origin = enver_label(there.past.enver(experiment.origin).enver)
        known = [one for one in standing(there.past.clones()) if (one.name, one.origin) == (experiment.name, origin)]
        return cls(there, experiment, origin, known[0].begun if known else now(), live, yes, quiet)

    def results(self) -> list[VariantResult]:
        """As they are recorded now."""
        return self._looked().results()

    def carry_out(self) -> list[VariantResult]:
        """Until each variant is proven, or cannot be.

        Raises:
            ExperimentRefused, CloneRefused, NotConfirmed, ConfigRefused, NotAllowed
        """
        looked = self._looked()
        todo = [one for one in self.experiment.variants if not looked.of(one).is_done]
        if todo:
            confirmed = self._confirmed(todo)
            write_layers(self.there.config, self._labels(self.experiment.variants), todo)
            for batch in batches(todo, self.experiment.at):
                self._deploy(batch, confirmed)
                self._prove(batch)
        return self.results()

    def _looked(self) -> Looked:
        sets = by_label(self.there.past.clones())
        return Looked(self.there.past, self.experiment, self.origin, self.begun, sets)

    def _labels(self, variants: Sequence[Variant]) -> Mapping[str, str]:
        return {one.name: f"{self.origin}+{clone_name(self.experiment.name, one.name)}" for one in variants}

    def _confirmed(self, todo: Sequence[Variant]) -> Planned:
        """All that will be there, by one plan that nobody carries out as a whole."""
        limited = self._limited(todo)
        plan = self.there.plan(limited, refresh=True, look=False)
        self._refuse_what_proves_nothing(plan)
        wanted = ApplyOptions(None, limited, True, False, True, True, "", self.quiet)
        look_and_confirm(plan, wanted, self.there)
        if not self.yes:
            confirm(
                f"\nTry these {len(todo)} variants, {min(self.experiment.at, len(todo))} at once?",
                can_ask=not self.quiet,
                declined="the experiment was declined, nothing was changed",
            )
        return _of(plan)

    def _refuse_what_proves_nothing(self, plan: Plan) -> None:
        from odmd.plan.run_steps import checks_of

        mine = {step.enver for step in plan.steps() if checks_of(step.run_steps)}
        if self.experiment.suite is None and plan.steps() and not mine:
            raise ExperimentRefused(
                f"nothing verifies clones of {self.origin}",
                next_step="give --suite PATH, or say what does in its contract: verified_by=(…,)",
            )

    def _limited(self, variants: Sequence[Variant]) -> Limited:
        return Limited(clones=TogetherWish(tuple([self.experiment.wish(one) for one in variants])))

    def _deploy(self, batch: Sequence[Variant], confirmed: Planned) -> None:
        """Nothing that was not confirmed."""
        from odmd.cli.apply import finish_interrupted

        with self.there.change(self.live) as change:
            finish_interrupted(change, self.live)
            plan = change.plan(self._limited(batch), refresh=True, look=False)
            if new := _of(plan) - confirmed:
                raise ExperimentRefused(
                    f"something else is to be deployed by now: {', '.join(sorted(enver for enver, _ in new))}",
                    next_step="the same command again shows it, and goes on",
                )
            if change.begin(why(self.experiment.name, self.begun), allow_dirty=True):
                with self.live.shown(plan):
                    change.follow()

    def _prove(self, batch: Sequence[Variant]) -> None:
        """By its tests, each variant that runs; without them its deployment proved it."""
        from odmd.control.leading.wishes import Verifying

        suite, looked = self.experiment.suite, self._looked()
        if suite is None:
            return
        tried = [
            one for one, now in zip(batch, map(looked.of, batch), strict=True) if now.result == OPEN and now.commit
        ]
        asked, labels = f"odmd experiment {self.experiment.name}", self._labels(tried)
        if not tried:
            return
        wishes = [Verifying(one, asked, suite) for one in labels.values()]
        with self.there.tell(wishes, self.live) as told, self.live.shown(None):
            told.follow()
        for _ in self._happenings():  # where somebody else carries it out
            looked = self._looked()
            if all(map(looked.is_tried, tried)):
                return

    def _happenings(self) -> Iterator[object]:
        yield None
        yield from self.there.past.happenings()

    def remove(self) -> list[CloneSetView]:
        """All of its clones, with what their layers say; those of which something is left then."""
        if self._mine():
            self._end_all()
        clear_layers(self.there.config, self._labels(self.experiment.variants).values())
        return self._mine()

    def _end_all(self) -> None:
        from odmd.cli.apply import finish_interrupted

        with self.there.change(self.live) as change:
            finish_interrupted(change, self.live)
            ends = TogetherWish(ended=tuple([EndWish(one.clone) for one in self._mine()]))  # some may be gone by now
            if not ends.ended:
                return
            plan = change.plan(Limited(clones=ends), refresh=False, look=False)
            if change.begin(f"odmd experiment {self.experiment.name}: it is over", allow_dirty=True):
                with self.live.shown(plan):
                    change.follow()

    def _mine(self) -> list[CloneSetView]:
        return [one for one in self.there.past.clones() if one.clone in self._labels(self.experiment.variants).values()]


def _of(plan: Plan) -> Planned:
    return frozenset((step.enver, step.commit) for step in plan.steps())
