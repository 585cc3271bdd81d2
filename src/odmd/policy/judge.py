"""Decides by policies. What cannot matter is left out before Cedar is asked, and what was decided once is kept.

A decision hangs on the few things that the policies at hand speak of, so there are classes of envers and of people for
which it is one: `production.cedar` about `Stage::"prod"` knows two, however many envers there are. Keys of the classes
are complete: all that a policy can see of somebody or something is in them, or is named by no policy at hand.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import cedarpy

from odmd.graph import EnverNode, Graph
from odmd.model import naming
from odmd.policy.actions import ABOUT, ActedOn, Action
from odmd.policy.principals import NOBODY, AnswerContext, Who
from odmd.policy.reading import CedarPolicy, Named, defaults, read_file

_MOST_KEPT: Final = 100_000
_HANDLES_KEPT: Final = 5_000
_JUDGES_KEPT: Final = 4


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether somebody may, and by which policies."""

    allowed: bool
    by: tuple[CedarPolicy, ...]
    """Those that decided: that permit, or forbid. None of them: nothing permits it."""
    failed: tuple[str, ...] = ()
    """What went wrong with policies that could not be evaluated: nothing is permitted then."""


@dataclass(frozen=True, slots=True)
class _Slice:
    """The policies that can apply to somebody's wish at all, whatever it is about."""

    policies: Sequence[CedarPolicy]
    speaks_of: frozenset[Named]


_NO_QUESTION: Final = AnswerContext()


@dataclass
class Judge:
    """Decides by the policies of one graph."""

    graph: Graph
    policies: Sequence[CedarPolicy]
    _slices: dict[object, _Slice] = field(default_factory=dict[object, _Slice])
    _verdicts: dict[object, Ruling] = field(default_factory=dict[object, Ruling])
    _handles: dict[tuple[str, ...], cedarpy.PolicySet] = field(default_factory=dict[tuple[str, ...], cedarpy.PolicySet])
    _all_seen: dict[object, bool] = field(default_factory=dict[object, bool])
    _things: dict[str, _Thing] = field(default_factory=dict[str, "_Thing"])

    def decide(self, who: Who, action: Action, enver: str | None = None, asked: AnswerContext = _NO_QUESTION) -> Ruling:
        """Whether somebody may do something to an enver, by its address, or to the organisation."""
        teams = who.teams - {NOBODY}
        cut = self._slice(action, teams, who.name)
        about = self._about(action, enver)
        name = who.name if ("Actor", who.name) in cut.speaks_of else None
        seen = frozenset(one for one in about.above if one in cut.speaks_of or (one[0] == "Team" and one[1] in teams))
        wire = asked.wire if ("Wire", asked.wire) in cut.speaks_of else ""
        asks = (about.team, asked.own, asked.about, asked.gate, wire) if action is Action.ANSWER else ()
        key = (action, who.kind, who.scope, teams, name, seen, about.production, about.clone, asks)
        if (verdict := self._verdicts.get(key)) is None:
            if len(self._verdicts) >= _MOST_KEPT:
                self._verdicts.clear()
            chosen = [one for one in cut.policies if one.what is None or one.what in about.above]
            verdict = self._verdicts[key] = self._ask(chosen, who, action, about, asked)
        return verdict

    def _ask(
        self, policies: Sequence[CedarPolicy], who: Who, action: Action, about: _Thing, asked: AnswerContext
    ) -> Ruling:
        by_key = {one.key: one for one in policies}
        if (handle := self._handles.get(keys := tuple(by_key))) is None:
            if len(self._handles) >= _HANDLES_KEPT:
                self._handles.clear()
            handle = self._handles[keys] = _handle(policies)
        return _verdict(_answer(handle, who, action, about, asked), by_key)

    def seen_as(self, enver: str, spoken: frozenset[Named]) -> object:
        """All that policies that speak of these can see of an enver, but for whether somebody is in its team."""
        about = self._about(Action.READ, enver)
        return frozenset(one for one in about.above if one in spoken), about.production, about.clone

    def above(self, enver: str) -> Collection[Named]:
        """An enver with all that it is in."""
        return self._about(Action.READ, enver).above

    def sees_all(self, who: Who) -> bool:
        """Whether nothing is hidden from somebody, nor would be that left the contracts."""
        if self.hides_nothing:
            return True
        key = who.kind, who.scope, who.teams, who.name if ("Actor", who.name) in self._spoken_of else None
        if (found := self._all_seen.get(key)) is None:
            if len(self._all_seen) >= _MOST_KEPT:
                self._all_seen.clear()
            builds = ("", *(name for type, name in self._spoken_of if type == "Build"))
            every = (*(f"{build}/b..(gone)" for build in builds), *self.graph.envers)
            found = self._all_seen[key] = all(self.decide(who, Action.READ, one).allowed for one in every)
        return found

    @cached_property
    def _spoken_of(self) -> frozenset[Named]:
        return frozenset(named for one in self.policies for named in one.speaks_of)

    @cached_property
    def hides_nothing(self) -> bool:
        """Whether whoever may look at all may see everything: that is permitted, and nothing forbids it."""
        said = {str(Action.READ), str(ABOUT[Action.READ].group)}
        return not any(not one.permits and (one.actions is None or one.actions & said) for one in self.policies)

    def readable(self, who: Who) -> frozenset[str]:
        """The addresses of the declared envers that somebody may see."""
        return frozenset(one for one in self.graph.envers if self.decide(who, Action.READ, one).allowed)

    def _slice(self, action: Action, teams: frozenset[str], name: str) -> _Slice:
        key = action, teams & self._teams_in_heads, name if name in self._names_in_heads else None
        if (found := self._slices.get(key)) is None:
            if len(self._slices) >= _MOST_KEPT:
                self._slices.clear()
            said = {str(action), str(ABOUT[action].group)}
            chosen = [
                one
                for one in self.policies
                if (one.actions is None or one.actions & said) and one.can_be_of(teams, name)
            ]
            speaks_of = frozenset(named for one in chosen for named in one.speaks_of)
            found = self._slices[key] = _Slice(chosen, speaks_of)
        return found

    @cached_property
    def _teams_in_heads(self) -> frozenset[str]:
        return frozenset(one.who[1] for one in self.policies if one.who and one.who[0] == "Team")

    @cached_property
    def _names_in_heads(self) -> frozenset[str]:
        return frozenset(one.who[1] for one in self.policies if one.who and one.who[0] == "Actor")

    def _about(self, action: Action, enver: str | None) -> _Thing:
        if ABOUT[action].resource is ActedOn.ORGANISATION or enver is None:
            return _Thing(("Organisation", self.graph.organisation), {("Organisation", self.graph.organisation): ()})
        if (found := self._things.get(enver)) is None:
            declared = self.graph.envers.get(enver)
            found = self._declared(declared) if declared else _undeclared(enver)
            if declared:
                self._things[enver] = found
        return found

    def _declared(self, node: EnverNode) -> _Thing:
        build, repo, stage, team = (
            ("Build", node.build),
            ("Repo", node.repo),
            ("Stage", node.stage),
            ("Team", node.team),
        )
        above: dict[Named, Sequence[Named]] = {build: (repo,), repo: (), stage: (), team: ()}
        own: list[Named] = [build, stage, team]
        origin = self.graph.envers.get(node.origin) if node.origin else None
        if origin is not None:
            over = self._about(Action.READ, origin.address)
            above = {**over.above, **above}
            own.append(over.itself)
        above[("Enver", node.label)] = own
        production = node.stage in self.graph.governed.production
        return _Thing(("Enver", node.label), above, node.team, production, clone=origin is not None)


