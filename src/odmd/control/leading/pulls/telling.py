"""Tells of pull requests what is so: made of what is recorded, and said again only where it changed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, TypeVar

from odmd.control.leading.pulls.comment import Merging, PullStory, shown
from odmd.control.leading.pulls.desk import PullDesk
from odmd.control.leading.pulls.wanted import origins_of
from odmd.control.ports.pulls import KeptPull, Pull, PullHost, PullReport, PullState
from odmd.errors import FailedForNow, OdmdError
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.plan import Plan
from odmd.plan.clones import shared_inputs
from odmd.plan.fitting import FitAnswer

T = TypeVar("T")

_REMEMBERED: Final = 5_000
_LOOKED_AT: Final = 20
"""Envers of which it is said whether merging fits: a repository may have hundreds."""


@dataclass(slots=True)
class Teller:
    """Remembers what was said, and what merging would do as long as nothing that it rests on moved."""

    host: PullHost
    desk: PullDesk
    _said: OrderedDict[str, tuple[str, PullReport]] = field(default_factory=OrderedDict[str, tuple[str, PullReport]])
    _merging: OrderedDict[str, tuple[object, Merging]] = field(default_factory=OrderedDict[str, tuple[object, Merging]])

    def tell(self, pull: Pull, kept: KeptPull, trouble: str, ended: str) -> None:
        """Of its head as it is; what moved meanwhile is not spoken of.

        Raises:
            FailedForNow, HostRefused, HostLacks
        """
        made = shown(self._told(pull, kept, trouble, ended))
        if self._said.get(pull.called) == (pull.head, made):
            return
        if self.host.find(pull.repository, pull.number).head != pull.head:
            return
        self.host.show(pull, made)
        _remember(self._said, pull.called, (pull.head, made))

    def _told(self, pull: Pull, kept: KeptPull, trouble: str, ended: str) -> PullStory:
        desk, graph = self.desk, self.desk.graph
        merging = self._merged(pull)
        there = desk.kept_clones(kept.clones) if kept.clones else None
        origins = [one.address for one in self._origins(pull)]
        if there is None:
            return PullStory(pull, merging, asks=tuple(desk.asks(origins)), trouble=trouble, ended=ended)
        own = there.set.addresses
        known = [one for one in own if one in graph.envers]
        shares = shared_inputs(graph, there.set, {}) if len(known) == len(own) else iter(())
        shared = tuple(dict.fromkeys(naming.product_label(one.product) for one in shares))
        asks = tuple(desk.asks([*own, *origins]))
        return PullStory(pull, merging, desk.view(kept.clones), shared, tuple(desk.urls(own)), asks, trouble, ended)

    def _origins(self, pull: Pull) -> list[EnverNode]:
        return list(origins_of(self.desk.graph, pull.repository, pull.base))[:_LOOKED_AT]

    def _merged(self, pull: Pull) -> Merging:
        """What merging would do; of one that is open no more nobody asks."""
        if pull.state is not PullState.OPEN or not (origins := self._origins(pull)):
            return Merging()
        now = tuple(self.desk.deployed([one.address for one in origins]))
        rests_on = pull.head, pull.base, self.desk.graph.text.digest(), now
        if (known := self._merging.get(pull.called)) is not None and known[0] == rests_on:
            return known[1]
        try:
            made = Merging(*self._made(pull, origins))
        except FailedForNow as trouble:
            return Merging(why_not=f"{trouble.code} {trouble.fact}")
        except OdmdError as refused:
            made = Merging(why_not=f"{refused.code} {refused.fact}")
        _remember(self._merging, pull.called, (rests_on, made))
        return made

    def _made(self, pull: Pull, origins: list[EnverNode]) -> tuple[tuple[FitAnswer, ...], Plan]:
        fits = tuple(self.desk.fits(one, pull.head) for one in origins)
        return fits, self.desk.merged(pull, [one.label for one in origins])


def _remember(known: OrderedDict[str, T], name: str, what: T) -> None:
    known[name] = what
    known.move_to_end(name)
    while len(known) > _REMEMBERED:
        known.popitem(last=False)
