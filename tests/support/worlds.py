"""Small graphs, and a world in which their envers are deployed: everything the scheduler's tests need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from odmd.control.decide import handle
from odmd.control.effects import RemoveRetired, SendLater, effects_of
from odmd.control.events import Event, RunClaimed, RunStarted, ValuePublished, ValueRetired
from odmd.control.evolve import evolve
from odmd.control.messages import (
    ClaimRun,
    FailRun,
    FinishRetirement,
    FinishRun,
    Head,
    Message,
    Publication,
    StartChange,
)
from odmd.control.setup import Setup
from odmd.control.state import Resource, State, ValueRef
from odmd.errors import Place
from odmd.graph import EnverNode, Graph, ProductNode, WireEdge
from odmd.model import Account, Branch, Build, CdkEnver, Organisation, Repo, Stage, Team

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


def node(n: int, wires: Iterable[WireEdge] = ()) -> EnverNode:
    """Enver number n, which makes one product."""
    return EnverNode(
        address=address(n),
        build=f"e{n}",
        build_type="cdk",
        slot="b..main",
        repo=f"acme/e{n}",
        folder=".",
        team="baristas",
        revision="branch:main",
        stage="dev",
        stage_place=HERE,
        account=ACCOUNT.id,
        region=DEV.region,
        ephemeral=False,
        products=(ProductNode(product(n), "out", "test:Text", ""),),
        wires=tuple(wires),
        place=HERE,
    )


def wire(source: int, consumer: int, access: str = "read") -> WireEdge:
    return WireEdge(
        consumer=address(consumer),
        name=f"in{source}",
        product=product(source),
        kind="test:Text",
        access=access,
        mode="automatic",
        gate=None,
        placeholder=None,
        place=HERE,
        producer=address(source),
    )


def graph(n: int, wires: Sequence[tuple[int, int]], moves_after: Sequence[tuple[int, int]] = ()) -> Graph:
    """n envers; wires lead from lower to higher numbers; `moves_after` holds (writer, reader) pairs."""
    nodes = [node(k, [wire(i, j) for i, j in wires if j == k]) for k in range(n)]
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
    runs_at_once: int = 99
    state: State = field(default_factory=State)
    log: list[Event] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    due: list[Message] = field(default_factory=list)
    commits: dict[int, int] = field(default_factory=dict)
    now: float = 0.0

    def send(self, message: Message) -> Sequence[Event]:
        self.now += 1
        setup = Setup(self.graph, self.runs_at_once, grace=1.0)
        before = len(self.log)
        events = handle(setup, self.state, message, self.now)
        for event in events:
            self.log.append(event)
            for effect in effects_of(event):
                if isinstance(effect, SendLater):
                    self.due.append(effect.message)
                elif isinstance(effect, RemoveRetired):
                    assert ValueRef(effect.product, effect.version) not in self.state.leased
                    self.due.append(FinishRetirement(effect.product, effect.version))
        self.sent.append(message)
        assert len(self.state.runs) <= self.runs_at_once
        assert self.state.position == before + len(events)
        return events

    def push(self, *envers: int) -> Sequence[Event]:
        """New commits on some envers, as one change."""
        heads: list[Head] = []
        for n in envers:
            self.commits[n] = self.commits.get(n, 0) + 1
            heads.append(self.head(n))
        return self.send(StartChange("push", "somebody", "", tuple(heads)))

    def head(self, n: int) -> Head:
        return Head(address(n), f"commit-{n}-{self.commits[n]}", "contracts")

    def retry(self, *envers: int) -> Sequence[Event]:
        return self.send(StartChange("retry", "somebody", "", (), tuple(address(n) for n in envers)))

    def claim(self, run: int) -> int:
        """Claims a run; returns the attempt."""
        return next(event.attempt for event in self.send(ClaimRun(run, "worker")) if isinstance(event, RunClaimed))

    def value(self, run: int) -> str:
        """What a deployment publishes: a function of SOME of its inputs, folded small."""
        fingerprint = self.state.runs[run].fingerprint
        parts = (fingerprint.commit, *(identity for _, identity in fingerprint.values))
        used = [part for k, part in enumerate(parts) if _digest(self.seed, self.state.runs[run].enver, k) % 3]
        return str(_digest(self.seed, self.state.runs[run].enver, *used) % self.outcomes)

    def finish(self, run: int) -> Sequence[Event]:
        attempt = self.claim(run)
        text = self.value(run)
        enver = self.state.runs[run].enver
        resource = Resource("test", text, ACCOUNT.id, DEV.region)
        published = Publication(f"{enver}/out", text, text, "test:Text", resource)
        return self.send(FinishRun(run, attempt, "sha256:assembly", (published,)))

    def fail(self, run: int, *, clean: bool = True) -> Sequence[Event]:
        return self.send(FailRun(run, self.claim(run), "boom", clean))

    def running(self) -> list[int]:
        return list(self.state.runs)

    def run_of(self, n: int) -> int | None:
        enver = self.state.envers.get(address(n))
        return enver.run if enver else None

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
            evolve(self.graph, state, event)
        return state

    def started(self, since: int = 0) -> list[str]:
        return [event.enver for event in self.log[since:] if isinstance(event, RunStarted)]

    def retired(self) -> list[ValueRef]:
        return [ValueRef(e.product, e.version) for e in self.log if isinstance(e, ValueRetired)]

    def published(self) -> list[ValueRef]:
        return [ValueRef(e.product, e.version) for e in self.log if isinstance(e, ValuePublished)]


def _digest(*parts: object) -> int:
    return int(hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest(), 16)
