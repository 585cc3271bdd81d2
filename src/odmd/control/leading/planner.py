"""Makes plans: reads the heads of the repositories, compares with the recorded state, and keeps what was shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from odmd.control.leading.documents import keep_documents
from odmd.control.leading.editions import contracts_before, encode_edition, keep_contracts, newest_contracts
from odmd.control.leading.in_use import DeployAsked, InUse
from odmd.control.leading.plans import find_plan, keep_plan
from odmd.control.leading.private import NOTHING_FOUND, FoundPrivate, PrivateReader, PrivateVault
from odmd.control.leading.sources import SourceReader, Sources
from odmd.control.leading.verdicts import KeptVerdicts
from odmd.control.ports.store import Store
from odmd.control.ports.world import Repositories
from odmd.control.reading.lag import LagReader
from odmd.control.reading.objectives import expected_of
from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.drift import because_drifted
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import HoldAnswer
from odmd.control.scheduler.runs import RunStatus
from odmd.control.scheduler.state import State
from odmd.errors import EnverUnknown, PlanOutdated
from odmd.graph import Compiled, Graph
from odmd.model import naming
from odmd.plan import Plan, Recorded, build_plan
from odmd.plan.behind import behind, continuous
from odmd.plan.build import Limited
from odmd.plan.carried_out import beyond
from odmd.plan.clones import ClonesChange
from odmd.plan.commits import CommitSaid
from odmd.plan.durations import Took, with_durations
from odmd.plan.freshness import Own, moved_since
from odmd.plan.inventory import Inventory
from odmd.plan.radius import with_reach
from odmd.plan.removals import leaving, with_inventories, with_retirements
from odmd.plan.targets import with_what_they_need
from odmd.plan.verdicts import moved_elsewhere, with_verdicts
from odmd.plan.wiring import Wiring
from odmd.plan.words import misfit

if TYPE_CHECKING:
    from odmd.graph.difference import Difference, Edition
    from odmd.plan.fitting import FitAnswer

Inventories = Callable[[Sequence[Enver]], Mapping[str, Inventory]]
"""Of envers that are to go, by address: what is there. Changes nothing."""

_PAST: Final = 2000
"""The newest runs: those that durations are told from, and among which those of a plan are looked for."""
_LISTED: Final = 10
_LOOK_AGAIN: Final = "run `odmd plan` and look again"


@dataclass(frozen=True)
class Planner:
    """Makes plans from the contracts, the state and the repositories."""

    compiled: Compiled
    state: State
    store: Store | None
    sources: Repositories
    runs_at_once: int
    uncommitted: tuple[str, ...] = ()
    """Files of the contracts that are not as they are committed."""
    gone: Mapping[str, str] = field(default_factory=dict[str, str])
    """Envers whose stacks were found to be gone, and what of them."""
    look: Inventories | None = None
    """Looks what the envers that left the contracts would take along; None: nobody looks."""
    vault: PrivateVault | None = None
    """Private settings; None: there are none, and who needs any lacks it."""
    clones: ClonesChange | None = None
    """What its plans change of the clones that there are; its contracts have those that are to be there then."""

    @property
    def graph(self) -> Graph:
        return self.compiled.graph

    @cached_property
    def wiring(self) -> Wiring:
        return Wiring(self.graph)

    @cached_property
    def recorded(self) -> Recorded:
        known = recorded(self.state, self.wiring)
        lost = {
            one: replace(known.envers[one], deployed=None, unknown=True, drifted=because_drifted(what))
            for one, what in self.gone.items()
            if one in known.envers
        }
        return replace(known, envers={**known.envers, **lost}) if lost else known

    def make(self, limited: Limited | None = None, *, refresh: bool = True) -> Plan:
        """The plan from what is recorded to the contracts at the heads of their repositories, kept if there is a store.

        Without `refresh`, the heads are those that the last plan read, where it read them. With targets, only their
        repositories are read, and those of what they need.

        Raises:
            EnverUnknown: a target is not in the contracts.
            ToolMissing
        """
        limited = self._understood(self._of_clones(limited or Limited()))
        about = limited.targets if limited.alone else self._about(limited.targets)
        read, found = self._read(about, refresh=refresh)
        made = self._difference()
        anew = moved_elsewhere(made) if made else ()
        runs = (one.deployed for one in self.recorded.envers.values() if one.deployed)
        said = {**{one.commit: CommitSaid(one.subject, one.author) for one in runs}, **read.said}
        seen = (read.contents, read.unreadable, said, found.private)
        plan = build_plan(self.graph, self.recorded, read.heads, limited, self.wiring, anew, *seen)
        plan = with_retirements(with_reach(plan, self.wiring), self.recorded)
        plan = with_durations(plan, self._past(), self.graph, self.wiring.upstream, self.runs_at_once)
        plan = with_verdicts(plan, self.graph, made) if made else plan
        plan = self.in_use.with_misfits(plan) if self._has_schemas else plan
        if self.look is not None and plan.removals:
            plan = with_inventories(plan, self.look([self.state.envers[one.enver] for one in plan.removals]))
        told = {"policies": self._gains(), "mends": tuple(self._mends(plan)), "clones": self.clones}
        plan = replace(plan, uncommitted=self.uncommitted, **told)
        self._keep(plan, found)
        return plan

    def _of_clones(self, limited: Limited) -> Limited:
        """What it is about, where it changes which clones there are."""
        if self.clones is None:
            return limited
        ended = [address for one in self.clones.ended for address in self.state.clones[one].set.addresses]
        return replace(limited, targets=(*self.clones.targets, *ended), alone=True)

    def _mends(self, plan: Plan) -> Iterator[str]:
        """Of the envers that certainly get a step, what breaks an objective now."""
        wanted = expected_of(self.graph)
        if self.store is None or wanted.is_empty():
            return
        steps = [self.state.envers.get(step.enver) for step in plan.steps() if step.certain]
        held = [one for one in steps if one is not None and wanted.has_any(one.address, one.stage)]
        now = time.time()
        reader = LagReader(self.store, self.store.versions, self.store.envers_of, wanted, now)
        for one in reader.of(held):
            if one.broken:
                yield f"{naming.enver_label(one.enver)}: {one.says(now)} ({' and '.join(one.broken)})"

    def _about(self, targets: Collection[str]) -> Collection[str]:
        return with_what_they_need(self.wiring, targets) if targets else self.graph.envers.keys()

    def behind(self, repos: Collection[str] | None = None) -> Mapping[str, str]:
        """Enver of a continuous stage → the commit that it is to have, as its branch says now; that of other repos than
        these as it was read last.

        Raises:
            ToolMissing
        """
        anew, known = set[str](), set[str]()
        for one in continuous(self.graph):
            (anew if repos is None or one.repo.lower() in repos else known).add(one.address)
        read, before = self._read(anew)[0], self._read(known, refresh=False)[0]
        return behind(self.graph, self.recorded, {**before.heads, **read.heads})

    def approved(self, digest: str) -> Plan:
        """The plan that somebody looked at, if it still says what is to do.

        Raises:
            PlanOutdated: lists what moved.
            PlanUnusable: it is no plan for here.
            ToolMissing
        """
        plan = find_plan(self.store, digest, self.graph.organisation) if self.store else None
        if plan is None:
            return self._the_same(digest)
        about = {*plan.base.heads, *(one.enver for one in (*plan.steps(), *plan.sourceless))}
        (read, found), own = self._read(about), self._own(plan)
        now = (read.heads, own, read.contents, read.unreadable, found.private)
        if moved := list(moved_since(plan, self.graph, self.recorded, *now)):
            raise _outdated(digest, moved)
        if broken := self._broken_since(plan):
            raise _outdated(digest, broken)
        gone = self.recorded.envers.keys().isdisjoint(removal.enver for removal in plan.removals)
        left = set(leaving(self.graph, self.recorded, ())).intersection(plan.to_clear())
        if gone and not left and all(step.enver in own.envers for step in plan.steps() if step.certain):
            raise PlanOutdated(f"plan {digest} was carried out already", next_step="see `odmd status`")
        self._keep_settings(plan, found)
        return replace(plan, uncommitted=self.uncommitted)

    def _broken_since(self, plan: Plan) -> Sequence[str]:
        """Whom it would break by now, as others moved meanwhile."""
        if not self._has_schemas:
            return ()
        seen = {(one.product, one.writer, one.reader, one.says) for one in plan.breaking()}
        now = self.in_use.with_misfits(replace(plan, misfits=())).breaking()
        new = (one for one in now if (one.product, one.writer, one.reader, one.says) not in seen)
        return [line for one in new for line in misfit(one)]

    def carried_out(self) -> None:
        """Keeps the contracts, so that the next plan can say what changed."""
        if self.store:
            keep_contracts(self.store, self._edition, self._before)
            keep_documents(self.store, self._edition)

    def can_deploy(self, asked: DeployAsked) -> FitAnswer:
        """Whether something fits what runs beside it.

        Raises:
            EnverUnknown, CommitAmbiguous
        """
        return self.in_use.can_deploy(asked)

    def hold(self, asked: DeployAsked, by: Actor, until: float) -> tuple[FitAnswer, HoldAnswer | None]:
        """The answer, and what holds it for who asked; None where it is no yes.

        Raises:
            EnverUnknown, CommitAmbiguous, AnswerHeld
        """
        self.in_use.refuse_held(asked, by)
        found = self.in_use.can_deploy(asked)
        return found, self.in_use.hold(asked, by, time.time(), until) if found.possible else None

    @cached_property
    def in_use(self) -> InUse:
        """What runs, and what is to run."""
        held = self.state.standing.held(time.time())
        verdicts = KeptVerdicts(self.store) if self.store else None
        return InUse(self._edition, self.recorded, self.store, self._before, held, verdicts)

    @property
    def _has_schemas(self) -> bool:
        """Whether anybody says what he writes or relies on; else nothing is looked up."""
        return bool(self.compiled.schemas) or any(wire.uses for wire in self.graph.wires())

    def _the_same(self, digest: str) -> Plan:
        """The plan of now, which has to be the one that was not kept."""
        plan = self.make()
        if plan.is_empty():
            raise PlanOutdated(
                f"no plan {digest} was kept here, and there is nothing to do", next_step="see `odmd status`"
            )
        if not _hex(plan.digest()).startswith(_hex(digest)):
            raise PlanOutdated(
                f"no plan {digest} was kept here, and the plan of now is {_hex(plan.digest())[:7]}: "
                "either it is another organisation's or state's, or heads, contracts or values moved",
                next_step=_LOOK_AGAIN,
            )
        return plan

    def _understood(self, limited: Limited) -> Limited:
        known = self.graph.envers.keys() | self.recorded.envers.keys()
        targets = {naming.enver_address(target, known) for target in limited.targets}
        for target in targets - known:
            raise EnverUnknown(
                f"{naming.enver_label(target)} is not in the contracts, and nothing of it is deployed",
                next_step="`odmd graph` shows what is",
            )
        return replace(limited, targets=tuple(sorted(targets)))

    def _read(self, envers: Iterable[str], *, refresh: bool = True) -> tuple[Sources, FoundPrivate]:
        """Of those that are declared, and that this release carries out: their sources, and their private settings."""
        declared = [self.graph.envers[one] for one in envers if one in self.graph.envers]
        wanted = [one for one in declared if not any(beyond(one))]
        deployed = {one: known.deployed for one, known in self.recorded.envers.items() if known.deployed}
        found = self._private.read(wanted, deployed) if self._private else NOTHING_FOUND
        reader = SourceReader(self.sources, self.store)
        runs = {one: known.commit for one, known in deployed.items()}
        read = reader.read(wanted, self.graph.envers, runs, found.unfit, refresh=refresh)
        stay = {one: deployed[one] for one in (self.clones.asked if self.clones else ()) if one in deployed}
        heads = {**read.heads, **{one: runs.commit for one, runs in stay.items()}}
        contents = {**read.contents, **{one: runs.content for one, runs in stay.items()}}
        return replace(read, heads=heads, contents=contents), found

    @cached_property
    def _private(self) -> PrivateReader | None:
        return PrivateReader(self.vault, self.graph, lambda: self._edition.documents) if self.vault else None

    @cached_property
    def _edition(self) -> Edition:
        from odmd.graph.difference import edition

        return edition(self.compiled)

    @cached_property
    def _before(self) -> Edition | None:
        """The contracts as each enver was carried out under: which those are is a fact of the enver."""
        from odmd.graph.difference import with_some_of

        newest = newest_contracts(self.store) if self.store else None
        earlier = contracts_before(self.store) if self.store and newest else None
        if newest is None or earlier is None:
            return newest
        return with_some_of(
            earlier, newest, [one for one in earlier.graph.envers if self._stayed(one, earlier, newest)]
        )

    def _stayed(self, enver: str, earlier: Edition, newest: Edition) -> bool:
        """Whether an enver runs under the earlier edition still."""
        now, was = newest.graph.envers.get(enver), earlier.graph.slice(enver)
        runs = self.recorded.envers[enver].deployed if enver in self.recorded.envers else None
        return runs is not None and runs.slice == was and (now is None or now.slice() != was)

    def _difference(self) -> Difference | None:
        """What the contracts changed since they were carried out, for each enver."""
        from odmd.graph.difference import difference

        before = self._before
        if before is None or encode_edition(self._edition) == encode_edition(before):
            return None
        return difference(before, self._edition)

    def _gains(self) -> tuple[str, ...]:
        """Who may do more, and who less, than under the contracts that were carried out last."""
        before = self._before
        if before is None or before.graph.text.governed.said() == self.graph.text.governed.said():
            return ()
        from odmd.policy.gains import told

        return tuple(told(before.graph, self.graph)) or ("the policies say it in other words",)

    def _past(self) -> Iterator[Took]:
        for run in self.store.runs(limit=_PAST) if self.store else ():
            if run.status is RunStatus.SUCCEEDED and run.finished_at is not None:
                yield Took(run.enver, run.mode, run.finished_at - run.started_at)

    def _own(self, plan: Plan) -> Own:
        """What was done under a plan."""
        if self.store is None:
            return Own()
        waves = {wave.id for wave in self.store.waves(limit=_PAST) if wave.plan == plan.digest()}
        runs = [run for run in self.store.runs(limit=_PAST) if waves.intersection(run.waves)] if waves else []
        return Own(
            envers={run.enver for run in runs if run.status is RunStatus.SUCCEEDED},
            products={ref.product for run in runs for ref in run.published},
        )

    def _keep(self, plan: Plan, found: FoundPrivate) -> None:
        if self.store:
            keep_plan(self.store, plan)
        self._keep_settings(plan, found)

    def _keep_settings(self, plan: Plan, found: FoundPrivate) -> None:
        """What its steps will be handed, so that their runs find it whatever is edited until then."""
        if self.vault:
            told = (*plan.base.settings.values(), *(one.settings for one in plan.sourceless))
            self.vault.sealed.keep(found.of(told))


def _outdated(digest: str, moved: Collection[str]) -> PlanOutdated:
    listed = [f"\n  {line}" for line in list(moved)[:_LISTED]]
    more = f"\n  and {len(moved) - _LISTED} more" if len(moved) > _LISTED else ""
    return PlanOutdated(f"plan {digest} is outdated:{''.join(listed)}{more}", next_step=_LOOK_AGAIN)


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")
