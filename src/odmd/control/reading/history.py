"""What became of an enver: who changed what, when, why and from where, and which contracts said it first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from odmd.control.ports.ledger import Marks
from odmd.control.ports.reads import Reads
from odmd.control.reading.event_words import words
from odmd.control.reading.trail import Sought, TrailEntry, found_entries
from odmd.control.scheduler.codec import EVENTS
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.state import Wave
from odmd.model import naming
from odmd.plan.commits import Author
from odmd.plan.reasons import quoted
from odmd.plan.settings import settings_moved

_AT_ONCE: Final = 500
_TOLD_WITH_RUNS: Final = frozenset(
    ("ChangeAccepted", "RunStarted", "RunClaimed", "RunSucceeded", "RunFailed", "ValuePublished", "Settled", "Retried")
)
"""Runs and their changes say these."""
_DRIFT: Final = frozenset(("DriftSeen", "DriftAccepted"))
"""What these say is in no single field."""
_EDITIONS: Final = "contracts/"
_NEWEST: Final = f"{_EDITIONS}newest"


@dataclass(frozen=True, slots=True)
class WantedBy:
    """A change that a run was for."""

    change: int
    cause: str
    by: str
    proof: str
    origin: str
    why: str
    plan: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that became of an enver."""

    at: float
    what: str
    """`run 7`, or the name of an event."""
    text: str
    by: str = ""
    proof: str = ""
    origin: str = ""
    why: str = ""
    run: int | None = None
    position: int | None = None
    """Where the event stands in the log."""
    before: str = ""
    """The commit that ran."""
    after: str = ""
    """The commit that was to run."""
    settings: tuple[str, ...] = ()
    """What became other of config and secrets, never what it is."""
    wanted_by: tuple[WantedBy, ...] = ()
    author: Author | None = None
    """Who wrote the commit of `after`."""


@dataclass(frozen=True, slots=True)
class FirstSaid:
    """When something was first said in contracts that were carried out, and by whom; as far as the log goes back."""

    what: str
    """`enver orders@main`, `build orders`, `repo acme/orders`."""
    at: float
    edition: str
    """Digest of the contracts."""
    version: str
    """Of the package that says them, where there is one."""
    by: str
    cause: str


@dataclass(frozen=True, slots=True)
class HistoryView:
    """An enver's."""

    enver: str
    first_said: tuple[FirstSaid, ...]
    happenings: tuple[Happening, ...]
    """Newest first."""


def history(reads: Reads, enver: str, limit: int, before: float | None = None) -> HistoryView:
    """The newest of it, or what was before a time; what happened at one time is never told in part."""
    found = sorted((*_runs(reads, enver, limit, before), *_events(reads, enver, limit, before)), key=_order)
    if len(found) > limit:
        last = found[limit - 1].at
        found = [one for one in found if one.at >= last]
    return HistoryView(enver, tuple(first_said(reads, enver)), tuple(found))


def _order(one: Happening) -> tuple[float, int, int]:
    return -one.at, -(one.position or 0), -(one.run or 0)


def _runs(reads: Reads, enver: str, limit: int, before: float | None) -> Iterator[Happening]:
    """Enough of them; each against the one that succeeded before it."""
    runs, last = list[Run](), None
    while page := reads.runs(enver, _AT_ONCE, last):
        runs += page
        last = page[-1].id
        if sum(before is None or _at(run) < before for run in runs) > limit:
            break
    told = [run for run in runs if before is None or _at(run) < before]
    wanted = {id for run in told for id in run.waves}
    waves = {wave.id: wave for wave in reads.waves_of(sorted(wanted))}
    for place, run in enumerate(runs):
        if before is None or _at(run) < before:
            earlier = next((one for one in runs[place + 1 :] if one.status is RunStatus.SUCCEEDED), None)
            yield _of_run(run, earlier, [waves[id] for id in run.waves if id in waves])


def _at(run: Run) -> float:
    return run.started_at if run.finished_at is None else run.finished_at


