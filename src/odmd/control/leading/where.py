"""Where something is now: a commit, by every enver of its repository; a value, by every enver that consumes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from odmd.control.leading.slices import kept_slice
from odmd.control.ports.world import Kinship, SourceHistory
from odmd.control.reading.named import suggestion
from odmd.control.reading.records import Records
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.inert import inert
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.values import ValueRef
from odmd.errors import OdmdError, WhereAmbiguous, WhereUnknown
from odmd.model import naming
from odmd.plan.commits import Author

_BEGINNING: Final = re.compile(r"[0-9a-f]{4,64}")
_REPOSITORIES: Final = 20
"""Into which somebody looks for a name, unless he is told which."""
_PAGE: Final = 500
_RUNS: Final = 200
"""Of an enver, the newest, that are looked through where no repository can be asked."""


class Whether(StrEnum):
    """How what an enver runs stands to something."""

    RUNS = "runs it"
    AHEAD = "ahead"
    """It has it, and what came after."""
    BEHIND = "behind"
    """It lacks it."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WhereAsked:
    """What is looked for."""

    text: str
    """A commit or the beginning of its id, a branch, a tag, or a value: `orders@main/bus#3`."""
    repo: str = ""
    """Empty: that of the envers that there are."""


@dataclass(frozen=True, slots=True)
class WhereView:
    """One enver."""

    enver: str
    stage: str
    whether: Whether
    count: int
    """How many commits or versions it is ahead or behind."""
    runs: str
    """The commit or the version that it runs."""
    run: int
    """That brought it about; 0: nobody noted it."""
    at: float | None
    """When."""
    by: str
    """Who started the change."""
    beside: int = 0
    """How many commits it has on another line, where it is behind."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where something is."""

    what: str
    """The whole id of the commit, or the value."""
    subject: str
    repo: str
    """Empty for a value."""
    envers: tuple[WhereView, ...]
    """By stage, in their declared order."""
    notes: tuple[str, ...] = ()
    made_of: str = ""
    """The commit that a value was made of, as far as runs are kept."""
    author: Author | None = None
    """Who wrote the commit, that of a value included; None: nobody noted it."""

    def of(self, stage: str) -> Sequence[WhereView]:
        return [one for one in self.envers if one.stage == stage]


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds what somebody may see."""

    records: Records
    history: SourceHistory

    def where(self, asked: WhereAsked) -> Whereabouts:
        """Raises:
        EnverUnknown
        WhereUnknown, WhereAmbiguous
        """
        if "@" in asked.text.partition("/")[0]:
            return self._value(asked.text)
        mine = _Mine(self.records)
        repo, commit = self._commit(asked, mine)
        return self._of_commit(repo, commit, mine.of(repo))

    # commits

    def _commit(self, asked: WhereAsked, mine: _Mine) -> tuple[str, str]:
        """(repository, id) of what was asked for."""
        if _BEGINNING.fullmatch(asked.text):
            recorded = {found for found in mine.commits(asked.text) if asked.repo in ("", found[0])}
            if len(recorded) == 1:
                return recorded.pop()
        repos = mine.repos()
        if asked.repo:  # no other is looked into, whoever asks
            if asked.repo not in repos:
                step = suggestion(asked.repo, repos)
                raise WhereUnknown(f"nothing of a repository {inert(asked.repo)} is deployed", next_step=step)
            repos = [asked.repo]
        if len(repos) > _REPOSITORIES:
            raise WhereAmbiguous(
                f"{asked.text} is recorded nowhere, and there are {len(repos)} repositories to look into",
                next_step="say which: --repo NAME",
            )
        found, away = self._in_repositories(asked.text, repos)
        if len(found) > 1:
            said = ", ".join(f"{repo} ({naming.short_commit(commit)})" for repo, commit in found.items())
            raise WhereAmbiguous(f"{asked.text} is in several repositories: {said}", next_step="say which: --repo NAME")
        if not found:
            step = away or f"give the id of a commit, a branch or a tag of {' or '.join(repos) or 'a repository'}"
            raise WhereUnknown(f"no repository of what is deployed has {inert(asked.text)}", next_step=step)
        return next(iter(found.items()))

    def _in_repositories(self, text: str, repos: Sequence[str]) -> tuple[Mapping[str, str], str]:
        """Repository → commit, and why some could not be asked."""
        found, away = dict[str, str](), list[str]()
        for repo in repos:
            try:
                found[repo] = self.history.find(repo, text)
            except LookupError:
                continue
            except OdmdError as failed:
                away.append(failed.fact)
        return found, "; ".join(away)

    def _of_commit(self, repo: str, commit: str, envers: Sequence[Enver]) -> Whereabouts:
        there = [enver for enver in envers if enver.deployed is not None or enver.unknown]
        notes, kin = list[str](), dict[str, Kinship]()
        try:
            kin |= self.history.kinship(repo, commit, sorted({one.deployed.commit for one in there if one.deployed}))
        except OdmdError as away:
            notes.append(f"told by what is recorded alone, as {away.fact}")
        found = [self._row(one, *self._stands(one, repo, commit, kin, alone=bool(notes))) for one in there]
        runs = next((one.deployed for one in there if one.deployed and one.deployed.commit == commit), None)
        subject, author = (runs.subject, runs.author) if runs else ("", None)
        return Whereabouts(commit, subject, repo, self._ordered(found), tuple(notes), author=author)

    def _stands(
        self, enver: Enver, repo: str, commit: str, kin: Mapping[str, Kinship], *, alone: bool
    ) -> tuple[Whether, int, int]:
        """Whether it has it, how many commits it is ahead or behind, and how many it has beside that."""
        deployed = enver.deployed
        if deployed is None:
            return Whether.UNKNOWN, 0, 0
        if deployed.commit == commit:
            return Whether.RUNS, 0, 0
        if (one := kin.get(deployed.commit)) is None:
            had = alone and enver.pin is None and self._ran(enver, commit)
            return (Whether.AHEAD if had else Whether.UNKNOWN), 0, 0
        if one.behind == 0:
            return Whether.AHEAD, one.ahead, 0
        if not one.ahead and self._has_its_content(enver, repo, commit):
            return Whether.RUNS, 0, 0
        return Whether.BEHIND, one.behind, one.ahead

    def _has_its_content(self, enver: Enver, repo: str, commit: str) -> bool:
        """Whether what is newer of it touches nothing that the enver's build reads."""
        deployed = enver.deployed
        kept = kept_slice(self.records.store, deployed.slice) if deployed and deployed.content else None
        if kept is None or deployed is None:
            return False
        try:
            return self.history.content(repo, commit, kept.enver.reads) == deployed.content
        except OdmdError:
            return False

    def _ran(self, enver: Enver, commit: str) -> bool:
        runs = self.records.store.runs(enver.address, _RUNS)
        return any(run.status is RunStatus.SUCCEEDED and run.fingerprint.commit == commit for run in runs)

    # values

    def _value(self, text: str) -> Whereabouts:
        typed, _, number = text.partition("#")
        product = self.records.find_product(typed)
        newest = self.records.store.versions([product]).get(product)
        if newest is None or (number and not (number.isdecimal() and 0 < int(number) <= newest)):
            label = naming.enver_label(naming.enver_of(product))
            raise WhereUnknown(f"{inert(text)} was never published", next_step=f"`odmd values {label}` lists what was")
        wanted, found = int(number) if number else newest, list[WhereView]()
        for enver in _all(self.records):
            for version in {one.version for one in enver.consumed if one.product == product}:
                whether = Whether.RUNS if version == wanted else Whether.AHEAD if version > wanted else Whether.BEHIND
                runs = f"#{version}" if version else "its placeholder"
                found.append(self._row(enver, whether, abs(version - wanted), runs=runs))
        what = f"{naming.product_label(product)}#{wanted}"
        (value,) = self.records.store.values_of([ValueRef(product, wanted)]) or (None,)
        run = self.records.store.run(value.run) if value else None
        if run is None:
            return Whereabouts(what, "", "", self._ordered(found))
        of = run.fingerprint
        return Whereabouts(what, of.subject, "", self._ordered(found), made_of=of.commit, author=of.author)

    # inside

    def _row(self, enver: Enver, whether: Whether, count: int, beside: int = 0, runs: str = "") -> WhereView:
        run = self.records.store.run(enver.deployed_by) if enver.deployed_by else None
        runs = runs or (enver.deployed.commit if enver.deployed else "")
        at, by = (run.finished_at, self._by(run)) if run else (None, "")
        return WhereView(enver.address, enver.stage, whether, count, runs, enver.deployed_by, at, by, beside)

    def _by(self, run: Run) -> str:
        wave = self.records.store.wave(run.root) if run.root else None
        return wave.by.name if wave else ""

    def _ordered(self, found: Sequence[WhereView]) -> tuple[WhereView, ...]:
        ranks = {stage: number for number, stage in enumerate(self.records.store.standing().stages)}
        return tuple(sorted(found, key=lambda one: (ranks.get(one.stage, len(ranks)), one.stage, one.enver)))


