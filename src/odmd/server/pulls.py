"""What pull requests ask of the control plane that this process leads: by the rights of who asks, as he sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.control.leading.in_use import DeployAsked
from odmd.control.leading.pulls.desk import OpenAsk
from odmd.control.leading.wishes import Wish
from odmd.control.ports.pulls import Pull
from odmd.control.ports.world import Repositories
from odmd.control.reading.clones import CloneSetView
from odmd.control.reading.views import Cause
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.border import raise_refusal
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.may import Action, Subject, may, seen_by
from odmd.control.scheduler.messages import EndClones
from odmd.control.scheduler.values import ValueStatus
from odmd.errors import NotAllowed
from odmd.graph import EnverNode, Graph
from odmd.model import naming
from odmd.model.kinds import Kind
from odmd.model.kinds.base import NotOfKind
from odmd.model.kinds.url import UrlKind
from odmd.plan import Plan
from odmd.plan.build import Limited
from odmd.plan.clones import CloneWish
from odmd.plan.commits import CommitSaid
from odmd.plan.fitting import FitAnswer
from odmd.server.service import Service

_VALUES: Final = 200


@dataclass(frozen=True, slots=True)
class ServiceDesk:
    """A `PullDesk`."""

    service: Service

    @property
    def graph(self) -> Graph:
        return self.service.compiled.graph

    def make_clones(self, wish: CloneWish, by: Actor, why: str, key: str | None) -> str:
        seen = self._seen(by, Action.CLONE)
        plan = seen.plan(Limited(clones=wish), refresh=True)
        made = plan.clones.made[0] if plan.clones else None
        assert made is not None  # noqa: S101  # it is what was wished for
        there = self.kept_clones(made.address)
        if there is None or there.ended or there.set != made:
            seen.change(plan.digest(), by, why, key, allow_dirty=False)
        return made.address

    def end_clones(self, clones: str, by: Actor, why: str) -> None:
        if self.kept_clones(clones) is not None:
            raise_refusal(self.service.ask(EndClones(clones, by, why)))

    def kept_clones(self, clones: str) -> KeptClones | None:
        return self.service.control.leader.look(lambda state: state.clones.get(clones))

    def plan(self, limited: Limited, by: Actor) -> Plan:
        return self._seen(by, Action.PLAN).plan(limited, refresh=True)

    def carry_out(self, digest: str, by: Actor, why: str, key: str) -> None:
        self._seen(by, Action.CHANGE).change(digest, by, why, key, allow_dirty=False)

    def wish(self, wish: Wish, by: Actor, key: str) -> None:
        self._seen(by, Action.READ).wish(wish, by, key)

    def why(self, enver: str, by: Actor) -> Sequence[Cause]:
        return self._seen(by, Action.READ).records.why(enver)

    def view(self, clones: str) -> CloneSetView | None:
        label = naming.enver_label(clones)
        return next((one for one in self.service.records.clones() if one.clone == label), None)

    def deployed(self, envers: Sequence[str]) -> Sequence[str]:
        there = {one.address: one for one in self.service.records.store.envers_of(envers)}
        runs = (there[one].deployed if one in there else None for one in envers)
        return [f"{one.commit} {one.slice}" if one else "" for one in runs]

    def urls(self, envers: Sequence[str]) -> Sequence[tuple[str, str]]:
        kinds = self.service.compiled.kinds
        found = [one.value for enver in envers for one in self.service.records.values(enver, limit=_VALUES)]
        current = [one for one in found if one.status is ValueStatus.CURRENT]
        shown = ((one.product, _address(kinds.get(one.kind), one.text)) for one in current)
        return [(product, url) for product, url in shown if url]

    def asks(self, envers: Sequence[str], by: Actor | None = None) -> Sequence[OpenAsk]:
        service = self._seen(by, Action.READ) if by else self.service
        recorded = [one.address for one in service.records.store.envers_of(envers)]
        views = [service.records.enver(naming.enver_label(one)) for one in recorded]
        return [OpenAsk(one.enver, question) for one in views for question in one.asks]

    def fits(self, enver: EnverNode, commit: str) -> FitAnswer:
        return self.service.can_deploy(DeployAsked(enver.label, commit))

    def merged(self, pull: Pull, envers: Sequence[str]) -> Plan:
        sources = Merged(self.service.sources, pull)
        return self.service.plan_with(self.service.compiled, sources, Limited(envers, alone=True))

    def _seen(self, by: Actor, action: Action) -> Service:
        """As somebody sees it who may do this at all.

        Raises:
            NotAllowed
        """
        graph = self.graph
        if refusal := may(by, action, Subject(), graph):
            raise NotAllowed(refusal.reason, next_step=refusal.next_step)
        sees = seen_by(by, graph)
        return self.service.seen(sees) if sees else self.service


@dataclass(frozen=True, slots=True)
class Merged:
    """`Repositories` in which the branch that a pull request is for has its head."""

    sources: Repositories
    pull: Pull

    def head(self, repo: str, revision: str) -> str:
        if (repo.lower(), revision) == (self.pull.repository, f"branch:{self.pull.base}"):
            return self.pull.head
        return self.sources.head(repo, revision)

    def said(self, repo: str, commit: str) -> CommitSaid:
        return self.sources.said(repo, commit)

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        return self.sources.content(repo, commit, paths)

    def checkout(self, repo: str, commit: str, into: Path) -> None:
        self.sources.checkout(repo, commit, into)


def _address(kind: type[Kind] | None, text: str) -> str:
    """Of a kind whose values are to be called; without what may open doors."""
    if kind is None or not issubclass(kind, UrlKind) or kind.sensitive or kind.refers_to_secret:
        return ""
    try:
        return kind.parse(text).shown()
    except NotOfKind:
        return ""
