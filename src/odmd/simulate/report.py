"""What a simulation says, in sentences that the terminal, the page and JSON share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from odmd.graph.paused import scopes_of
from odmd.model import naming
from odmd.simulate.advice import Advice, advice
from odmd.simulate.clock import Limits
from odmd.simulate.critical_path import Bar
from odmd.simulate.durations import Fixed
from odmd.simulate.percentiles import Spread, spread
from odmd.simulate.simulation import Outcome, Simulation

_SCHEMA: Final = "https://ondemandenv.dev/schemas/simulation-1.json"
_LISTED: Final = 4
_WAITS: Final = 5
_SLIGHT: Final = 0.5
"""Seconds that no sentence is made of."""


@dataclass(frozen=True, slots=True)
class Imagined:
    """What is to be simulated, and how to say it."""

    title: str
    """What happens, as in `push of orders@main`."""
    base: str
    """What it begins with."""
    simulation: Simulation
    dropped: Mapping[str, frozenset[str]]
    """Inputs that are imagined away, by enver."""
    undeclared: tuple[str, ...]
    """Envers that run, and that the contracts do not have."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it."""

    imagined: Imagined
    outcome: Outcome
    advice: tuple[Advice, ...]
    spread: Spread | None = None

    def headline(self) -> str:
        """How long, and how many runs."""
        outcome = self.outcome
        if not outcome.bars:
            return "nothing runs"
        runs = f"{_count(len(outcome.bars), 'run')} of {_count(len({bar.enver for bar in outcome.bars}), 'enver')}"
        failed = f", {len(outcome.failed)} of them failed" if outcome.failed else ""
        return f"takes {span(outcome.makespan)}: {runs}{failed}"

    def chain(self) -> str:
        """The longest chain, and what it says of the makespan."""
        outcome = self.outcome
        if not outcome.bars:
            return ""
        said = f"{span(outcome.critical)} of the {span(outcome.makespan)}"
        if outcome.makespan == outcome.critical:
            said = f"all of the {span(outcome.makespan)}: nothing waits for a free place in its way"
        elif outcome.bound > outcome.critical:
            limits = said_limits(outcome.limits)
            said += f"; {span(outcome.work)} of work, {limits}, take {span(outcome.bound)} at least"
        start = outcome.critical - sum(link.seconds for link in outcome.chain)
        return f"{said}; it begins with a change after {span(start)}" if start > _SLIGHT else said

    def waits(self) -> tuple[str, ...]:
        """Who waits longest, and for whom."""
        longest = sorted(self.outcome.bars, key=lambda bar: bar.due - bar.began)[:_WAITS]
        waits = ((bar, " and ".join(self.waits_of(bar))) for bar in longest)
        return tuple(f"{naming.enver_label(bar.enver)} waits {parts}" for bar, parts in waits if parts)

    def waits_of(self, bar: Bar) -> Iterator[str]:
        """How long a run waited, and for whom: `3 min for orders@main`."""
        if bar.waits_for:
            other = "its run before" if bar.waits_for == bar.enver else naming.enver_label(bar.waits_for)
            yield f"{span(bar.ready - bar.due)} for {other}"
        if bar.began > bar.ready:
            paused = min(self._paused(bar), bar.began - bar.ready)
            if paused:
                yield f"{span(paused)} for the end of a pause"
            if bar.began - bar.ready > paused:
                yield f"{span(bar.began - bar.ready - paused)} for {self._place(bar)}"

    def _paused(self, bar: Bar) -> float:
        """How long it was paused from when it was ready."""
        node = self.imagined.simulation.graph.envers[bar.enver]
        scopes = tuple(scopes_of(node))
        ends = (one.until for one in self.outcome.paused if one.scope in scopes and one.at <= bar.ready and one.until)
        return max(0.0, max(ends, default=0.0) - bar.ready)

    def _place(self, bar: Bar) -> str:
        """The limit that was reached just before it began."""
        limits, envers = self.outcome.limits, self.imagined.simulation.graph.envers
        mine = envers[bar.enver]
        others = [envers[one.enver] for one in self.outcome.bars if one.began < bar.began <= one.ended]
        here = sum(other.target == mine.target for other in others)
        if limits.place and here >= limits.place:
            return f"a free place in {mine.target}"
        of_type = limits.build_types.get(mine.build_type)
        if of_type and sum(other.build_type == mine.build_type for other in others) >= of_type:
            return f"a free place for {mine.build_type}"
        return "a free place"

    def breaks(self) -> tuple[str, ...]:
        """What fails, who is held by it, and what does without something."""
        return tuple(self._breaks())

    def _breaks(self) -> Iterator[str]:
        for address, names in self.imagined.dropped.items():
            yield f"{naming.enver_label(address)} does without {', '.join(sorted(names))}: its code must not ask for it"
        failed = Counter(bar.enver for bar in self.outcome.failed)
        for enver, times in failed.items():
            times_said = f", {times} times" if times > 1 else ""
            yield f"{naming.enver_label(enver)} fails{times_said}; what ran before runs on"
        for held in self.outcome.held:
            if held.enver in failed:
                continue
            yield f"{naming.enver_label(held.enver)} is held: {'; '.join(held.reasons) or 'nobody can say why'}"
        for address in self.imagined.undeclared:
            yield f"{naming.enver_label(address)} runs and is no longer declared: `odmd apply` would remove it"
        if not self.outcome.settles:
            yield "it does not come to rest within 30 days"

    def ends(self) -> tuple[str, ...]:
        """Where waves end: nothing new, or something that does not flow on by itself."""
        return tuple(self._ends())

    def _ends(self) -> Iterator[str]:
        if cut := self.outcome.cut_off_only:
            labels = [naming.enver_label(one.enver) for one in cut]
            stay = "keeps what it runs: its inputs stay" if len(cut) == 1 else "keep what they run: their inputs stay"
            yield f"{_listed(labels)} {stay} the same"
        waiting: dict[tuple[str, str, str], list[str]] = {}
        for closed in self.outcome.closed:
            name = closed.product.rpartition("/")[2]
            waiting.setdefault((name, closed.input, closed.why), []).append(naming.enver_label(closed.enver))
        for (name, wire, why), labels in waiting.items():
            themselves = (
                "does not get the new %s by itself" if len(labels) == 1 else "do not get the new %s by themselves"
            )
            yield f"{_listed(labels)} {themselves % name}: the wire {wire} is {why}"

    def assumptions(self) -> tuple[str, ...]:
        """What the figures rest on."""
        return tuple(self._assumptions())

    def _assumptions(self) -> Iterator[str]:
        sources = Counter[str]()
        for bar in self.outcome.bars:
            duration, source = self.imagined.simulation.durations.of(
                self.imagined.simulation.graph.envers[bar.enver], bar.mode
            )
            fixed = f" ({span(duration.seconds)} {bar.mode})" if isinstance(duration, Fixed) else ""
            sources[f"{source}{fixed}"] += 1
        if sources:
            yield "durations: " + ", ".join(f"{_count(n, 'run')} as {source}" for source, n in sources.most_common())
        scenario = self.imagined.simulation.scenario
        if self.spread and self.spread.makespan.p50 == self.spread.makespan.p99:
            yield "every seed takes the same: give durations that vary, as --takes 3m..8m, or chances"
        own = _share("every product", scenario.changes)
        yield f"new source or contracts change {own} of an enver; new values change {_share('any', scenario.ripple)}"
        yield f"{said_limits(self.outcome.limits)}, seed {scenario.seed}"

    def as_json(self) -> dict[str, Any]:
        """The report as data. Times are seconds since the beginning."""
        outcome = self.outcome
        return {
            "schema": _SCHEMA,
            "organisation": self.imagined.simulation.graph.organisation,
            "title": self.imagined.title,
            "begins_with": self.imagined.base,
            "seed": self.imagined.simulation.scenario.seed,
            "at_once": outcome.limits.organisation,
            "limits": {"place": outcome.limits.place, **outcome.limits.build_types},
            "paused": [asdict(one) for one in outcome.paused],
            "makespan": outcome.makespan,
            "critical_path": outcome.critical,
            "work": outcome.work,
            "lower_bound": outcome.bound,
            "settles": outcome.settles,
            "waves": [asdict(wave) for wave in outcome.waves],
            "runs": [
                {**asdict(bar), "waits_for": bar.waits_for or None, "error": bar.error or None} for bar in outcome.bars
            ],
            "chain": [{**asdict(link), "approves": link.approves or None} for link in outcome.chain],
            "cut_off": [one.enver for one in outcome.cut_off_only],
            "held": [asdict(one) for one in outcome.held],
            "approvals": [asdict(one) for one in outcome.asked],
            "closed": [asdict(one) for one in outcome.closed],
            "breaks": self.breaks(),
            "advice": [asdict(one) for one in self.advice],
            "percentiles": asdict(self.spread) if self.spread else None,
            "assumptions": self.assumptions(),
        }