@dataclass(frozen=True, slots=True)
class _Thing:
    """What is acted on, with all that is above it."""

    itself: Named
    above: Mapping[Named, Sequence[Named]]
    """Each, itself included, with what is directly above it."""
    team: str = NOBODY
    production: bool = False
    clone: bool = False

    def entities(self) -> Iterator[Mapping[str, Any]]:
        attributes = {"team": _ref("Team", self.team), "production": self.production, "clone": self.clone}
        for one, parents in self.above.items():
            attrs = attributes if one == self.itself and one[0] == "Enver" else {}
            yield {"uid": _uid(one), "attrs": attrs, "parents": [_uid(parent) for parent in parents]}


def _undeclared(enver: str) -> _Thing:
    """One that left the contracts: nobody's, and as guarded as production."""
    build = naming.enver_label(enver).partition("@")[0]
    itself, of, team = ("Enver", naming.enver_label(enver)), ("Build", build), ("Team", NOBODY)
    return _Thing(itself, {itself: (of, team), of: (), team: ()}, production=True)


def _handle(policies: Sequence[CedarPolicy]) -> cedarpy.PolicySet:
    trees = {one.key: one.tree for one in policies}
    return cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": trees, "templates": {}, "templateLinks": []}))


def _verdict(answer: cedarpy.AuthzResult, by_key: Mapping[str, CedarPolicy]) -> Ruling:
    reasons = tuple(by_key[one] for one in sorted(answer.diagnostics.reasons))
    failed = tuple(answer.diagnostics.errors)
    return Ruling(answer.allowed and not failed, reasons, failed)


def _answer(
    handle: cedarpy.PolicySet, who: Who, action: Action, about: _Thing, asked: AnswerContext
) -> cedarpy.AuthzResult:
    teams = sorted(who.teams - {NOBODY})
    attributes = {"kind": _ref("Kind", who.kind), "scope": _ref("Scope", who.scope)}
    actor = {"uid": _uid(("Actor", who.name)), "attrs": attributes, "parents": [_uid(("Team", one)) for one in teams]}
    context: dict[str, Any] = {}
    if action is Action.ANSWER:
        context = {"own": asked.own, "about": _ref("Question", asked.about), "gate": _ref("Team", asked.gate)}
        context |= {"wire": _ref("Wire", asked.wire)} if asked.wire else {}
    request = {
        "principal": _uid(("Actor", who.name)),
        "action": _uid(("Action", action)),
        "resource": _uid(about.itself),
        "context": context,
    }
    groups: Mapping[str, Any] = {
        "uid": _uid(("Action", action)),
        "attrs": {},
        "parents": [_uid(("Action", ABOUT[action].group))],
    }
    entities = json.dumps([actor, groups, *about.entities()])
    return cedarpy.is_authorized(request, handle, entities)  # pyright: ignore[reportUnknownMemberType]  # a bare `dict`


def _uid(named: Named) -> Mapping[str, str]:
    return {"type": named[0], "id": str(named[1])}


def _ref(type: str, name: str) -> Mapping[str, Mapping[str, str]]:
    return {"__entity": {"type": type, "id": name}}


_JUDGES: Final[OrderedDict[int, Judge]] = OrderedDict()


def judge_of(graph: Graph) -> Judge:
    """The judge by a graph's policies, which are sound; the same one while the graph is in use."""
    found = _JUDGES.get(id(graph))
    if found is None or found.graph is not graph:
        own = [policy for file in graph.governed.policies for policy in read_file(file)]
        found = Judge(graph, (*defaults(), *own))
        _JUDGES[id(graph)] = found
        while len(_JUDGES) > _JUDGES_KEPT:
            _JUDGES.popitem(last=False)
    return found
