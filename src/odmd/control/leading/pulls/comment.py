"""What is told of a pull request, as Markdown: nothing that others wrote is markup in it, and it fits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.leading.pulls.desk import OpenAsk
from odmd.control.ports.pulls import Mark, Pull, PullReport
from odmd.control.reading.clones import CloneSetView, CloneView
from odmd.model import naming
from odmd.plan import Plan
from odmd.plan.fitting import FitAnswer, LinkView
from odmd.plan.markdown import LIMIT, markdown, plain
from odmd.plan.words import clock, plural
from odmd.texts import first_of

_SHOWN: Final = 20
_LONGEST_LINE: Final = 500
_LONGEST_PLAN: Final = 30_000
_LONGEST: Final = LIMIT - _LONGEST_PLAN - 1_000
_ID: Final = 12


@dataclass(frozen=True, slots=True)
class Merging:
    """What merging it would do, as far as that is known."""

    fits: tuple[FitAnswer, ...] = ()
    plan: Plan | None = None
    why_not: str = ""
    """Why that is not known."""


@dataclass(frozen=True, slots=True)
class PullStory:
    """All that is told."""

    pull: Pull
    merging: Merging
    clones: CloneSetView | None = None
    shared: tuple[str, ...] = ()
    """Products that its clones use together with others."""
    urls: tuple[tuple[str, str], ...] = ()
    asks: tuple[OpenAsk, ...] = ()
    trouble: str = ""
    """Why it has no clones, though it is to have some."""
    ended: str = ""
    """Why its clones went."""


def shown(told: PullStory) -> PullReport:
    """The comment, and what the check says."""
    head = "\n".join((*_clones(told), *_asks(told.asks), *_fits(told.merging)))
    end = _end(told.pull)
    text = f"{_cut(head)}\n{_plan(told.merging)}\n{end}"
    broken = sum(not one.possible for one in told.merging.fits)
    if broken:
        return PullReport(Mark.BREAKS, f"breaks who runs beside it: {plural(broken, 'enver')}", text)
    waits = bool(told.trouble)
    return PullReport(Mark.WAITS if waits else Mark.FINE, _title(told), text)


def ask_id(one: OpenAsk) -> str:
    """What an answer names, so that it is to this question, about this content, and to no other."""
    said = "\0".join((one.enver, one.question.input, one.question.identity))
    return hashlib.sha256(said.encode()).hexdigest()[:_ID]


def _title(told: PullStory) -> str:
    if told.trouble:
        return "no clones were made"
    if told.clones is not None and not told.clones.ended:
        return f"{told.clones.clone} is there"
    return "fits what runs beside it" if told.merging.fits else "nothing is known to be in its way"


def _clones(told: PullStory) -> Iterator[str]:
    found = told.clones
    if found is None:
        if told.trouble:
            yield from ("### No clones", "", plain(told.trouble[:_LONGEST_LINE]), "")
        elif told.ended:
            yield from ("### Clones", "", f"They went: {plain(told.ended[:_LONGEST_LINE])}.", "")
        return
    yield from (f"### Clones {plain(found.clone)}", "", f"{_stay(found)}.", "")
    yield from ("| clone | of | follows | runs | now |", "|---|---|---|---|---|")
    yield from map(_row, found.clones[:_SHOWN])
    if len(found.clones) > _SHOWN:
        yield f"\nand {len(found.clones) - _SHOWN} more"
    yield ""
    if told.urls:
        yield from (f"- {plain(naming.product_label(name))}: {_address(url)}" for name, url in told.urls[:_SHOWN])
        yield ""
    if told.shared:
        yield f"Shared with others: {plain(first_of(told.shared, _SHOWN))}."
        yield ""


def _stay(found: CloneSetView) -> str:
    if found.ended:
        return f"They are being removed: {plain(found.ended)}"
    by = f"Made by {plain(found.by)}"
    return (
        f"{by}; they stay until {clock(found.until)}" if found.until else f"{by}; they stay until somebody deletes them"
    )


def _row(one: CloneView) -> str:
    runs = f"`{naming.short_commit(one.commit)}`" if one.commit else ""
    said = (plain(text[:_LONGEST_LINE]) for text in (one.enver, one.origin, one.branch))
    return f"| {' | '.join(said)} | {runs} | {plain(one.why[:_LONGEST_LINE])} |"


def _address(url: str) -> str:
    """In a form that GitHub links, and in which nothing ends the link."""
    return f"<{url}>" if url.isascii() and url.isprintable() and not set(url) & set("<> \"'`") else plain(url)


def _asks(asks: Sequence[OpenAsk]) -> Iterator[str]:
    if asks:
        yield from ("### Waits for an answer", "")
        for one in asks[:_SHOWN]:
            label = naming.enver_label(one.enver)
            about = plain(f"{label}: {one.question.about}"[:_LONGEST_LINE])
            whose = f" ({plain(one.question.gate)})" if one.question.gate else ""
            yield f"- {about}{whose}: `/odmd approve {_code(label)} {ask_id(one)}`, or `reject`"
        yield ""


def _fits(merging: Merging) -> Iterator[str]:
    for one in merging.fits[:_SHOWN]:
        word = "can be deployed" if one.possible else "cannot be deployed"
        yield f"{'✓' if one.possible else '✗'} {plain(one.to[:_LONGEST_LINE])} {word} beside what runs<br>"
        yield from _broken([link for link in one.links if link.breaks])


def _broken(links: Sequence[LinkView]) -> Iterator[str]:
    for link in links[:_SHOWN]:
        ends = f"{naming.enver_label(link.writer)} → {naming.enver_label(link.reader)}"
        what = f"{naming.product_label(link.product)}, {ends}: {first_of(link.breaks, 3)}"
        yield f"- {plain(what[:_LONGEST_LINE])}"


def _plan(merging: Merging) -> str:
    if merging.why_not:
        return f"### What merging would deploy is not known\n\n{plain(merging.why_not[:_LONGEST_LINE])}\n"
    if merging.plan is None:
        return ""
    if not merging.plan.stages:
        return "### Merging would deploy nothing new\n"
    inside = markdown(merging.plan, limit=_LONGEST_PLAN).partition("\n")[2]  # its digest is no plan that is kept
    return f"### Merging would deploy\n{inside}"


def _end(pull: Pull) -> str:
    return f"<sub>Of {pull.head}; another push is looked at anew. `/odmd help` says what can be asked for here.</sub>"


def _cut(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST].rpartition(chr(10))[0]}\n\n*… and more: `odmd status` shows all of it.*\n"


def _code(text: str) -> str:
    """In a span of code nothing is markup but its end."""
    return text.replace("`", "'")