def _of_run(run: Run, earlier: Run | None, waves: Sequence[Wave]) -> Happening:
    now, was = run.fingerprint, earlier.fingerprint if earlier else None
    ended = f": {run.error.partition(chr(10))[0]}" if run.error else ""
    text = f"{run.mode.value}, {run.status.value}{ended}; {'; '.join(run.reasons)}"
    first = waves[0] if waves else None
    return Happening(
        at=_at(run),
        what=f"run {run.id}",
        text=text,
        by=first.by.name if first else "",
        proof=first.by.proof if first else "",
        origin=first.by.origin if first else "",
        why=first.why if first else "",
        run=run.id,
        before=quoted(was.commit, was.subject) if was else "",
        after=quoted(now.commit, now.subject),
        settings=tuple(settings_moved(was.settings, now.settings)) if was else (),
        wanted_by=tuple(_wanted(wave) for wave in waves),
        author=now.author,
    )


def _wanted(wave: Wave) -> WantedBy:
    return WantedBy(wave.id, wave.cause, wave.by.name, wave.by.proof, wave.by.origin, wave.why, wave.plan)


def _events(reads: Reads, enver: str, limit: int, before: float | None) -> Iterator[Happening]:
    """What people and odmd did to it beside its runs."""
    below, count = 2**63 - 1, 0
    while page := found_entries(reads, Sought(enver=enver, until=before), 0, _AT_ONCE, below):
        for entry in page:
            if entry.action not in _TOLD_WITH_RUNS:
                count += 1
                yield _of_event(entry)
        below = page[-1].position
        if count > limit:
            return


def _of_event(entry: TrailEntry) -> Happening:
    said: dict[str, Any] = json.loads(entry.body)
    about = next((str(said[name]) for name in ("input", "reason", "error") if isinstance(said.get(name), str)), "")
    if entry.action in _DRIFT:
        about = words(EVENTS.decode(entry.type, entry.body))
    return Happening(
        at=entry.at,
        what=entry.action,
        text=about if about != entry.why else "",
        by=entry.actor,
        proof=entry.proof,
        origin=entry.origin,
        why=entry.why,
        position=entry.position,
    )


def first_said(reads: Reads, enver: str) -> Iterator[FirstSaid]:
    """The first edition that said it, its build, and its repository."""
    build = enver.partition("/")[0]
    repo = _repo(reads, build)
    wanted = [what for what in _named(enver, build, repo) if what != "repo "]
    for position, change in _editions(reads):
        edition: dict[str, Any] = json.loads(reads.get(f"{_EDITIONS}{change.edition}") or "{}")
        builds: dict[str, dict[str, Any]] = edition.get("builds", {})
        said = [enver in edition.get("envers", {}), build in builds, repo in (one["repo"] for one in builds.values())]
        for what in [what for what, is_said in zip(_named(enver, build, repo), said, strict=True) if is_said]:
            if what in wanted:
                wanted.remove(what)
                yield _said_by(reads, replace(change, what=what, version=str(edition.get("version", ""))), position)
        if not wanted:
            return


def _named(enver: str, build: str, repo: str) -> tuple[str, str, str]:
    return f"enver {naming.enver_label(enver)}", f"build {build}", f"repo {repo}"


def _repo(reads: Reads, build: str) -> str:
    """The one that it is of now; empty where the contracts do not say it any more."""
    newest: dict[str, Any] = json.loads(reads.get(reads.get(_NEWEST) or "") or "{}")
    return str(newest.get("builds", {}).get(build, {}).get("repo", ""))


def _editions(reads: Reads) -> Iterator[tuple[int, FirstSaid]]:
    """Each that came into force, oldest first, with its place in the log."""
    after = 0
    while page := reads.entries(after, _AT_ONCE, Marks(types=("ContractsChanged",))):
        for entry in page:
            yield entry.position, FirstSaid("", entry.at, str(json.loads(entry.body)["contracts"]), "", "", "")
        after = page[-1].position


def _said_by(reads: Reads, said: FirstSaid, position: int) -> FirstSaid:
    """With who carried the edition out: the first change after it came into force."""
    following = found_entries(reads, Sought(action="ChangeAccepted"), position, 1)
    return replace(said, by=following[0].actor, cause=following[0].why) if following else said
