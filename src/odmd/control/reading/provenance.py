"""Where a value comes from, back to commits, settings and who wanted it; and forward, what a commit has touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from odmd.control.ports.reads import Reads
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.state import Wave
from odmd.control.scheduler.values import RunInput, Value, ValueRef
from odmd.errors import TrailRefused
from odmd.model import naming
from odmd.plan.reasons import quoted

_AT_ONCE: Final = 1000
_LONGEST_VALUE: Final = 60
_SHORT: Final = 7


class FactSort(StrEnum):
    """What something is that others come from."""

    VALUE = "value"
    RUN = "run"
    COMMIT = "commit"
    CONTRACTS = "contracts"
    SETTING = "setting"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Fact:
    """One of them."""

    id: str
    sort: FactSort
    text: str
    at: float | None = None
    by: str = ""
    """Who did it; of a commit, who wrote it, as it says itself."""
    why: str = ""
    enver: str = ""


@dataclass(frozen=True, slots=True)
class CameFrom:
    """One comes from another."""

    id: str
    of: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Everything that something comes from, or that comes from it."""

    of: str
    """The id of what was asked about."""
    facts: tuple[Fact, ...]
    links: tuple[CameFrom, ...]


@dataclass(slots=True)
class _Found:
    facts: dict[str, Fact] = field(default_factory=dict[str, Fact])
    links: dict[CameFrom, None] = field(default_factory=dict[CameFrom, None])

    def add(self, fact: Fact, comes_from_it: str = "") -> None:
        self.facts.setdefault(fact.id, fact)
        if comes_from_it:
            self.links[CameFrom(comes_from_it, fact.id)] = None

    def made(self, of: str) -> Provenance:
        return Provenance(of, tuple(self.facts.values()), tuple(self.links))


def value_of(reads: Reads, product: str, version: int | None) -> Value:
    """A publication of a product; the newest, where no version is given.

    Raises:
        TrailRefused: there is none.
    """
    values = reads.values(product)
    found = next((one for one in reversed(values) if version in (None, one.version)), None)
    if found is None:
        label = naming.product_label(product)
        known = ", ".join(f"#{one.version}" for one in values[-_SHORT:])
        said = f"{label} #{version}" if version else label
        raise TrailRefused(f"{said} was never published", next_step=f"there are {known}" if known else "`odmd values`")
    return found


def ancestors(reads: Reads, value: Value) -> Provenance:
    """All that a value comes from; costs a few queries for each step that it is away."""
    found, runs, level = _Found(), dict[int, Run](), [value]
    values = {value.ref: value}
    while level:
        wanted = {one.run for one in level} - runs.keys()
        new = {run.id: run for run in reads.runs_of(sorted(wanted))}
        runs |= new
        refs = {given.ref for run in new.values() for given in run.inputs if given.version} - values.keys()
        level = list(reads.values_of(sorted(refs)))
        values |= {one.ref: one for one in level}
    waves = _waves(reads, runs.values())
    for one in values.values():
        found.add(_value(one))
        if (run := runs.get(one.run)) is not None:
            found.add(_run(run), _value_id(one.ref))
    for run in runs.values():
        _inputs_of(run, values, found)
        _changes_of(run, waves, found)
    return found.made(_value_id(value.ref))


def descendants(reads: Reads, commit: str) -> Provenance:
    """All that a commit has touched: runs that were made from it, what these published, who ran with that, and so on.

    Costs what is kept of all runs.

    Raises:
        TrailRefused: no run that is kept was made from it; or several commits begin so.
    """
    runs = list(_all_runs(reads))
    commits = {run.fingerprint.commit for run in runs if commit and run.fingerprint.commit.startswith(commit)}
    if len(commits) != 1:
        fact = f"several commits begin with {commit}" if commits else f"no run that is kept was made from {commit}"
        raise TrailRefused(fact, next_step="`odmd runs` lists what was deployed, and from which commit")
    (whole,) = commits
    users: dict[ValueRef, list[Run]] = {}
    for run in runs:
        for given in run.inputs:
            users.setdefault(given.ref, []).append(run)
    found, level = _Found(), [run for run in runs if run.fingerprint.commit == whole]
    root = _commit(level[0])
    found.add(root)
    for run in level:
        found.add(_run(run))
        found.links[CameFrom(_run_id(run.id), root.id)] = None
    seen, refs = {run.id for run in level}, list[ValueRef]()
    while level:
        following = dict[int, Run]()
        for run in level:
            for ref in run.published:
                refs.append(ref)
                for user in users.get(ref, ()):
                    found.add(_run(user))
                    found.links[CameFrom(_run_id(user.id), _value_id(ref))] = None
                    following[user.id] = user
                found.links[CameFrom(_value_id(ref), _run_id(run.id))] = None
        level = [run for id, run in following.items() if id not in seen]
        seen |= following.keys()
    known = {value.ref: value for value in reads.values_of(sorted(set(refs)))}
    for ref in refs:
        found.add(_value(known[ref]) if ref in known else _unknown_value(ref))
    return found.made(root.id)


