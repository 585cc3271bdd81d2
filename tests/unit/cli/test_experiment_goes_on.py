"""Who carries out an experiment is killed at any moment, as often as anybody likes, and begins again: each variant was
deployed once and tested once, what it found was told, and nothing is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from odmd.cli.experiment.carrying import Carrying
from odmd.cli.experiment.design import Experiment, Variant
from odmd.cli.live import Live
from odmd.control.leading.config_views import ConfigChange, nothing_said
from odmd.control.leading.plane import Plane
from odmd.control.reading.clones import CloneSetView, CloneView
from odmd.control.reading.verified import CheckMade, CheckView
from odmd.control.running.verifying import CheckVerdict
from odmd.errors import EnverUnknown
from odmd.model import SuiteCheck
from odmd.plan.build import Limited
from odmd.plan.clones import TogetherWish
from support.soak import examples

NAMES = ("a", "b", "c", "d", "e")


class Killed(BaseException):
    """By somebody who cares for nothing."""


@dataclass
class World:
    """A control plane as an experiment sees it: each thing that lasts is done in one step, before which one may be
    killed. What a process began, the next one ends."""

    fuses: list[int]
    """After so many steps each: a kill."""
    fails: frozenset[str]
    """Variants that cannot be deployed."""
    sets: dict[str, CloneSetView] = field(default_factory=dict[str, CloneSetView])
    runs: dict[str, list[SimpleNamespace]] = field(default_factory=dict[str, list[SimpleNamespace]])
    layers: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    clock: float = 1000.0
    most: int = 0
    """Runs that were under way at once."""

    def step(self) -> None:
        self.clock += 1
        if self.fuses:
            self.fuses[0] -= 1
            if self.fuses[0] < 0:
                self.fuses.pop(0)
                raise Killed

    def run(self, clone: str, mode: str) -> None:
        self.step()
        made = SimpleNamespace(id=len(self.runs), mode=mode, started_at=self.clock, finished_at=None, status="running")
        made.error, made.fingerprint = "", SimpleNamespace(commit="c1")
        self.runs.setdefault(clone, []).insert(0, made)

    def end_runs(self) -> None:
        open_ones = [(clone, one) for clone, each in self.runs.items() for one in each if one.finished_at is None]
        self.most = max(self.most, len(open_ones))
        for clone, one in open_ones:
            self.step()
            failed = one.mode == "full" and clone.rpartition("-")[2] in self.fails
            one.finished_at, one.status, one.error = self.clock, *(("failed", "no") if failed else ("succeeded", ""))


@dataclass
class Past:
    world: World

    def enver(self, typed: str) -> SimpleNamespace:
        return SimpleNamespace(enver="shop/b..main")

    def clones(self) -> Sequence[CloneSetView]:
        return list(self.world.sets.values())

    def runs(self, enver: str, limit: int) -> Sequence[SimpleNamespace]:
        if enver not in self.world.runs:
            raise EnverUnknown("nobody knows it")
        return self.world.runs[enver]

    def checks(self, enver: str, limit: int) -> Sequence[CheckView]:
        made = [one for one in self.runs(enver, limit) if one.mode == "verify" and one.finished_at]
        found = [CheckMade(one.id, one.finished_at, 1.0, CheckVerdict.GREEN, "1 test passes") for one in made]
        return [CheckView("tests", tuple(found[:1]), 0.0, ())] if found else []


@dataclass
class Desk:
    world: World

    def layer_history(self, layer: str, limit: int) -> Sequence[Any]:
        values = self.world.layers.get(layer)
        said = "".join(
            f"\n  {path.split('.')[0]}: {{{path.split('.')[1]}: {text}}}" for path, text in (values or {}).items()
        )
        return [] if values is None else [replace(nothing_said(layer), text=f"config:{said}" if said else "")]

    def change_layer(self, layer: str, changes: Sequence[ConfigChange], why: str, *, allow_lacking: bool) -> None:
        self.world.step()
        values = self.world.layers.setdefault(layer, {})
        for one in changes:
            if one.text is None:
                values.pop(one.path, None)
            else:
                values[one.path] = one.text


@dataclass
class Change:
    world: World
    wish: TogetherWish = field(default_factory=TogetherWish)

    def interrupted(self) -> Sequence[object]:
        self.world.end_runs()
        self.remove_ended()
        return ()

    def plan(self, limited: Limited, *, refresh: bool, look: bool) -> Any:
        assert isinstance(limited.clones, TogetherWish)
        self.wish = limited.clones
        envers = [f"shop/b..main-_b..{one.name}" for one in self.wish.made]
        step = SimpleNamespace(commit="c1", run_steps=())
        steps = [SimpleNamespace(**vars(step), enver=one) for one in envers]
        return SimpleNamespace(
            steps=lambda: steps, begins=lambda: True, breaking=lambda: (), policies=(), uncommitted=(), stages=()
        )

    def begin(self, why: str, *, allow_dirty: bool) -> bool:
        for one in self.wish.made:
            label = f"shop@main+{one.name}"
            if label not in self.world.sets:
                self.world.step()
                clone = CloneView(label, "shop@main", "main", "", (), "")
                self.world.sets[label] = CloneSetView(label, "ada", self.world.clock, 1.0, None, why, "", (clone,))
        for one in self.wish.ended:
            self.world.step()
            self.world.sets[one.clone] = replace(self.world.sets[one.clone], ended=why)
        for one in self.wish.made:
            label = f"shop@main+{one.name}"
            begun = self.world.sets[label].at
            if not any(run.started_at >= begun and run.mode == "full" for run in self.world.runs.get(label, ())):
                self.world.run(label, "full")
        return True

    def follow(self) -> None:
        self.world.end_runs()
        self.remove_ended()

    def remove_ended(self) -> None:
        for label in [label for label, one in self.world.sets.items() if one.ended]:
            self.world.step()
            del self.world.sets[label]


@dataclass
class FakePlane:
    world: World
    is_local: bool = True

    @property
    def past(self) -> Past:
        return Past(self.world)

    @property
    def config(self) -> Desk:
        return Desk(self.world)

    def plan(self, limited: Limited, *, refresh: bool, look: bool) -> Any:
        return Change(self.world).plan(limited, refresh=refresh, look=look)

    @contextmanager
    def change(self, watcher: object) -> Iterator[Change]:
        yield Change(self.world)

    @contextmanager
    def tell(self, wishes: Sequence[Any], watcher: object) -> Iterator[Any]:
        self.world.end_runs()
        for one in wishes:
            self.world.run(one.enver, "verify")
        yield SimpleNamespace(follow=self.world.end_runs)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 3),
    st.lists(st.integers(0, 12), max_size=6),
    st.frozensets(st.sampled_from(NAMES), max_size=2),
)
def test_nothing_is_done_twice_and_nothing_is_left(many: int, at: int, fuses: list[int], fails: frozenset[str]) -> None:
    variants = tuple([Variant(name, "", (ConfigChange("prices.tea", str(n)),)) for n, name in enumerate(NAMES[:many])])
    wanted = Experiment("tea", "shop@main", variants, SuiteCheck("tests"), at=at)
    world, shown = World(fuses, fails), list[dict[str, str]]()
    plane, left = cast("Plane", FakePlane(world)), None
    while left is None:
        try:
            carrying = Carrying.begin(plane, wanted, Live(quiet=True), yes=True, quiet=True)
            carrying.begun = carrying.begun if world.sets else world.clock  # whose clock counts here
            shown.append({one.variant: one.result for one in carrying.carry_out()})
            left = carrying.remove()
        except Killed:
            continue
    assert left == []
    assert world.sets == {}
    assert not any(world.layers.values())
    assert world.most <= at
    told = {name: "failed" if name in fails else "passed" for name in NAMES[:many]}
    assert all(one == told for one in shown)
    for name in NAMES[:many]:
        modes = [one.mode for one in world.runs[f"shop@main+tea-{name}"]]
        assert modes.count("full") <= len(shown), "it begins anew only once it was told"
        assert modes.count("verify") == (0 if name in fails else modes.count("full"))
