"""An order of deployments in which nobody breaks although the first one would break somebody: readers or writers first,
or expand, migrate, contract.

Each step is held against what runs by then, old and new beside each other, before it is proposed. So who follows the
steps never passes through a state in which a link does not fit that fits now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from odmd.graph.schemas import Json
from odmd.model import naming
from odmd.plan.fitting.expanded import both, called, lost, without
from odmd.plan.fitting.links import Clash, Situation, links
from odmd.plan.fitting.version import End, KnownVersions, Move, Version

_MOST_PARTIES: Final = 300
_EARLIER: Final = 3
"""Versions of before that are tried of each enver."""


class Phase(StrEnum):
    """What a step is for."""

    DEPLOY = "deploy"
    EXPAND = "expand"
    MIGRATE = "migrate"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class ProposedStep:
    """One deployment of an order."""

    phase: Phase
    enver: str
    to: str
    """The version, in words: `as the contracts say now`, `at 4f2a91c`."""
    says: str
    """All of it, for people."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A step, and what its enver is after it."""

    step: ProposedStep
    version: Version
    documents: Mapping[str, Json]
    """Those that it would have and nobody has written yet, by digest."""


def staged(situation: Situation, movers: Mapping[str, Move], known: KnownVersions) -> list[Staged]:
    """Steps that bring the movers where they shall be; none where no such order is found."""
    broken = [one for one in links(situation, movers) if one.breaks.misfits and one.clash]
    ends = {end.enver for one in broken for end in (one.writer, one.reader)}
    if not broken or len(ends) > _MOST_PARTIES or any(one.clash and one.clash.held_by for one in broken):
        return []
    return _Order(situation, known, {one: movers[one].to for one in movers if one in ends}).find()