def simulated(imagined: Imagined, seeds: int = 1) -> Report:
    """Simulates it, with several seeds if there shall be percentiles."""
    simulation = imagined.simulation
    outcome = simulation.run()
    further = spread(simulation, outcome, seeds) if seeds > 1 else None
    return Report(imagined, outcome, advice(simulation, outcome), further)


def said_limits(limits: Limits) -> str:
    """`2 runs at once, 1 in each place`."""
    said = [f"{limits.organisation} runs at once" if limits.organisation else "any number of runs at once"]
    said += [f"{limits.place} in each place"] if limits.place else []
    return ", ".join(said + [f"{number} of {build_type}" for build_type, number in limits.build_types.items()])


def span(seconds: float) -> str:
    """`40 s`, `3 min 20 s`, `2 h 5 min`, as people say it."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(*divmod(whole, 60), "min", "s")
    return _two(*divmod(round(whole / 60), 60), "h", "min")


def _two(big: int, small: int, of_big: str, of_small: str) -> str:
    return f"{big} {of_big} {small} {of_small}" if small else f"{big} {of_big}"


def _share(what: str, likely: float) -> str:
    if likely in (0.0, 1.0):
        return ("none" if what == "any" else "no product") if likely == 0.0 else what.replace("any", "all")
    return f"{likely:.0%} of products"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(labels: list[str]) -> str:
    more = len(labels) - _LISTED
    shown = [*labels[:_LISTED], f"{more} more"] if more > 1 else labels
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