class _Mine:
    """The envers that somebody sees, by the repositories of their builds."""

    def __init__(self, records: Records) -> None:
        self._envers = [one for one in _all(records) if not one.removed]
        self._repos = dict[str, str]()
        for enver in self._envers:
            build = enver.address.partition("/")[0]
            if build not in self._repos and enver.slice and (kept := kept_slice(records.store, enver.slice)):
                self._repos[build] = kept.enver.repo

    def repos(self) -> Sequence[str]:
        return sorted(set(self._repos.values()))

    def of(self, repo: str) -> Sequence[Enver]:
        return [one for one in self._envers if self._repo(one) == repo]

    def commits(self, beginning: str) -> Iterator[tuple[str, str]]:
        """(repository, commit) of those that begin so."""
        for enver in self._envers:
            for commit in (enver.commit, enver.deployed.commit if enver.deployed else ""):
                if commit.startswith(beginning) and (repo := self._repo(enver)):
                    yield repo, commit

    def _repo(self, enver: Enver) -> str:
        return self._repos.get(enver.address.partition("/")[0], "")


def _all(records: Records) -> Iterator[Enver]:
    after = ""
    while page := records.store.envers(after, _PAGE):
        yield from page
        after = page[-1].address


def refuse_stage(found: Whereabouts, stage: str) -> None:
    """Raises:
    WhereUnknown: nothing of it is in that stage.
    """
    stages = dict.fromkeys(one.stage for one in found.envers)
    if stage not in stages:
        what = f"no enver of {found.repo} runs" if found.repo else f"nobody consumes {found.what}"
        raise WhereUnknown(f"{what} in a stage {inert(stage)}", next_step=suggestion(stage, stages))
