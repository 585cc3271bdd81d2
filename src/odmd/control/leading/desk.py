"""Where agents get their runs and hand them back: the claim protocol."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, Protocol

from odmd.control.config.shape import ConfigShape, hidden_texts
from odmd.control.leading.ask import Ask, Patiently, at_once
from odmd.control.leading.slices import Slice, find_slice
from odmd.control.leading.state_id import state_id
from odmd.control.ports.journal import DoneStep
from odmd.control.ports.settings import Sealed
from odmd.control.ports.store import Store
from odmd.control.running.live_config import NOTHING_LIVE, LiveConfig, LiveText
from odmd.control.running.steps import FULL, LISTED, may_move
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.messages import ClaimRun, FailRun, FinishRun, HandOnRun, LoseRun
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.values import Value, ValueStatus
from odmd.graph import Compiled, EnverNode
from odmd.graph.verified import only
from odmd.model.kinds import Kind
from odmd.plan.gates import changes_asked_of, dearer_by
from odmd.plan.run_steps import live_of

_LEFT: Final = "it left the contracts before this run was carried out"
_CONFIG_NOT_KEPT: Final = "its private config, as it was when this run was made, is not kept any more: plan again"
_NOT_KEPT: Final = "its part of the contracts changed, and what it said when this run was made was not kept"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out one run, and all that is needed for it."""

    run: Run
    attempt: AttemptNumber
    enver: EnverNode
    """As the contracts said it that the run was made for; verified by what the run is to prove."""
    contracts: str
    """Version of the contracts package that said it."""
    kinds: Mapping[str, type[Kind]]
    published: Mapping[str, Value]
    """The current value of each of the enver's products."""
    done: Mapping[str, DoneStep]
    """Steps that an earlier attempt finished, and that whoever claims may rely on."""
    state: str
    """The id of the state that the run is recorded in."""
    known: bool
    """Whether an earlier run deployed the enver, as the state knows."""
    moved: bool = False
    """Whether an earlier attempt, be it of whom one does not rely on, may have changed something."""
    others: tuple[str, ...] = ()
    """What units of others begin with that might be read as this enver's."""
    foreign: bool = False
    """Whether the recipe that the run would use again was made by an agent of another place."""
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name → JSON text of each private config that the run was made with; it goes no further than into the run."""
    hidden: tuple[str, ...] = ()
    """Parts of these that nobody sees, whoever says them."""
    live: LiveConfig = NOTHING_LIVE
    """What it writes where services read it; no part of what the source is made with."""
    asks_changes: bool = False
    """Whether people approve what it would change before it does."""
    drifted: bool = False
    """Whether others changed what runs, so that as much is brought back as can be."""
    dearer_by: Decimal | None = None
    """From how much more it would cost a day on people approve what it would change; None: whatever it costs."""
    runs: str | None = None
    """The recipe of what runs."""


class Desk(Protocol):
    """Speaks for the control plane to agents."""

    def claim(self, worker: str, run: int | None = None) -> Claim | None:
        """The right to a run that nobody carries out, or without its number to the one that waits longest; None where
        there is none."""
        ...

    def still(self, claim: Claim) -> Run | None:
        """The run as it is now; None when the right to it is over."""
        ...

    def record(self, claim: Claim, step: DoneStep) -> None:
        """Journals a finished step."""
        ...

    def finish(self, outcome: FinishRun | FailRun) -> None:
        """Ends the run, unless somebody claimed it since."""
        ...

    def hand_on(self, claim: Claim, prepared: str) -> None:
        """The run is prepared: somebody else carries out what is kept under this digest; empty: it needs nothing."""
        ...

    def give_back(self, claim: Claim, why: str) -> None:
        """The run is for somebody else to take, from the start."""
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
    sealed: Sealed | None = None
    """Where what runs were made with of private settings is kept."""
    token: str | None = None
    """That of the agent of another place for whom it speaks; None: of this process's own worker, with more rights."""
    prepares: bool = False
    """Whether that agent makes recipes only, and is told no more than that takes."""

    def claim(self, worker: str, run: int | None = None, id: str | None = None) -> Claim | None:
        """As `Desk.claim`. With an `id`, the same claim whenever the same worker comes with it, and none for others."""
        if run is None and not self.store.waiting():
            return None
        if not self.is_current():
            self.outdated()
            return None
        answer = self.ask(ClaimRun(run, worker, self.prepares), id)
        claimed = next((one for one in answer if isinstance(one, RunClaimed) and one.worker == worker), None)
        return self.patiently(lambda: self._claim(claimed)) if claimed else None

    def is_current(self) -> bool:
        """Whether the contracts of this process are in force."""
        return self.store.standing().contracts == self.compiled.graph.digest()

    def slice_of(self, run: Run) -> Slice | None:
        """What the contracts said of a run's enver when it was made; None where nobody knows."""
        return find_slice(self.store, self.compiled.graph, run.enver, run.fingerprint.slice)

    def still(self, claim: Claim) -> Run | None:
        found = self.patiently(lambda: self.store.run(claim.run.id))
        return found if found and found.attempt == claim.attempt and found.finished_at is None else None

    def record(self, claim: Claim, step: DoneStep) -> None:
        self.patiently(lambda: self.store.record(claim.run.id, claim.attempt, step))

    def finish(self, outcome: FinishRun | FailRun) -> None:
        self.ask(outcome, f"run {outcome.run} attempt {outcome.attempt} ended")

    def hand_on(self, claim: Claim, prepared: str) -> None:
        self.hand_on_attempt(claim.run.id, claim.attempt, prepared)

    def hand_on_attempt(self, run: int, attempt: AttemptNumber, prepared: str) -> None:
        """As `hand_on`, by its numbers."""
        self.ask(HandOnRun(run, attempt, prepared), f"run {run} attempt {attempt} prepared")

    def give_back(self, claim: Claim, why: str) -> None:
        self.give_back_attempt(claim.run.id, claim.attempt, why)

    def give_back_attempt(self, run: int, attempt: AttemptNumber, why: str) -> None:
        """As `give_back`, by its numbers."""
        self.ask(LoseRun(run, attempt, why), f"run {run} attempt {attempt} given back")

    def _claim(self, claimed: RunClaimed) -> Claim | None:
        run = self.store.run(claimed.run)
        if run is None or run.attempt != claimed.attempt:
            return None
        done = self.store.steps(run.id)
        is_declared = run.enver in self.compiled.graph.envers
        said = self.slice_of(run) if is_declared else None
        if said is None:
            why = _NOT_KEPT if is_declared else _LEFT
            self.finish(FailRun(run.id, claimed.attempt, why, clean=not done))
            return None
        recorded = self.store.enver(run.enver)
        config, live = self._config(run), self._live(run, recorded)
        if self.prepares and config is not None:
            read = {one.name for one in said.enver.configs if one.read == "synth"}
            config, live = {name: text for name, text in config.items() if name in read}, NOTHING_LIVE
        if config is None or live is None:
            self.finish(FailRun(run.id, claimed.attempt, _CONFIG_NOT_KEPT, clean=not done))
            return None
        enver = said.enver if run.suite is None else replace(said.enver, verification=only(run.suite))
        values = [value for product in said.enver.products for value in self.store.values(product.address)]
        return Claim(
            run=run,
            attempt=claimed.attempt,
            enver=enver,
            contracts=said.version,
            kinds=self.compiled.kinds,
            published={value.product: value for value in values if value.status is ValueStatus.CURRENT},
            done={step.name: step for step in done if step.token in ("", self.token) or step.name == FULL},
            moved=any(may_move(step.name) or (live and step.name == LISTED) for step in done),
            foreign=self.token is None and run.recipe is not None and self.store.came_in(run.recipe),
            others=self.compiled.graph.longer_heads(said.enver),
            state=state_id(self.store),
            known=recorded is not None and was_deployed(recorded),
            config=config,
            hidden=tuple(self._hidden(said.enver, {**config, **{name: one.text for name, one in live.write.items()}})),
            live=live,
            asks_changes=bool(changes_asked_of(self.compiled.graph, said.enver)),
            drifted=recorded is not None and bool(recorded.drifted),
            dearer_by=dearer_by(self.compiled.graph, said.enver),
            runs=recorded.recipe if recorded and not recorded.removed else None,
        )

    def _config(self, run: Run) -> Mapping[str, str] | None:
        """By name; None where it is not kept."""
        settings = run.fingerprint.settings
        wanted = dict((*settings.synthesis, *settings.runtime))
        if not wanted or self.sealed is None:
            return None if wanted else {}
        kept = self.sealed.find(wanted.values())
        return {name: kept[one] for name, one in wanted.items()} if kept.keys() >= set(wanted.values()) else None

    def _live(self, run: Run, recorded: Enver | None) -> LiveConfig | None:
        """As the run's steps list it; None where it is not kept."""
        todo, wanted = live_of(run.steps), dict(run.fingerprint.settings.live)
        if not todo.write:
            return LiveConfig(clear=todo.clear)
        written = recorded.live if recorded else ()
        deployed = recorded.deployed.settings.live if recorded and recorded.deployed else ()
        identities = {*wanted.values(), *(one for _, one in written)}
        found: Mapping[str, str] = self.sealed.find(identities) if self.sealed else {}
        if not found.keys() >= {wanted[name] for name in todo.write}:
            return None
        write = {
            name: LiveText(
                found[wanted[name]],
                tuple([found[one] for of, one in written if of == name and one in found]),
                stays=(name, wanted[name]) in deployed,
            )
            for name in todo.write
        }
        return LiveConfig(write, todo.clear)

    def _hidden(self, enver: EnverNode, config: Mapping[str, str]) -> Iterator[str]:
        """Sensitive texts, for masks."""
        from odmd.graph.difference import edition

        if not config:
            return
        documents = edition(self.compiled).documents
        for one in enver.configs:
            if one.name in config and one.schema in documents:
                yield from hidden_texts(ConfigShape(documents[one.schema]), json.loads(config[one.name]))


def was_deployed(enver: Enver) -> bool:
    """Whether a run of it deployed something, or may have."""
    return bool(enver.units.there) or enver.deployed is not None or enver.unknown
