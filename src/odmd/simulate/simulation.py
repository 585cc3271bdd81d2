"""One simulation, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from odmd.graph import Graph
from odmd.simulate.begin import Begin
from odmd.simulate.clock import UNLIMITED, Clock, Event, Limits, Wirings, setup
from odmd.simulate.critical_path import Bar, ChainReader, Link
from odmd.simulate.durations import Durations
from odmd.simulate.facts import ApprovalAsked, Arrived, CutOff, Fact, HeldUp, PauseBegan, Published
from odmd.simulate.scenario import Scenario, World, closed_wires


@dataclass(frozen=True, slots=True)
class WaveSeen:
    """One wave as it went."""

    id: int
    cause: str
    at: float
    runs: int
    ended: float
    """When the last of its runs ended."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A new value that does not flow on by itself."""

    enver: str
    input: str
    product: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one simulation came to. Times are seconds since its beginning."""

    limits: Limits
    waves: tuple[WaveSeen, ...]
    bars: tuple[Bar, ...]
    """Runs, by their beginning."""
    cut_off: tuple[CutOff, ...]
    held: tuple[HeldUp, ...]
    asked: tuple[ApprovalAsked, ...]
    closed: tuple[Closed, ...]
    chain: tuple[Link, ...]
    critical: float
    """When the longest chain would end if nothing waited for a free place."""
    settles: bool
    """It comes to rest within 30 days."""
    bound: float
    """Nobody could end it sooner: the longest chain, or the work that is left at any time, shared by all places."""
    paused: tuple[PauseBegan, ...] = ()

    @property
    def makespan(self) -> float:
        """When the last run ends."""
        return max((bar.ended for bar in self.bars), default=0.0)

    @property
    def work(self) -> float:
        """Seconds of all runs together."""
        return sum(bar.seconds for bar in self.bars)

    @property
    def failed(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.error)

    @property
    def cut_off_only(self) -> tuple[CutOff, ...]:
        """The last time each enver was cut off, of those that never ran."""
        ran = {bar.enver for bar in self.bars}
        return tuple({one.enver: one for one in self.cut_off if one.enver not in ran}.values())

    def most_at_once(self) -> int:
        """The largest number of runs that were under way together."""
        edges = sorted([(bar.began, 1) for bar in self.bars] + [(bar.ended, -1) for bar in self.bars])
        most = now = 0
        for _, step in edges:
            now += step
            most = max(most, now)
        return most


@dataclass(frozen=True, slots=True)
class Simulation:
    """All that decides an outcome: the same gives the same."""

    graph: Graph
    begin: Begin
    scenario: Scenario
    durations: Durations
    limits: Limits = UNLIMITED
    """How many runs may be under way."""
    grace: float = 5.0
    prepared: Wirings | None = None
    """The contracts as the scheduler sees them: what-ifs share it."""

    def __post_init__(self) -> None:
        if self.prepared is None or self.graph.digest() not in self.prepared:
            object.__setattr__(self, "prepared", Wirings(self.graph))

    def run(self) -> Outcome:
        """Lets the scheduler decide it on virtual time."""
        facts: list[Fact] = []
        clock = self.clock(facts)
        settles = clock.run(self.scenario.pushes, self.scenario.freezes)
        return self._outcome(facts, clock.held(), settles)

    def clock(self, facts: list[Fact], log: list[Event] | None = None) -> Clock:
        """The clock that runs it, which writes down what happens, and the scheduler's log if somebody wants it."""
        world = World(self.graph, self.scenario, self.durations)
        listen = None if log is None else log.append
        given = setup(self.graph, self.limits, self.grace, self.prepared)
        return Clock(given, self.begin(), world, facts.append, listen)

    def _outcome(self, facts: Sequence[Fact], held: tuple[HeldUp, ...], settles: bool) -> Outcome:
        upstream = (self.prepared or Wirings(self.graph))[self.graph.digest()].upstream
        reading = ChainReader(lambda enver: upstream.get(enver, ())).read(facts)
        return Outcome(
            limits=self.limits,
            waves=tuple(_waves(facts, reading.bars)),
            bars=tuple(sorted(reading.bars, key=lambda bar: (bar.began, bar.run))),
            cut_off=tuple(fact for fact in facts if isinstance(fact, CutOff)),
            held=held,
            asked=tuple(fact for fact in facts if isinstance(fact, ApprovalAsked)),
            closed=tuple(self._closed(facts)),
            chain=reading.chain(),
            critical=reading.last.earliest,
            settles=settles,
            bound=max((reading.last.earliest, *self._shared(reading.bars))),
            paused=tuple(fact for fact in facts if isinstance(fact, PauseBegan)),
        )

    def _shared(self, bars: Sequence[Bar]) -> Iterator[float]:
        """When what shares a limit is done at the earliest: the work that nobody can begin before, divided by that."""
        sharing: dict[tuple[object, int], list[Bar]] = {}
        for bar in bars:
            node = self.graph.envers[bar.enver]
            for what, limit in (
                ("all", self.limits.organisation),
                (node.target, self.limits.place),
                (node.build_type, self.limits.build_types.get(node.build_type)),
            ):
                if limit:
                    sharing.setdefault((what, limit), []).append(bar)
        for (_, limit), mine in sharing.items():
            work = 0.0
            for bar in sorted(mine, key=lambda bar: -bar.earliest):
                work += bar.seconds
                yield bar.earliest + work / limit

    def _closed(self, facts: Sequence[Fact]) -> Iterator[Closed]:
        published = dict.fromkeys(fact.product for fact in facts if isinstance(fact, Published))
        for product in published:
            for wire in closed_wires(self.graph, product, self.scenario):
                why = f"gated by {wire.gate or 'somebody'}" if wire.mode == "gated" else wire.mode
                yield Closed(
                    wire.consumer, wire.name, product, "a placeholder" if wire.placeholder is not None else why
                )


def _waves(facts: Sequence[Fact], bars: Sequence[Bar]) -> Iterator[WaveSeen]:
    of_wave: dict[int, list[Bar]] = {}
    for bar in bars:
        for wave in bar.waves:
            of_wave.setdefault(wave, []).append(bar)
    for fact in facts:
        if isinstance(fact, Arrived):
            runs = of_wave.get(fact.wave, [])
            yield WaveSeen(fact.wave, fact.cause, fact.at, len(runs), max((bar.ended for bar in runs), default=fact.at))
