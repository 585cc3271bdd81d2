"""How far envers are behind: on each wire, and behind what they are promoted from; in versions, and in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.reads import History
from odmd.control.reading.objectives import ExpectedLag
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.questions import SOURCE, AboutInput
from odmd.control.scheduler.runs import RunStatus
from odmd.control.scheduler.values import ValueRef
from odmd.graph.governed import Objective, WireObjective
from odmd.model import naming
from odmd.plan.words import duration, plural

COMMIT: Final = "commit"
"""What a promoted enver has from its origin, as people call it."""
_PAGE: Final = 100
_DEPLOYS: Final = "odmd apply --target "

Versions = Callable[[Iterable[str]], Mapping[str, int]]
"""The newest version of products, as far as somebody sees them."""


@dataclass(frozen=True, slots=True)
class LagView:
    """How far one enver is behind on one wire, or behind its origin."""

    enver: str
    stage: str
    input: str
    """`commit` where it is behind its origin."""
    of: str
    """The product, or the origin."""
    versions: int
    """How many newer ones there are; of an origin, how often it got another source since."""
    since: float | None
    """When the first of them came out; null: nobody noted it. Seconds since the epoch."""
    broken: tuple[str, ...]
    """What of the objective of the wire, or else of its stage, it does not meet, in words."""
    mend: str
    """What people type to bring it up; empty where nothing is to be done."""
    deploys: bool = False
    """Whether a deployment of the enver is all that it takes: nobody is asked, nothing failed, nothing is held."""

    def says(self, now: float) -> str:
        """`bus is 3 versions and 9 days behind foundation@main/bus`."""
        is_wire = self.of.count("/") > 1
        what = naming.product_label(self.of) if is_wire else naming.enver_label(self.of)
        age = f" and {duration(max(0.0, now - self.since))}" if self.since is not None else ""
        return f"{self.input} is {plural(self.versions, 'version' if is_wire else 'deployment')}{age} behind {what}"


@dataclass(frozen=True, slots=True)
class LagReader:
    """Reads it; who is behind nothing costs nothing but a look at its inputs."""

    history: History
    versions: Versions
    envers_of: Callable[[Sequence[str]], Sequence[Enver]]
    expected: ExpectedLag
    now: float

    def of(self, envers: Sequence[Enver]) -> Iterator[LagView]:
        """In the order of the envers, and of their inputs' names."""
        running = [one for one in envers if one.deployed is not None and not one.removed]
        newest = self.versions({given.product for enver in running for given in enver.consumed})
        first_newer = {
            ValueRef(given.product, given.version + 1)
            for enver in running
            for given in enver.consumed
            if newest.get(given.product, 0) > given.version
        }
        out = {value.ref: value.at for value in self.history.values_of(list(first_newer))}
        origins = self._origins(running)
        for enver in running:
            if (origin := origins.get(self.expected.origins.get(enver.address, ""))) is not None:
                yield from self._of_origin(enver, origin)
            for given in enver.consumed:
                if (versions := newest.get(given.product, 0) - given.version) > 0:
                    at = out.get(ValueRef(given.product, given.version + 1))
                    yield self._lag(enver, given.name, given.product, versions, at)

    def _origins(self, envers: Sequence[Enver]) -> Mapping[str, Enver]:
        wanted = dict.fromkeys(
            self.expected.origins[one.address] for one in envers if one.address in self.expected.origins
        )
        return {one.address: one for one in self.envers_of(list(wanted))} if wanted else {}

    def _of_origin(self, enver: Enver, origin: Enver) -> Iterator[LagView]:
        runs, mine = origin.deployed, enver.deployed
        if runs is None or mine is None or runs.has_source_of(mine):
            return
        since, count = self._sources_since(enver, origin)
        yield self._lag(enver, COMMIT, origin.address, count, since)

    def _sources_since(self, enver: Enver, origin: Enver) -> tuple[float | None, int]:
        """When the origin got the first source that the enver lacks, and how many it got; as far as runs are kept."""
        mine, last, since, count = enver.deployed, "", None, 0
        before: int | None = None
        while page := self.history.runs(origin.address, _PAGE, before):
            for run in page:
                if run.status is not RunStatus.SUCCEEDED:
                    continue
                if mine is not None and run.fingerprint.has_source_of(mine):
                    return since, max(count, 1)
                count += run.fingerprint.source != last
                last, since = run.fingerprint.source, run.finished_at
            before = page[-1].id
        return since, max(count, 1)

    def _lag(self, enver: Enver, name: str, of: str, versions: int, at: float | None) -> LagView:
        seconds = None if at is None else max(0.0, self.now - at)
        objective = self.expected.of(enver.address, enver.stage, name if of.count("/") > 1 else "")
        broken = tuple(_broken(objective, versions, seconds)) if objective else ()
        mend = _mend(enver, name)
        deploys = mend.startswith(_DEPLOYS)
        return LagView(enver.address, enver.stage, name, of, versions, at, broken, mend, deploys)


def _broken(objective: Objective | WireObjective, versions: int, seconds: float | None) -> Iterator[str]:
    where = f"in {objective.stage}" if isinstance(objective, Objective) else "here"
    if objective.versions is not None and versions > objective.versions:
        yield f"at most {plural(objective.versions, 'version')} {where}"
    if objective.seconds is not None and seconds is not None and seconds > objective.seconds:
        yield f"at most {duration(objective.seconds)} {where}"


def _mend(enver: Enver, name: str) -> str:
    """What people type."""
    label = naming.enver_label(enver.address)
    if enver.pin is not None:
        return f"odmd release {label}"
    question = SOURCE if name == COMMIT else AboutInput(name)
    if question in enver.offers:
        return f"odmd approve {label} {name}"
    if enver.failed is not None or question in enver.rejected:
        return f"odmd why {label}"
    return f"{_DEPLOYS}{label}"
