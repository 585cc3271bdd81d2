"""Small graphs, and a world in which their envers are deployed: everything the scheduler's tests need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from odmd.control.scheduler.decide import decide
from odmd.control.scheduler.drift import Deviation
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver, RemoveRetired, SendLater, effects_of
from odmd.control.scheduler.envers import Pin
from odmd.control.scheduler.events import Event, RunClaimed, RunStarted, RunSucceeded, ValuePublished, ValueRetired
from odmd.control.scheduler.evolve import evolve
from odmd.control.scheduler.follow import follow
from odmd.control.scheduler.messages import (
    Answer,
    ClaimRun,
    FailRun,
    FinishClearance,
    FinishRemoval,
    FinishRetirement,
    FinishRun,
    Head,
    LoseRun,
    Loss,
    Message,
    NoteDrift,
    PinEnver,
    Publication,
    StartChange,
    UseContracts,
)
from odmd.control.scheduler.setup import Limits, Setup
from odmd.control.scheduler.start import following
from odmd.control.scheduler.state import State
from odmd.control.scheduler.units import DeployedUnit
from odmd.control.scheduler.values import Resource, ValueRef
from odmd.errors import Place
from odmd.graph import EnverNode, Graph, ProductNode, WireEdge
from odmd.model import Account, Branch, Build, CdkEnver, Organisation, Repo, Stage, Team
from odmd.plan.run_steps import RunMode, RunStep, checks_of
from odmd.plan.wiring import Wiring
from support.actors import SOMEBODY
from support.spec import Spec, facts_of

HERE = Place("contracts.py", 1)
TEAM = Team("baristas")
ACCOUNT = Account("dev", "111122223333")
DEV = Stage("dev", ACCOUNT, "us-west-1")


def build(name: str) -> Build:
    return Build(name, Repo(f"acme/{name}", TEAM))


def organisation(*envers: CdkEnver) -> Organisation:
    return Organisation("acme", central=ACCOUNT, envers=envers)


def on(branch: str = "main") -> Branch:
    return Branch(branch)


def address(n: int) -> str:
    return f"e{n}/b..main"


def product(n: int) -> str:
    return f"{address(n)}/out"


def node(n: int, wires: Iterable[WireEdge] = (), **more: Any) -> EnverNode:
    """Enver number n, which makes one product."""
    said: dict[str, Any] = {
        "address": address(n),
        "build": f"e{n}",
        "build_type": "cdk",
        "slot": "b..main",
        "repo": f"acme/e{n}",
        "folder": ".",
        "team": "baristas",
        "revision": "branch:main",
        "stage": "dev",
        "stage_place": HERE,
        "account": ACCOUNT.id,
        "region": DEV.region,
        "ephemeral": False,
        "products": (ProductNode(product(n), "out", "test:Text", ""),),
        "wires": tuple(wires),
        "place": HERE,
        "built": None,
    }
    return EnverNode(**{**said, **more})


def wire(source: int, consumer: int, access: str = "read", mode: str = "automatic", held: bool = False) -> WireEdge:
    """A wire between two envers; a `held` one has a placeholder."""
    return WireEdge(
        consumer=address(consumer),
        name=f"in{source}",
        product=product(source),
        kind="test:Text",
        access=access,
        mode=mode,
        gate="baristas" if mode == "gated" else None,
        placeholder="placeholder" if held else None,
        place=HERE,
        producer=address(source),
    )


def graph(n: int, wires: Sequence[tuple[int, int]], moves_after: Sequence[tuple[int, int]] = ()) -> Graph:
    """n envers; wires lead from lower to higher numbers; `moves_after` holds (writer, reader) pairs."""
    return graph_of([node(k, [wire(i, j) for i, j in wires if j == k]) for k in range(n)], moves_after)


def graph_of(nodes: Sequence[EnverNode], moves_after: Sequence[tuple[int, int]] = ()) -> Graph:
    after: dict[str, tuple[str, ...]] = {}
    for writer, reader in moves_after:
        after[address(writer)] = (*after.get(address(writer), ()), address(reader))
    return Graph("acme", ACCOUNT.id, {one.address: one for one in nodes}, after)


@dataclass
class World:
    """Sends messages, answers runs, checks what must always hold."""

    graph: Graph
    seed: int = 1
    outcomes: int = 10**9
    """How many different values an enver can publish; small, so that early cut-off really happens."""
    state: State = field(default_factory=State)
    log: list[Event] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    due: list[Message] = field(default_factory=list)
    commits: dict[int, int] = field(default_factory=dict)
    pins: dict[int, Pin] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    """Run → the number of its enver, for runs that succeeded."""
    apps: dict[str, frozenset[DeployedUnit]] = field(default_factory=dict)
    """Enver → the stacks of what it was last brought to."""
    answers: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Enver → what its app looks up, as it is answered now."""
    begun: dict[int, tuple[RunStep, ...]] = field(default_factory=dict)
    """Run → the steps that it began with."""
    now: float = 0.0
    patience: float = 10.0**9
    limits: Limits = field(default_factory=lambda: Limits(organisation=99))
    earlier: tuple[Graph, ...] = ()
    setup: Setup = field(init=False)

    def __post_init__(self) -> None:
        self.use(self.graph)

    def use(self, graph: Graph, *, held: bool = False) -> Sequence[Event]:
        """Other contracts are in force from here on."""
        earlier = self.earlier if graph is self.graph else (self.graph, *self.earlier)
        self.graph, self.earlier = graph, earlier
        self.setup = Setup(graph, self.limits, grace=1.0, patience=self.patience, earlier=earlier, held=held)
        return self.send(UseContracts(self.setup.contracts, observed=len(self.sent) + 1))

    def at_once(self, runs: int) -> None:
        """From here on at most so many runs."""
        self.limits = Limits(runs)
        self.use(self.graph)

    @property
    def wiring(self) -> Wiring:
        return self.setup.wirings[self.setup.contracts]

    def send(self, message: Message) -> Sequence[Event]:
        self.now += 1
        setup = self.setup
        before = len(self.log)
        events = self._answer(setup, message)
        for event in events:
            self.log.append(event)
            if isinstance(event, RunStarted):
                self.begun[event.run] = self.state.runs[event.run].steps
            if isinstance(event, RunSucceeded):
                at = self.state.envers[event.enver]
                self.apps[event.enver] = frozenset(DeployedUnit(name, at.target) for name in event.units)
            for effect in effects_of(event):
                if isinstance(effect, SendLater):
                    self.due.append(effect.message)
                elif isinstance(effect, RemoveRetired):
                    assert ValueRef(effect.product, effect.version) not in self.state.leased
                    self.due.append(FinishRetirement(effect.product, effect.version))
                elif isinstance(effect, RemoveEnver):
                    assert set(effect.units) == set(self.state.envers[effect.enver].units.there)
                    self.due.append(FinishRemoval(effect.enver, began=effect.began))
                elif isinstance(effect, ClearUnits):
                    newest = self.apps.get(effect.enver, frozenset())
                    assert not newest.intersection(effect.units), "never what its app has"
                    self.due.append(FinishClearance(effect.enver, effect.units, (), effect.began))
        self.sent.append(message)
        assert len(self.state.runs) <= (self.limits.organisation or 10**9)
        assert self.state.position == before + len(events)
        return events

    def _answer(self, setup: Setup, message: Message) -> Sequence[Event]:
        """What `handle` does, while each step is held against the specification."""
        events: list[Event] = []
        for event in decide(setup, self.state, message, self.now):
            evolve(setup.wirings, self.state, event)
            events.append(event)
        while True:
            wanted = Spec(setup, self.state, self.now).what_follows()
            event = follow(setup, self.state, self.now)
            assert facts_of(event) == wanted, f"{facts_of(event)} instead of {wanted}"
            if event is None:
                return events
            if isinstance(event, RunStarted):
                again = event.mode is RunMode.VERIFY
                assert again == (event.fingerprint == self.state.envers[event.enver].sure), "never what surely runs"
            evolve(setup.wirings, self.state, event)
            events.append(event)

    def drift(self, enver: str, *what: str) -> Sequence[Event]:
        """Somebody looks at what runs, and finds that others changed this."""
        known = self.state.envers.get(enver)
        seen = tuple(Deviation("stack", "tag", one, "", "changed") for one in what or ("who",))
        return self.send(NoteDrift(enver, known.deployed_by, seen, ("tag",), SOMEBODY)) if known else ()

    def restart(self) -> None:
        """What a new process knows: the stored state, and nothing else."""
        old = self.state
        self.state = State.restore(
            old.position,
            next_run=old.next_run,
            next_wave=old.next_wave,
            versions=old.versions,
            envers=old.envers.values(),
            runs=old.runs.values(),
            values=[value for values in old.values.values() for value in values],
            waves=old.waves.values(),
            standing=old.standing,
        )
        assert self.state == old

    def push(self, *envers: int, interactive: bool = True) -> Sequence[Event]:
        """New commits on some envers, as one change."""
        heads: list[Head] = []
        for n in envers:
            self.commits[n] = self.commits.get(n, 0) + 1
            heads.append(self.head(n))
        return self.send(
            StartChange(
                "push", SOMEBODY, "", tuple(heads), interactive=interactive, follow=following(self.graph, heads)
            )
        )

    def head(self, n: int) -> Head:
        return Head(address(n), f"commit-{n}-{self.commits[n]}", self.graph.slice(address(n)))

    def retry(self, *envers: int) -> Sequence[Event]:
        return self.send(StartChange("retry", SOMEBODY, "", (), tuple(address(n) for n in envers)))

    def answer(self, n: int, *, approved: bool = True) -> Sequence[Event]:
        """Answers the first question about an enver, if there is one."""
        for question, offer in self.state.envers[address(n)].offers.items() if address(n) in self.state.envers else ():
            return self.send(Answer(address(n), question, offer.content.identity, approved, SOMEBODY))
        return ()

    def pin(self, n: int, run: int) -> Sequence[Event]:
        """Holds an enver at the inputs of a run of its own."""
        return self.send(PinEnver(address(n), self.pins[run]))

    def claim(self, run: int) -> int:
        """Claims a run, that of another worker too, which is lost; returns the attempt."""
        attempt = self.state.runs[run].attempt if run in self.state.runs else 0
        self.send(LoseRun(run, attempt, "not heard of"))
        return next(event.attempt for event in self.send(ClaimRun(run, "worker")) if isinstance(event, RunClaimed))

    def value(self, run: int) -> str:
        """What a deployment publishes: a function of SOME of its inputs, folded small."""
        fingerprint = self.state.runs[run].fingerprint
        parts = (fingerprint.commit, *(identity for _, identity in fingerprint.values))
        used = [part for k, part in enumerate(parts) if _digest(self.seed, self.state.runs[run].enver, k) % 3]
        return str(_digest(self.seed, self.state.runs[run].enver, *used) % self.outcomes)

    def finish(self, run: int, *, red: bool = False, verified: bool = True) -> Sequence[Event]:
        """Its enver is deployed.

        Args:
            red: it does not pass what verifies it, and its agent hands over what it published all the same.
            verified: whether its agent makes the checks that it has to pass.
        """
        attempt = self.claim(run)
        passed = checks_of(self.state.runs[run].steps) if verified else ()
        text = self.value(run)
        done = self.state.runs[run]
        self.owners[run] = next(n for n in range(99) if address(n) == done.enver)
        self.pins[run] = Pin(run, done.fingerprint, done.inputs, "sha256:assembly", SOMEBODY, "")
        if done.mode in (RunMode.LIVE, RunMode.VERIFY) and not red:
            looked_up = done.fingerprint.lookups
            return self.send(FinishRun(run, attempt, done.recipe or "", (), (), looked_up, verified=passed))
        enver = self.state.runs[run].enver
        resource = Resource("test", text, ACCOUNT.id, DEV.region)
        published = Publication(f"{enver}/out", text, text, "test:Text", resource)
        makes = self.graph.envers[enver].products if enver in self.graph.envers else ()
        stacks = stack_names(enver, text)
        if red:
            return self.send(FailRun(run, attempt, "red", True, (published,), units=stacks, red=True))
        answers = done.fingerprint.lookups or self.answers.get(enver, ())
        given = (published,) if makes else ()
        return self.send(FinishRun(run, attempt, "sha256:assembly", given, stacks, answers, verified=passed))

    def fail(
        self,
        run: int,
        *,
        clean: bool = True,
        may_pass: bool = False,
        waits: bool = False,
        loss: Loss | None = None,
    ) -> Sequence[Event]:
        return self.send(FailRun(run, self.claim(run), "boom", clean, may_pass=may_pass, waits=waits, loss=loss))

    def running(self) -> list[int]:
        return list(self.state.runs)

    def run_of(self, n: int) -> int | None:
        enver = self.state.envers.get(address(n))
        return enver.run if enver else None

    def drain_runs(self) -> None:
        """Finishes every run, and what follows; time stands still."""
        while runs := self.running():
            self.finish(runs[0])

    def drain(self) -> None:
        """Finishes every run and every retirement, and what follows."""
        for _ in range(5000):
            if runs := self.running():
                self.finish(runs[0])
            elif self.due:
                self.send(self.due.pop(0))
            else:
                return
        raise AssertionError("it never ends")

    def replayed(self) -> State:
        state = State()
        for event in self.log:
            evolve(self.setup.wirings, state, event)
        return state

    def started(self, since: int = 0) -> list[str]:
        return [event.enver for event in self.log[since:] if isinstance(event, RunStarted)]

    def retired(self) -> list[ValueRef]:
        return [ValueRef(e.product, e.version) for e in self.log if isinstance(e, ValueRetired)]

    def published(self) -> list[ValueRef]:
        return [ValueRef(e.product, e.version) for e in self.log if isinstance(e, ValuePublished)]


def stack_names(enver: str, text: str) -> tuple[str, ...]:
    """The stacks of an app: what it publishes decides on some of them, so that they come and go."""
    build = enver.partition("/")[0]
    return (f"{build}--main", *(f"{build}-part{n}--main" for n in range(3) if _digest(enver, text, n) % 2))


def _digest(*parts: object) -> int:
    return int(hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest(), 16)
