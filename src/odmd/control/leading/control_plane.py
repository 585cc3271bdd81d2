"""The control plane in the process that leads: a confirmed plan is carried out, and waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from odmd.control.leading.desk import StoreDesk
from odmd.control.leading.documents import keep_what_is_said
from odmd.control.leading.leader import Leader
from odmd.control.leading.perform import Performer
from odmd.control.leading.plans import keep_plan
from odmd.control.leading.subscribers import Subscribers
from odmd.control.ports.log import Logged
from odmd.control.ports.store import Store
from odmd.control.reading.objectives import keep_expected
from odmd.control.reading.troubles import Trouble, Troubles
from odmd.control.running.saying import WAITS
from odmd.control.scheduler.actor import ODMD, Actor
from odmd.control.scheduler.border import raise_refusal, refused
from odmd.control.scheduler.clones import why_not, with_kept
from odmd.control.scheduler.effects import Effect, MirrorProduct, effects_of
from odmd.control.scheduler.messages import (
    ChangePolicies,
    DeclareClones,
    EndClones,
    LeaveClones,
    ReportDrift,
    StartChange,
)
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.start import start_change
from odmd.control.scheduler.state import State
from odmd.errors import CloneRefused
from odmd.graph import Compiled, Graph
from odmd.model import naming
from odmd.plan import Plan
from odmd.plan.clones import ClonesChange

S_co = TypeVar("S_co", bound=Store, covariant=True)
_MIRROR_PATIENCE_SECONDS: Final = 15.0
_RETIREMENT_PATIENCE_SECONDS: Final = 20.0


class OnTheWay:
    """Products whose newest value is not in the parameter store yet."""

    def __init__(self) -> None:
        self._products: set[str] = set()

    def __len__(self) -> int:
        return len(self._products)

    def listen(self, entry: Logged, _state: State) -> None:
        """A value was published."""
        self._products.update(effect.product for effect in effects_of(entry.event) if isinstance(effect, MirrorProduct))

    def arrived(self, effect: Effect) -> None:
        """An effect was carried out."""
        if isinstance(effect, MirrorProduct):
            self._products.discard(effect.product)


@dataclass(frozen=True, slots=True)
class ControlPlane(Generic[S_co]):
    """What a command, or a server, does with the control plane while its process leads."""

    leader: Leader
    store: S_co
    on_the_way: OnTheWay
    desk: StoreDesk
    performer: Performer
    failing: Troubles
    subscribers: Subscribers
    """Who follows the log meanwhile."""
    soon: Callable[[], None]
    """Called when effects are about to be asked for, so that who carries them out is there."""

    @property
    def state(self) -> State:
        return self.leader.state

    def interrupted(self) -> Sequence[Run]:
        """Runs that an earlier process began and did not end; they are under way again."""
        return tuple(self.state.runs.values())

    def apply(
        self, plan: Plan, compiled: Compiled, by: Actor, cause: str, gone: Mapping[str, str] | None = None
    ) -> None:
        """Puts the contracts in force that a plan was made for, and carries it out: it and nothing else begins.

        Args:
            gone: envers that lost a stack, and what of it.

        Raises:
            Exception: whatever stopped the leader.
        """
        change = start_change(plan, by, cause, instead=True)
        keep_plan(self.store, plan)
        if plan.clones:
            self.use(compiled, by)  # as they are without these: who may not have it so makes no clones, either
            self.change_clones(plan.clones, compiled.graph, change)
        self.use(compiled, by)
        if plan.begins():
            self.soon()
            for enver, what in (gone or {}).items():
                if any(step.enver == enver and step.certain for step in plan.steps()):
                    self.leader.ask(ReportDrift(enver, what, by))
            self.leader.ask(change)
        self.leader.go_on()

    def change_clones(self, clones: ClonesChange, graph: Graph, change: StartChange) -> None:
        """Says which clones are to be there, and which no more; the contracts in force are the same until then.

        Args:
            graph: the contracts with the clones that are to be there.
            change: what deploys and removes them; who may not have it carried out changes nothing.

        Raises:
            NotAllowed
            CloneRefused: by now they cannot be made.
            Exception: whatever stopped the leader.
        """
        by, why = change.by, change.cause
        not_ended = replace(change, remove=tuple([one for one in change.remove if one in graph.envers]))
        denied = self.leader.look(lambda state: refused(state, graph, not_ended, time.time()))
        raise_refusal([denied] if denied else [])
        for made in clones.made:
            raise_refusal(self.leader.ask(DeclareClones(made, by, clones.ttl, why)))
            kept = self.leader.look(lambda state: dict(state.clones))
            found = kept.get(made.address)
            if found is None or found.set != made or found.ended:
                in_the_way = why_not(self.leader.in_force, kept, made) or "somebody deleted it meanwhile"
                raise CloneRefused(in_the_way, next_step="`odmd clone list` shows those that there are")
        for ended in clones.ended:
            raise_refusal(self.leader.ask(EndClones(ended, by, why)))

    def use(self, compiled: Compiled, by: Actor) -> None:
        """Puts other contracts in force, with the clones that are to be there.

        Raises:
            NotAllowed: their policies are others, and he may not change them.
            Exception: whatever stopped the leader.
        """
        self._settle_clones(compiled.graph.text)
        compiled = with_kept(compiled, self.leader.look(lambda state: list(state.clones.values())))
        before, after = self.leader.in_force, compiled.graph
        if after.text.governed.said() != before.text.governed.said():
            from odmd.policy.gains import told

            raise_refusal(self.leader.ask(ChangePolicies(after.digest(), by, tuple(told(before, after)))))
        self.desk.compiled, self.performer.graph = compiled, compiled.graph
        keep_what_is_said(self.store, compiled)
        keep_expected(self.store, compiled.graph)
        self.leader.use(compiled.graph)

    def _settle_clones(self, text: Graph) -> None:
        """Clones that the text declares by now are its own; those whose origins left it end."""
        for kept in self.leader.look(lambda state: [one for one in state.clones.values() if not one.ended]):
            if declared := tuple([one for one in kept.set.addresses if one in text.envers]):
                self.leader.ask(LeaveClones(kept.address, declared))
            elif not any(one.origin in text.envers for one in kept.set.clones):
                self.leader.ask(EndClones(kept.address, ODMD, "its origin left the contracts"))

    def wait_for_runs(self) -> None:
        """Until no run is under way."""
        self.leader.wait_until(lambda state: not state.runs)

    def wait(self, say: Callable[[str], None] = lambda _line: None) -> bool:
        """Until nothing is under way: no run, no removal, however long that takes, and no retirement.

        False when a retirement takes unreasonably long, or when AWS does not let a removal go on now. `say` is told,
        again and again, what removals wait for."""
        self.wait_for_runs()
        self.leader.wait_until(lambda state: not state.removing() or self._is_stuck(state, say))
        return self.leader.wait_until(State.quiet, self.leader.setup.grace + _RETIREMENT_PATIENCE_SECONDS)

    def _is_stuck(self, state: State, say: Callable[[str], None]) -> bool:
        """Whether AWS does not let a removal go on now, so that it is tried again, and need not be waited for."""
        found = [one for one in self.troubles() if one.enver in state.leaving or one.enver in state.clearing]
        for one in found:
            say(f"{naming.enver_label(one.enver)}: {one}")
        return not all(one.why.startswith(WAITS) for one in found)

    def troubles(self) -> Sequence[Trouble]:
        """What could not be done in the world so far."""
        return self.failing.now()

    def wait_for_mirror(self) -> int:
        """Until published values stand in the parameter store; returns how many still do not after some patience."""
        deadline = time.monotonic() + _MIRROR_PATIENCE_SECONDS
        while self.on_the_way and time.monotonic() < deadline:
            time.sleep(0.02)
        return len(self.on_the_way)