def _all_runs(reads: Reads) -> Iterator[Run]:
    before: int | None = None
    while page := reads.runs(None, _AT_ONCE, before):
        yield from page
        before = page[-1].id


def _waves(reads: Reads, runs: Iterable[Run]) -> Mapping[int, Wave]:
    """Those of runs, and those from outside that they go back to."""
    near = {id for run in runs for id in run.waves}
    found = {wave.id: wave for wave in reads.waves_of(sorted(near))}
    roots = {wave.root for wave in found.values() if wave.root} - found.keys()
    return found | {wave.id: wave for wave in reads.waves_of(sorted(roots))}


def _inputs_of(run: Run, values: Mapping[ValueRef, Value], found: _Found) -> None:
    id, print_ = _run_id(run.id), run.fingerprint
    if print_.commit:
        found.add(_commit(run), id)
    if print_.slice:
        text = f"what the contracts said of {naming.enver_label(run.enver)} ({_short(print_.slice)})"
        found.add(Fact(f"contracts {print_.slice}", FactSort.CONTRACTS, text, enver=run.enver), id)
    for label, identity in print_.settings.by_label():
        text = f"{label} of {naming.enver_label(run.enver)} ({_short(identity)})"
        found.add(Fact(f"{label} of {run.enver}: {identity}", FactSort.SETTING, text, enver=run.enver), id)
    for given in run.inputs:
        known = values.get(given.ref)
        found.add(_value(known) if known else _input(given), id)


def _changes_of(run: Run, waves: Mapping[int, Wave], found: _Found) -> None:
    for wave in (waves[id] for id in run.waves if id in waves):
        found.add(_change(wave), _run_id(run.id))
        if wave.root != wave.id and (root := waves.get(wave.root)) is not None:
            found.add(_change(root), _change_id(wave.id))


def _value(value: Value) -> Fact:
    text = f"{naming.product_label(value.product)} #{value.version} = {_shortened(value.text)}"
    enver = naming.enver_of(value.product)
    return Fact(_value_id(value.ref), FactSort.VALUE, text, value.at, enver=enver)


def _unknown_value(ref: ValueRef) -> Fact:
    text = f"{naming.product_label(ref.product)} #{ref.version}"
    return Fact(_value_id(ref), FactSort.VALUE, text, enver=naming.enver_of(ref.product))


def _input(given: RunInput) -> Fact:
    """What a run took in that no run published: a placeholder."""
    text = f"the placeholder of {naming.product_label(given.product)} = {_shortened(given.text)}"
    if given.version:
        return _unknown_value(given.ref)
    return Fact(_value_id(given.ref), FactSort.VALUE, text, enver=naming.enver_of(given.product))


def _run(run: Run) -> Fact:
    because = "; ".join(run.reasons)
    how = f"{run.mode.value}, {run.status.value}" if run.status is not RunStatus.SUCCEEDED else run.mode.value
    text = f"run {run.id} of {naming.enver_label(run.enver)} ({how}): {because}"
    return Fact(_run_id(run.id), FactSort.RUN, text, run.finished_at or run.started_at, run.worker, enver=run.enver)


def _commit(run: Run) -> Fact:
    print_ = run.fingerprint
    at, by = (print_.author.at, print_.author.name) if print_.author else (None, "")
    text = f"commit {quoted(print_.commit, print_.subject)}"
    return Fact(f"commit {print_.commit}", FactSort.COMMIT, text, at, by)


def _change(wave: Wave) -> Fact:
    plan = f", plan {_short(wave.plan)}" if wave.plan else ""
    text = f"change {wave.id}: {wave.cause}{plan}"
    return Fact(_change_id(wave.id), FactSort.CHANGE, text, wave.at, wave.by.name if wave.by else "", wave.why)


def _value_id(ref: ValueRef) -> str:
    return f"value {ref.product} {ref.version}"


def _run_id(id: int) -> str:
    return f"run {id}"


def _change_id(id: int) -> str:
    return f"change {id}"


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHORT]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_VALUE else f"{line[: _LONGEST_VALUE - 1]}…"
