"""Proves what the next runs of envers need, before anybody begins one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from odmd.control.leading.next_needs import NextRun, handed, needs_of, needs_of_recipe
from odmd.control.leading.planner import Planner
from odmd.control.ports.provers import Prover
from odmd.control.ports.world import Artifacts
from odmd.control.reading.preflight import PreflightView, ProofView, view_of
from odmd.control.reading.tried import tried
from odmd.control.running.needed import RecipeNeeds
from odmd.control.running.needs import Missing, ProvenNeed, QuotaNeeded, RunNeed, Unknown
from odmd.control.running.proving import proven, together
from odmd.control.scheduler.envers import Enver
from odmd.errors import EnverUnknown
from odmd.model import naming
from odmd.plan import Plan
from odmd.plan.build import Limited
from odmd.plan.fingerprint import same_source


@dataclass(frozen=True, slots=True)
class PreflightAsked:
    """Whose next runs are looked at: those of some envers, of all, or else those that a plan would begin."""

    envers: tuple[str, ...] = ()
    """As people type them."""
    every: bool = False
    limited: Limited = field(default_factory=Limited)
    """Of the plan."""


@dataclass(frozen=True)
class Preflight:
    """Plans, and proves what the steps need; changes nothing."""

    planner: Planner
    prover: Prover
    recipe_needs: Mapping[str, RecipeNeeds]
    artifacts: Artifacts | None
    """None while nothing was ever deployed."""

    def look(self, asked: PreflightAsked, *, refresh: bool) -> PreflightView:
        """What was found, in the order of the plan: shared needs once.

        Raises:
            EnverUnknown, ToolMissing, StateUnreadable
        """
        graph = self.planner.graph
        named = tuple(naming.enver_address(one, graph.envers) for one in asked.envers)
        for one in named:
            if one not in graph.envers:
                raise EnverUnknown(
                    f"{naming.enver_label(one)} is not in the contracts", next_step="`odmd graph` shows what is"
                )
        limited = replace(asked.limited, targets=asked.limited.targets or named)
        plan = self.planner.make(limited, refresh=refresh)
        return self.of_plan(plan, named or (tuple(graph.envers) if asked.every else _moved(plan)))

    def of_plan(self, plan: Plan, envers: Sequence[str]) -> PreflightView:
        """What was found for some envers, each as the plan has it."""
        steps = {step.enver: step for step in plan.steps()}
        wants = dict[RunNeed, list[str]]()
        earlier = set[RunNeed]()
        for enver in envers:
            recorded = self.planner.state.envers.get(enver, Enver(enver))
            next = NextRun(self.planner.graph.envers[enver], steps.get(enver), recorded, plan)
            of_all, of_earlier = self._needs(next)
            for need in of_all:
                wants.setdefault(need, []).append(enver)
            earlier.update(of_earlier)
        every = (need for need, by in wants.items() for _ in by)
        proofs = proven(together(every), self.prover.prove)
        views = [self._view(proof, wants, is_earlier=proof.need in earlier) for proof in proofs]
        return PreflightView(tuple(envers), tuple(views))

    def _needs(self, next: NextRun) -> tuple[Sequence[RunNeed], Sequence[RunNeed]]:
        """All of a run; and those of them that are read from a recipe of other source than the run's."""
        kinds, state, wiring = self.planner.compiled.kinds, self.planner.state, self.planner.wiring
        needs = list(dict.fromkeys(needs_of(next, state, wiring, kinds)))
        of = self.recipe_needs.get(next.enver.build_type)
        recipe, is_same = self._recipe(next)
        if of is None or recipe is None:
            return needs, ()
        runs = self._kept(next.recorded.recipe)
        more = list(needs_of_recipe(of, recipe, next, runs, handed(next, state, wiring, kinds)))
        certain = {need for need in needs if need.certain}
        kept = [need for need in needs if not _is_said_better(need, more)]
        return [*kept, *more], () if is_same else [one for one in more if one not in certain]

    def _recipe(self, next: NextRun) -> tuple[bytes | None, bool]:
        """What the last run prepared, or what runs; and whether it was made of the source that the next run has."""
        store = self.planner.store
        last = tried(store, next.enver.address) if store else None
        if last is not None and (kept := self._kept(last.recipe)):
            made = last.run.fingerprint
            return kept, same_source((made.commit, made.content), _source(next))
        runs = next.recorded.deployed
        same = runs is not None and same_source((runs.commit, runs.content), _source(next))
        return self._kept(next.recorded.recipe), same

    def _kept(self, digest: str | None) -> bytes | None:
        return self.artifacts.get(digest) if self.artifacts and digest else None

    def _view(self, proof: ProvenNeed, wants: Mapping[RunNeed, Sequence[str]], *, is_earlier: bool) -> ProofView:
        """What templates of other source lack may not be lacking any more."""
        need, found = proof.need, proof.found
        if is_earlier and isinstance(found, Missing):
            found = Unknown(f"by what the last run prepared of other source: {found.fact}", found.next_step)
        envers = wants.get(need) or [
            enver
            for one, by in wants.items()
            if isinstance(one, QuotaNeeded) and isinstance(need, QuotaNeeded) and one.counts_with(need)
            for enver in by
        ]
        return view_of(tuple(dict.fromkeys(envers)), ProvenNeed(need, found))


def _source(next: NextRun) -> tuple[str, str]:
    """Commit and content that it would be made of."""
    step, recorded = next.step, next.recorded
    return (step.commit, step.content) if step else (recorded.commit, recorded.content)


def _moved(plan: Plan) -> tuple[str, ...]:
    """Whose step begins, or would, if it could be read or carried out."""
    return tuple(
        dict.fromkeys(
            (
                *(step.enver for step in plan.steps() if step.certain),
                *(one.enver for one in plan.unreadable),
                *(one.enver for one in plan.beyond),
            )
        )
    )


def _is_said_better(need: RunNeed, more: Sequence[RunNeed]) -> bool:
    """Whether the recipe says for certain, or in full, what else is a guess."""
    is_guess = not need.certain or isinstance(need, QuotaNeeded)
    return is_guess and any(type(one) is type(need) for one in more)
