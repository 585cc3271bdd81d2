"""Who writes what and who reads what of a product: now, while envers move, and after.

Of a product that others write, those are its writers, else its producer is; the same of its readers. So a bus is what
is put on it and what is taken off it, and an API what is served and what its clients rely on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from odmd.graph.schemas import Comparison
from odmd.graph.schemas.comparer import Comparer
from odmd.model import naming
from odmd.plan.fitting.version import End, Move, Version

_EVER: Final = float("inf")
_FITS: Final = Comparison()


@dataclass(frozen=True, slots=True)
class Situation:
    """What runs, who moves, and how documents are compared."""

    runs: Callable[[str], Version | None]
    """What an enver surely runs; None where nothing does, or nobody knows."""
    moves: Mapping[str, Move]
    consumers: Callable[[str], Iterable[str]]
    """The envers that may consume a product: those that the contracts say, and those that still run with it."""
    comparer: Comparer


class _Present(NamedTuple):
    """An end of one version, and from when to when it is there."""

    end: End
    since: float
    until: float
    is_now: bool
    is_after: bool
    held_by: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two versions that are there at the same time and do not fit."""

    product: str
    writer: End
    reader: End
    writer_moves: bool
    """It does not run yet."""
    reader_moves: bool
    held_by: str
    """Who may bring one of them there, as the answer that he got is held for him."""


@dataclass(frozen=True, slots=True)
class ProductLink:
    """One writer and one reader of a product."""

    product: str
    writer: End
    """As it will be."""
    reader: End
    now: Comparison
    meanwhile: Comparison
    after: Comparison
    breaks: Comparison
    """What does not fit meanwhile or after, and does so now."""
    clash: Clash | None = None
    """The first versions of which that is said."""


def links(situation: Situation, movers: Collection[str], *, alone: bool = False) -> Iterator[ProductLink]:
    """All links of the products at which one of the movers stands, each once; `alone`: those at which it stands."""
    for product in dict.fromkeys(one for mover in movers for one in _products(situation, mover)):
        yield from _of_product(situation, product, movers if alone else None)


def _products(situation: Situation, enver: str) -> Iterator[str]:
    """What it makes and what it consumes, before and after."""
    move = situation.moves.get(enver)
    for version in (situation.runs(enver), move.to if move else None):
        if version is not None:
            yield from (one.address for one in version.node.products)
            yield from (one.product for one in version.node.wires)


def _of_product(situation: Situation, product: str, only: Collection[str] | None) -> Iterator[ProductLink]:
    present = [
        one
        for enver in dict.fromkeys((naming.enver_of(product), *situation.consumers(product)))
        for one in _present(situation, enver, product)
    ]
    if not any(one.end.schema or one.end.uses for one in present):
        return
    writers = [one for one in present if one.end.writes and one.end.input] or [
        one for one in present if not one.end.input
    ]
    readers = [one for one in present if one.end.reads and one.end.input] or [
        one for one in present if not one.end.input
    ]
    by_reader = _by_party(readers)
    for writing in _by_party(writers).values():
        for reading in by_reader.values():
            if only is not None and writing[0].end.enver not in only and reading[0].end.enver not in only:
                continue
            if writing[0].end.input or reading[0].end.input:
                yield from _link(situation.comparer, product, writing, reading)


def _by_party(present: Iterable[_Present]) -> Mapping[tuple[str, str], list[_Present]]:
    found: dict[tuple[str, str], list[_Present]] = {}
    for one in present:
        found.setdefault((one.end.enver, one.end.input), []).append(one)
    return found


def _present(situation: Situation, enver: str, product: str) -> Iterator[_Present]:
    runs, move = situation.runs(enver), situation.moves.get(enver)
    if runs is not None:
        until = _EVER if move is None or move.at is None else move.at
        is_after = move is None or bool(move.held_by)
        yield from (_Present(end, -_EVER, until, True, is_after, "") for end in runs.ends(product))
    if move is not None:
        since = -_EVER if move.at is None else move.at
        is_after = not move.held_by
        yield from (_Present(end, since, _EVER, False, is_after, move.held_by) for end in move.to.ends(product))


def _link(comparer: Comparer, product: str, writing: list[_Present], reading: list[_Present]) -> Iterator[ProductLink]:
    """What is said of each two versions that are there at the same time; of one enver, of its two versions."""
    was = next((one.end.document for one in writing if one.is_now), "")
    said = [
        (writer, reader, _compared(comparer, writer.end, reader.end, was))
        for writer, reader in _together(writing, reading)
    ]
    if not said:
        return
    ends = writing[-1].end, reading[-1].end
    if all(found.fits for _, _, found in said):
        yield ProductLink(product, *ends, _FITS, _FITS, _FITS, _FITS)
        return
    now = _joined(found for writer, reader, found in said if writer.is_now and reader.is_now)
    meanwhile = _joined(found for writer, reader, found in said if not (writer.is_now and reader.is_now))
    after = _joined(found for writer, reader, found in said if writer.is_after and reader.is_after)
    clashes = (
        Clash(product, writer.end, reader.end, not writer.is_now, not reader.is_now, writer.held_by or reader.held_by)
        for writer, reader, found in said
        if found.misfits and not (writer.is_now and reader.is_now)
    )
    yield ProductLink(
        product, *ends, now, meanwhile, after, _more(_joined((meanwhile, after)), now), next(clashes, None)
    )


def _together(writing: list[_Present], reading: list[_Present]) -> Iterator[tuple[_Present, _Present]]:
    """Those that are there at the same time; of one enver, two versions of it."""
    for writer in writing:
        for reader in reading:
            together = writer.since <= reader.until and reader.since <= writer.until
            if together and (writer.end.enver != reader.end.enver or writer.is_now != reader.is_now):
                yield writer, reader


def _compared(comparer: Comparer, writer: End, reader: End, was: str) -> Comparison:
    """What is not said cannot be held against anybody: then there are doubts at most."""
    if not writer.document:
        said = bool(reader.schema or reader.uses) and not writer.schema
        return (
            Comparison(doubts=(f"{naming.enver_label(writer.enver)} does not say what it writes",)) if said else _FITS
        )
    if reader.document or reader.uses:
        return comparer.compare(writer.document, reader.document, reader.uses, was or writer.document)
    if not was or was == writer.document:
        return _FITS
    found = comparer.compare(writer.document, was)
    unsaid = f"{naming.enver_label(reader.enver)} does not say what it relies on"
    return Comparison(doubts=tuple(f"{unsaid}, and of what it was given: {one}" for one in found.misfits))


def _joined(found: Iterable[Comparison]) -> Comparison:
    parts = list(found)
    return Comparison(
        tuple(dict.fromkeys(one for part in parts for one in part.misfits)),
        tuple(dict.fromkeys(one for part in parts for one in part.doubts)),
    )


def _more(found: Comparison, than: Comparison) -> Comparison:
    return Comparison(
        tuple(one for one in found.misfits if one not in than.misfits),
        tuple(one for one in found.doubts if one not in than.doubts),
    )