class _Order:
    """Looked for from what runs on, a step at a time."""

    def __init__(self, situation: Situation, known: KnownVersions, targets: Mapping[str, Version]) -> None:
        self._situation, self._known = situation, known
        self._pending = dict(targets)
        self._reached: dict[str, Version] = {}
        self._steps: list[Staged] = []
        self._imagined: dict[str, Json] = {}
        self._lost: dict[str, str] = {}
        """Of an enver that goes on with what is old: what that is."""

    def find(self) -> list[Staged]:
        """The steps; none where it gets stuck."""
        while self._pending:
            if not (self._arrive() or self._prepare() or self._expand()):
                return []
        return self._steps

    def _arrive(self) -> bool:
        """Brings one of the movers where it shall be, if nobody breaks."""
        for enver, target in self._pending.items():
            if not self._breaks(enver, target):
                del self._pending[enver]
                self._go(enver, target, self._arriving(enver))
                return True
        return False

    def _prepare(self) -> bool:
        """Brings those whom a mover would break to versions that fit what is to come."""
        before = len(self._steps)
        for enver, target in self._pending.items():
            for clash in self._breaks(enver, target):
                partner = clash.reader if clash.writer_moves else clash.writer
                if partner.enver not in (enver, *self._pending, *self._reached):
                    self._bring(partner, clash, target, Phase.MIGRATE if enver in self._lost else Phase.DEPLOY)
        return len(self._steps) > before

    def _bring(self, partner: End, clash: Clash, target: Version, phase: Phase) -> None:
        for version, words in self._versions(partner, clash, target):
            if self._suits(version, clash) and not self._breaks(partner.enver, version):
                self._go(partner.enver, version, _step(phase, partner.enver, words))
                return

    def _expand(self) -> bool:
        """Lets one of the movers, or of those that it needs, write what is old beside what is new."""
        for enver, target in self._pending.items():
            for clash in self._breaks(enver, target):
                writer = clash.writer.enver
                wanted = target if clash.writer_moves else self._known.declared(writer)
                now = self._runs(writer)
                if writer in self._lost or wanted is None or now is None:
                    continue
                made = both(now, wanted, clash.writer.input, self._situation.comparer)
                if made is None or self._breaks(writer, made.version, made.documents):
                    continue
                self._imagine(made.documents)
                self._lost[writer] = called(lost(now, wanted, clash.writer.input, self._situation.comparer))
                if made.is_more:  # else it writes all of that already
                    self._go(writer, made.version, _expanding(writer, self._lost[writer]))
                return True
        return False

    # steps

    def _go(self, enver: str, version: Version, step: ProposedStep) -> None:
        self._reached[enver] = version
        self._steps.append(Staged(step, version, dict(self._imagined)))

    def _arriving(self, enver: str) -> ProposedStep:
        label = naming.enver_label(enver)
        if enver in self._lost:
            says = f"contract: let {label} leave {self._lost[enver]} out, and deploy it"
            return ProposedStep(Phase.CONTRACT, enver, f"without {self._lost[enver]}", says)
        return ProposedStep(
            Phase.DEPLOY, enver, "as it was asked for", f"then deploy {label}" if self._steps else f"deploy {label}"
        )

    def _versions(self, partner: End, clash: Clash, target: Version) -> Iterator[tuple[Version, str]]:
        """Those that it may be brought to: known ones first, then what it would be if it needed less."""
        now = self._runs(partner.enver)
        if (declared := self._known.declared(partner.enver)) is not None and declared != now:
            yield declared, "as the contracts say now"
        for at, one in enumerate(self._known.earlier(partner.enver)):
            if at == _EARLIER:
                break
            yield one, f"at {naming.short_commit(one.commit)}"
        writer = clash.writer.enver
        if now is not None and clash.writer_moves and writer in self._lost:
            running = self._runs(writer)
            gone = lost(running, target, clash.writer.input, self._situation.comparer) if running else frozenset[str]()
            if (made := without(now, clash.reader, gone, self._situation.comparer)) is not None:
                self._imagine(made.documents)
                yield made.version, f"once it needs {self._lost[writer]} no more"

    def _suits(self, version: Version, clash: Clash) -> bool:
        """Whether a version of the one that stays fits the one that is to come."""
        stays, comes = (clash.reader, clash.writer) if clash.writer_moves else (clash.writer, clash.reader)
        mine = next((one for one in version.ends(clash.product) if one.input == stays.input), None)
        if mine is None or not (mine.document or mine.uses):
            return False
        writer, reader = (comes, mine) if clash.writer_moves else (mine, comes)
        return not self._situation.comparer.compare(
            writer.document, reader.document, reader.uses, writer.document
        ).misfits

    # what runs by then

    def _runs(self, enver: str) -> Version | None:
        return self._reached.get(enver) or self._situation.runs(enver)

    def _breaks(self, enver: str, version: Version, documents: Mapping[str, Json] | None = None) -> list[Clash]:
        """What would clash if an enver were brought there now."""
        base = self._with(documents) if documents else self._situation
        held = {one: move for one, move in base.moves.items() if move.held_by and one != enver}
        then = replace(base, runs=self._runs, moves={**held, enver: Move(version, 0)})
        return [one.clash for one in links(then, [enver], alone=True) if one.breaks.misfits and one.clash]

    def _imagine(self, documents: Mapping[str, Json]) -> None:
        self._imagined |= documents
        self._situation = self._with(documents)

    def _with(self, documents: Mapping[str, Json]) -> Situation:
        return replace(self._situation, comparer=self._situation.comparer.beside(documents))


def _step(phase: Phase, enver: str, words: str) -> ProposedStep:
    prefix = "migrate: " if phase is Phase.MIGRATE else ""
    return ProposedStep(phase, enver, words, f"{prefix}deploy {naming.enver_label(enver)} {words}")


def _expanding(writer: str, names: str) -> ProposedStep:
    label = naming.enver_label(writer)
    says = f"expand: let {label} go on with {names} beside what is new, and deploy it"
    return ProposedStep(Phase.EXPAND, writer, f"with {names} beside what is new", says)
