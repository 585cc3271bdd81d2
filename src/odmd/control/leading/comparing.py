"""Has two envers compared, or one at two times, for somebody; what is away, or not his to see, is said."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from odmd.compare.compare import compare
from odmd.compare.comparison import Because, CommitView, Differs, EnverComparison, Section
from odmd.compare.locks import LOCKS, packages_in
from odmd.compare.names import Meanings
from odmd.compare.side import ComparedSide
from odmd.compare.trees import Alike
from odmd.control.leading.compared_sides import SideReader
from odmd.control.leading.config_views import ConfigBetween, spelled
from odmd.control.ports.world import SourceHistory
from odmd.control.scheduler.inert import inert
from odmd.errors import CompareRefused, OdmdError
from odmd.model import naming
from odmd.plan.settings import PlannedSettings
from odmd.plan.words import clock

_COMMITS: Final = 100


class ConfigCompared(Protocol):
    """Says what differs in private config, to who may see it."""

    def config_between(
        self, before: tuple[str, PlannedSettings], after: tuple[str, PlannedSettings], alike: Alike
    ) -> Sequence[ConfigBetween]:
        """Of two envers, each with the settings that it ran with.

        Raises:
            EnverUnknown, NotAllowed
            KeyMissing, SettingsDamaged, SettingsUnreachable
        """
        ...


@dataclass(frozen=True, slots=True)
class CompareAsked:
    """What is to be compared."""

    before: str
    after: str = ""
    """Empty: the same enver, as it is now."""
    at: float | None = None
    """As they were then: both of two, the earlier of one."""
    run: int | None = None
    """Of one enver: as that run left it."""


@dataclass(frozen=True, slots=True)
class EnverComparer:
    """Compares for somebody, by what he may see."""

    sides: SideReader
    history: SourceHistory
    config: Callable[[], ConfigCompared]
    no_recipes: str = ""
    """Why whoever asks is not shown what stands in recipes, as private config may; empty: he is."""
    clock: Callable[[], float] = field(default=time.time)

    def compare(self, asked: CompareAsked) -> EnverComparison:
        """Raises:
        EnverUnknown
        NothingRan: nothing ran there then.
        CompareRefused: there is nothing that could differ, or no such moment.
        """
        before, after = self._sides(asked)
        notes = list[str]()
        config = self._config(before, after, notes)
        commits, more = self._commits(before, after, notes)
        if self.no_recipes:
            notes.append(f"templates and packages are not compared: {self.no_recipes}")
            before, after = replace(before, parts=()), replace(after, parts=())
        elif commits:
            before, after = self._with_packages(before), self._with_packages(after)
        return compare(before, after, config=config, commits=commits, more_commits=more, notes=notes)

    def _sides(self, asked: CompareAsked) -> tuple[ComparedSide, ComparedSide]:
        if asked.at is not None and asked.at > self.clock():
            raise CompareRefused(f"{clock(asked.at)} is not yet", next_step="give a time that is over: --at 1w")
        first = self.sides.records.find(asked.before)
        second = self.sides.records.find(asked.after) if asked.after else first
        if second.address == first.address:
            if asked.at is None and asked.run is None:
                label = naming.enver_label(first.address)
                step = f"name another enver, or when: `odmd diff {label} --at 1w`"
                raise CompareRefused(f"{label} is what it is", next_step=step)
            return self._side(asked.before, asked), self.sides.now(first)
        if asked.run is not None:
            raise CompareRefused("a run is one enver's", next_step="compare two envers at a time: --at 2d")
        return self._side(asked.before, asked), self._side(asked.after, asked)

    def _side(self, typed: str, asked: CompareAsked) -> ComparedSide:
        enver = self.sides.records.find(typed)
        if asked.run is not None:
            return self.sides.of_run(enver, asked.run)
        return self.sides.now(enver) if asked.at is None else self.sides.at(enver, asked.at)

    def _config(self, before: ComparedSide, after: ComparedSide, notes: list[str]) -> Sequence[Differs] | None:
        """None where it is equal, or nobody may say what it is."""
        ours, theirs = ((one.view.enver, one.made_of.settings) for one in (before, after))
        if ours[1].config == theirs[1].config:
            return None
        try:
            found = self.config().config_between(ours, theirs, Meanings(before, after).alike)
        except OdmdError as refused:
            notes.append(f"what config says is not shown: {refused.fact}")
            return None
        return [_of_config(one) for one in found]

    def _commits(self, before: ComparedSide, after: ComparedSide, notes: list[str]) -> tuple[Sequence[CommitView], int]:
        if before.made_of.has_source_of(after.made_of):
            return (), 0
        if before.node is None or after.node is None or before.node.repo != after.node.repo:
            notes.append("they are of different repositories: no commits are between them")
            return (), 0
        pair = before.made_of.commit, after.made_of.commit
        try:
            found = self.history.between(before.node.repo, *pair, _COMMITS)
        except OdmdError as away:
            notes.append(f"the commits between are not known: {away.fact}")
            return (), 0
        commits = [
            CommitView(id, inert(said), "after" if of_second else "before") for id, said, of_second in found.commits
        ]
        return commits, found.count - len(commits)

    def _with_packages(self, side: ComparedSide) -> ComparedSide:
        """With what the lock files in its folder say; what cannot be read says nothing."""
        if side.node is None:
            return side
        folder = "" if side.node.folder == "." else f"{side.node.folder}/"
        found = dict[str, dict[str, str]]()
        for name in LOCKS:
            with suppress(OdmdError):
                text = self.history.text(side.node.repo, side.made_of.commit, f"{folder}{name}")
                if packages := packages_in(name, text):
                    found[f"{folder}{name}"] = packages
        return replace(side, packages=found)


def _of_config(one: ConfigBetween) -> Differs:
    layers = dict.fromkeys(layer for layer in (one.layer_before, one.layer_after) if layer)
    what = f"{one.config}.{one.path}" if one.path else one.config
    return Differs(
        Section.CONFIG, Because.INTENT, what, spelled(one.before), spelled(one.after), f"said by {', '.join(layers)}"
    )
