"""Whether something can be deployed beside what runs: told as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from odmd.graph.schemas import Comparison
from odmd.model import naming
from odmd.plan.fitting.links import ProductLink, Situation, links
from odmd.plan.fitting.staging import ProposedStep, staged
from odmd.plan.fitting.version import End, KnownVersions, Version
from odmd.plan.stages import SchemaMisfit

FITS, BREAKS, UNKNOWN = "fits", "does not fit", "not known"


@dataclass(frozen=True, slots=True)
class LinkView:
    """One writer and one reader of a product, for people and programs."""

    product: str
    writer: str
    reader: str
    input: str
    """Of the reader, or of the writer where the producer reads."""
    teams: tuple[str, ...]
    """Of writer and reader."""
    now: str
    meanwhile: str
    after: str
    """`fits`, `does not fit` or `not known`."""
    breaks: tuple[str, ...]
    """What does not fit, and does so now."""
    doubts: tuple[str, ...]
    """Of what nobody can tell whether it fits, and why."""
    already: tuple[str, ...]
    """What does not fit now."""
    fitting: tuple[str, ...] = ()
    """Versions that would fit."""
    held_by: str = ""
    """Who holds an answer without which it would fit."""


@dataclass(frozen=True, slots=True)
class FitAnswer:
    """Whether an enver can be deployed beside what runs."""

    enver: str
    to: str
    """What it would be brought to, in words."""
    possible: bool
    links: tuple[LinkView, ...]
    """Those that break first."""
    held_until: float | None = None
    """The answer is held until then, if it is."""
    proposal: tuple[ProposedStep, ...] = ()
    """Of a no: an order of deployments in which nobody breaks, if one was found."""
    as_declared: bool = False
    """By the documents of today's contracts, not those that a source was deployed with."""


def answer(situation: Situation, movers: Sequence[str], enver: str, to: str, known: KnownVersions) -> FitAnswer:
    """Yes, or the links that break and what would help."""
    found = [view(one, situation, known) for one in links(situation, movers)]
    ordered = sorted(found, key=lambda one: (not one.breaks, not one.doubts, one.product, one.writer, one.reader))
    possible = not any(one.breaks for one in found)
    steps = () if possible else _order(situation, movers, known)
    return FitAnswer(enver, to, possible, tuple(ordered), proposal=tuple(steps))


def _order(situation: Situation, movers: Sequence[str], known: KnownVersions) -> Iterator[ProposedStep]:
    moves = {one: situation.moves[one] for one in movers if one in situation.moves}
    yield from (one.step for one in staged(situation, moves, known))


def view(link: ProductLink, situation: Situation, known: KnownVersions) -> LinkView:
    """A link in words; of one that breaks, also what would help."""
    breaks = bool(link.breaks.misfits)
    return LinkView(
        product=link.product,
        writer=link.writer.enver,
        reader=link.reader.enver,
        input=link.reader.input or link.writer.input,
        teams=(link.writer.team, link.reader.team),
        now=_word(link.now),
        meanwhile=_word(_joined(link.now, link.meanwhile)),
        after=_word(link.after),
        breaks=link.breaks.misfits,
        doubts=link.breaks.doubts,
        already=link.now.misfits,
        fitting=tuple(dict.fromkeys(_fitting(link, situation, known))) if breaks else (),
        held_by=link.clash.held_by if link.clash else "",
    )


def _joined(one: Comparison, other: Comparison) -> Comparison:
    return Comparison((*one.misfits, *other.misfits), (*one.doubts, *other.doubts))


def misfits(situation: Situation, movers: Sequence[str], known: KnownVersions) -> Iterator[SchemaMisfit]:
    """What of a plan's moves breaks whom, or may, for the plan to tell; with each that breaks, an order for all."""
    proposal = tuple(one.says for one in _order(situation, movers, known))
    for link in links(situation, movers):
        if link.breaks.misfits or link.breaks.doubts:
            one = view(link, situation, known)
            yield SchemaMisfit(
                product=one.product,
                writer=one.writer,
                reader=one.reader,
                input=one.input,
                team=one.teams[1],
                surely=bool(one.breaks),
                says=one.breaks or one.doubts,
                fitting=one.fitting,
                proposal=proposal if one.breaks else (),
                held_by=one.held_by,
            )


def _word(found: Comparison) -> str:
    return BREAKS if found.misfits else UNKNOWN if found.doubts else FITS


def _fitting(link: ProductLink, situation: Situation, known: KnownVersions) -> Iterator[str]:
    """Versions of the one that fit the other, as it is said to break."""
    if (clash := link.clash) is None:
        return
    for end, is_writer in ((clash.writer, True), (clash.reader, False)):
        for version in _versions(end, situation, known):
            for mine in version.ends(link.product):
                if mine.input != end.input or mine.document in ("", end.document):
                    continue
                ways = (mine, clash.reader) if is_writer else (clash.writer, mine)
                if not _compare(situation, *ways).misfits:
                    yield _called(version, situation, known)


def _compare(situation: Situation, writer: End, reader: End) -> Comparison:
    return situation.comparer.compare(writer.document, reader.document, reader.uses, writer.document)


def _versions(end: End, situation: Situation, known: KnownVersions) -> Iterator[Version]:
    """What runs, what is declared, and what ran before that."""
    runs = situation.runs(end.enver)
    earlier = (one for one in known.earlier(end.enver) if runs is None or one.commit != runs.commit)
    yield from (one for one in (runs, known.declared(end.enver), *earlier) if one is not None)


def _called(version: Version, situation: Situation, known: KnownVersions) -> str:
    label = naming.enver_label(version.node.address)
    if version == situation.runs(version.node.address):
        return f"{label} as it runs"
    return (
        f"{label} as the contracts say now"
        if version == known.declared(version.node.address)
        else f"{label} at {naming.short_commit(version.commit)}"
    )
