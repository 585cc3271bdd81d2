"""What runs and what is to run, with the documents of both, as far as they are kept: what fits beside what."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from odmd.control.leading.documents import digests
from odmd.control.leading.slices import find_slice
from odmd.control.leading.verdicts import KeptVerdicts
from odmd.control.ports.reads import Texts
from odmd.control.reading.documents import find_document, find_said, find_sources, schemas_of
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.messages import HoldAnswer
from odmd.control.scheduler.state import Hold
from odmd.errors import AnotherAnswerHeld, CommitAmbiguous, EnverUnknown
from odmd.graph import EnverNode, Graph
from odmd.graph.schemas import Json
from odmd.graph.schemas.comparer import Comparer
from odmd.model import naming
from odmd.plan import Plan, Recorded
from odmd.plan.fitting import FitAnswer, KnownVersions, Move, Situation, Version, answer, misfits
from odmd.plan.words import clock

if TYPE_CHECKING:
    from odmd.graph.difference import Edition

_SHORTEST = 7
_LONGER = 12
_AS_DECLARED = " (by the contracts as they are now, as no documents of that commit are kept)"


@dataclass(frozen=True, slots=True)
class DeployAsked:
    """Whether something may be deployed."""

    enver: str
    """As somebody typed it."""
    commit: str = ""
    """Of a source; one that was never deployed is by the contracts of today. Empty: what comes next, by those."""
    to: str = ""
    """The stage where it would run; empty: the enver itself."""


@dataclass(frozen=True)
class InUse:
    """The contracts of today, what is recorded, and the documents that go with them."""

    edition: Edition
    recorded: Recorded
    texts: Texts | None
    before: Edition | None = None
    """The contracts that were carried out before documents were kept by source."""
    held: Mapping[str, Hold] = field(default_factory=dict[str, Hold])
    """Enver → where somebody may bring it, as the answer that he got is held for him."""
    verdicts: KeptVerdicts | None = None
    """What was found of documents before."""

    @property
    def graph(self) -> Graph:
        return self.edition.graph

    @cached_property
    def comparer(self) -> Comparer:
        return Comparer(self.document, self.verdicts)

    @cached_property
    def known(self) -> KnownVersions:
        return KnownVersions(self.declared, self.earlier)

    # documents

    def document(self, of_it: str) -> Json | None:
        """By its digest."""
        if (found := self._loaded.get(of_it)) is not None:
            return found
        return find_document(self.texts, of_it) if self.texts else None

    @cached_property
    def _loaded(self) -> Mapping[str, Json]:
        then = {self._then[name]: one for name, one in self.before.documents.items()} if self.before else {}
        return then | {self._now[name]: one for name, one in self.edition.documents.items()}

    @cached_property
    def _now(self) -> Mapping[str, str]:
        return digests(self.edition.documents)

    @cached_property
    def _then(self) -> Mapping[str, str]:
        return digests(self.before.documents) if self.before else {}

    # versions

    def runs(self, enver: str) -> Version | None:
        """What surely runs."""
        if enver not in self._runs:
            self._runs[enver] = self._read(enver)
        return self._runs[enver]

    @cached_property
    def _runs(self) -> dict[str, Version | None]:
        return {}

    def _read(self, enver: str) -> Version | None:
        known = self.recorded.envers.get(enver)
        if known is None or (runs := known.deployed) is None:
            return None
        node = self._node(enver, runs.slice)
        return node and Version(node, {**self._then, **self._said(node.build, runs.source)}, runs.commit)

    def declared(self, enver: str) -> Version | None:
        """What the contracts of today say."""
        node = self.graph.envers.get(enver)
        return node and Version(node, self._now)

    def wanted(self, enver: str, slice: str, source: str, commit: str) -> Version | None:
        """What a source would be under a slice of the contracts."""
        node = self._node(enver, slice)
        return node and Version(node, {**self._now, **self._said(node.build, source)}, commit)

    def earlier(self, enver: str) -> Iterator[Version]:
        """Versions of its build that were deployed, the newest first."""
        node = self.graph.envers.get(enver)
        for one in find_sources(self.texts, node.build) if node and self.texts else ():
            if node:
                yield Version(node, self._said(node.build, one.source), one.commit)

    def _said(self, build: str, source: str) -> Mapping[str, str]:
        return schemas_of(find_said(self.texts, build, source)) if self.texts else {}

    def _node(self, enver: str, slice: str) -> EnverNode | None:
        if enver in self.graph.envers and self.graph.slice(enver) == slice:
            return self.graph.envers[enver]
        found = find_slice(self.texts, self.graph, enver, slice) if self.texts else None
        return found.enver if found else None

    # who consumes

    def consumers(self, product: str) -> Iterable[str]:
        """Those that the contracts say, and those that run with it under earlier ones."""
        declared = (wire.consumer for wire in self.graph.consumers(product))
        return dict.fromkeys((*declared, *self._elsewhere.get(product, ())))

    @cached_property
    def _elsewhere(self) -> Mapping[str, list[str]]:
        """Product → who runs with it under a slice that is not today's."""
        found: dict[str, list[str]] = {}
        for enver, known in self.recorded.envers.items():
            runs, node = known.deployed, self.graph.envers.get(enver)
            if runs is None or (node is not None and self.graph.slice(enver) == runs.slice):
                continue
            version = self.runs(enver)
            for wire in version.node.wires if version else ():
                found.setdefault(wire.product, []).append(enver)
        return found

    # questions

    def situation(self, moves: Mapping[str, Move]) -> Situation:
        """With these moves, and those that somebody may make still."""
        return Situation(self.runs, {**self._held, **moves}, self.consumers, self.comparer)

    @cached_property
    def _held(self) -> Mapping[str, Move]:
        """Where others may bring envers, whenever they like."""
        found: dict[str, Move] = {}
        for enver, hold in self.held.items():
            if (node := self._node(enver, hold.slice)) is not None:
                version = Version(node, dict(hold.schemas), hold.commit)
                found[enver] = Move(version, None, f"{hold.by} until {clock(hold.until)}")
        return found

    def hold(self, asked: DeployAsked, by: Actor, at: float, until: float) -> HoldAnswer:
        """What holds the answer to a question for who asked it.

        Raises:
            EnverUnknown, CommitAmbiguous
        """
        _, moves = self.moves(asked)
        held = [(enver, _hold(move.to, by, at, until)) for enver, move in moves.items()]
        return HoldAnswer(tuple(held), tuple(hold.id for enver, hold in self.held.items() if enver not in moves))

    def refuse_held(self, asked: DeployAsked, by: Actor) -> None:
        """Whether somebody else holds an answer for the same envers.

        Raises:
            EnverUnknown, CommitAmbiguous, AnswerHeld
        """
        for enver in self.moves(asked)[1]:
            hold = self.held.get(enver)
            if hold is not None and hold.by.name != by.name:
                label = naming.enver_label(enver)
                raise AnotherAnswerHeld(
                    f"{hold.by} holds the answer for {label} until {clock(hold.until)}",
                    next_step=f"wait for that deployment, or ask {hold.by} for `odmd can-i-deploy {label} --let-go`",
                )

    def with_misfits(self, plan: Plan) -> Plan:
        """The plan, with what its certain steps would break."""
        moves: dict[str, Move] = {}
        for stage in plan.stages:
            for step in stage.steps:
                if step.certain and step.commit:
                    to = self.wanted(step.enver, step.slice, step.content or step.commit, step.commit)
                    moves |= {step.enver: Move(to, stage.number)} if to else {}
        if not moves:
            return plan
        found = sorted(misfits(self.situation(moves), list(moves), self.known), key=lambda one: (not one.surely, one))
        self._keep_verdicts()
        first, others = found[:1], [one._replace(proposal=()) for one in found[1:]]  # an order is of all, and said once
        return replace(plan, misfits=(*first, *others)) if found else plan

    def can_deploy(self, asked: DeployAsked) -> FitAnswer:
        """Whether somebody breaks.

        Raises:
            EnverUnknown, CommitAmbiguous
        """
        enver, moves = self.moves(asked)
        as_declared = not self._is_kept(asked, enver)
        to = _to(moves) + (_AS_DECLARED if as_declared and asked.commit else "")
        found = answer(self.situation(moves), list(moves), enver, to, self.known)
        self._keep_verdicts()
        return replace(found, as_declared=as_declared)

    def _keep_verdicts(self) -> None:
        if self.verdicts is not None:
            self.verdicts.keep()

    def _is_kept(self, asked: DeployAsked, enver: str) -> bool:
        """Whether the source that is meant has documents of its own."""
        if not asked.commit:
            return bool(asked.to and self.runs(enver))
        sources = find_sources(self.texts, self.graph.envers[enver].build) if self.texts else ()
        return any(one.commit.startswith(asked.commit) for one in sources)

    def moves(self, asked: DeployAsked) -> tuple[str, Mapping[str, Move]]:
        """The enver that is asked about, and where it would be brought.

        Raises:
            EnverUnknown, CommitAmbiguous
        """
        address = naming.enver_address(asked.enver, self.graph.envers)
        if (node := self.graph.envers.get(address)) is None:
            raise EnverUnknown(
                f"{naming.enver_label(address)} is not in the contracts", next_step="`odmd graph` shows what is"
            )
        commit, schemas = self._source(asked, node)
        if not asked.to:
            return address, {address: Move(Version(node, {**self._now, **schemas}, commit), 0)}
        there = [one for one in self.graph.envers.values() if one.build == node.build and one.stage == asked.to]
        if not there:
            raise EnverUnknown(
                f"{node.build} has no enver at stage {asked.to}",
                next_step=f"stages of {node.build}: {', '.join(self._stages(node.build))}",
            )
        return address, {one.address: Move(Version(one, {**self._now, **schemas}, commit), 0) for one in there}

    def _stages(self, build: str) -> list[str]:
        return sorted({one.stage for one in self.graph.envers.values() if one.build == build})

    def _source(self, asked: DeployAsked, node: EnverNode) -> tuple[str, Mapping[str, str]]:
        """The commit that is meant, and the documents of its source, as far as it was deployed."""
        if not asked.commit:
            runs = self.runs(node.address) if asked.to else None
            return (runs.commit, runs.schemas) if runs else ("", {})
        sources = find_sources(self.texts, node.build) if self.texts else ()
        found = {one.source: one for one in sources if one.commit.startswith(asked.commit)}
        if len(found) > 1:
            ways = ", ".join(one.commit[:_LONGER] for one in found.values())
            raise CommitAmbiguous(
                f"{asked.commit} may be any of {ways}, which were deployed of {node.build}", next_step="give more of it"
            )
        for source, one in found.items():
            return one.commit, self._said(node.build, source)
        return asked.commit, {}


def _hold(version: Version, by: Actor, at: float, until: float) -> Hold:
    schemas = tuple(sorted(version.schemas.items()))
    return Hold(uuid.uuid4().hex, by, at, until, version.commit, version.node.slice(), schemas)


def _to(moves: Mapping[str, Move]) -> str:
    commit = next(iter(moves.values())).to.commit
    what = f"at {commit[:_SHORTEST]}" if commit else "as the contracts say now"
    envers = ", ".join(map(naming.enver_label, moves))
    return f"{envers} {what}"
