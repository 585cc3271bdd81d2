"""A report as one HTML page with the timeline drawn in it: no network, no library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import pairwise
from typing import Final

from odmd.model import naming
from odmd.simulate.critical_path import Bar
from odmd.simulate.report import Report, span

_WIDTH: Final = 1300
_RIGHT: Final = 74
_ROW: Final = 26
_THICK: Final = 14
_TOP: Final = 30
_LETTER: Final = 7.5
_LONGEST_LABEL: Final = 40
_MOST_ROWS: Final = 1000
_TICKS: Final = 10
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_INKS: Final = ("#4f7cff", "#0fa968", "#a855f7", "#e0922f", "#0ea5b7", "#e0559b", "#84a321", "#7a7fd6")


def picture(report: Report) -> str:
    """The page."""
    page = files("odmd.simulate").joinpath("page")
    style, script = (page.joinpath(name).read_text(encoding="utf-8") for name in ("timeline.css", "timeline.js"))
    imagined, outcome = report.imagined, report.outcome
    organisation = imagined.simulation.graph.organisation
    drawn = _Drawing.of(report).svg() if outcome.bars else "<p>Nothing runs.</p>"
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(f'{organisation}: {imagined.title}')}</title><style>{style}</style></head><body><main>",
            f"<h1>{escape(organisation)}: {escape(imagined.title)}<small>{escape(imagined.base)}</small></h1>",
            f'<ul class="figures">{"".join(_figures(report))}</ul>',
            f'<div class="paper">{drawn}<div class="legend">{"".join(_legend(report))}</div></div>',
            f'<div class="notes">{"".join(_notes(report))}</div>',
            f'</main><div id="tip"></div><script>{script}</script></body></html>\n',
        )
    )


def _figures(report: Report) -> Iterator[str]:
    outcome = report.outcome
    yield _figure(span(outcome.makespan), "until the last run ends")
    yield _figure(span(outcome.critical), "longest chain")
    yield _figure(f"{len(outcome.bars):,}", "runs")
    yield _figure(span(outcome.work), "work of all runs")
    yield _figure(f"{len(outcome.cut_off_only):,}", "envers cut off early")
    if outcome.failed or outcome.held:
        held = {one.enver for one in outcome.held} - {bar.enver for bar in outcome.failed}
        yield _figure(f"{len(outcome.failed):,} + {len(held):,}", "failed runs, held envers", "bad")
    if report.spread:
        spread = report.spread.makespan
        yield _figure(
            f"{span(spread.p50)} · {span(spread.p90)} · {span(spread.p99)}",
            f"p50, p90, p99 of {report.spread.runs} seeds",
        )


def _figure(value: str, what: str, style: str = "") -> str:
    return f'<li class="{style}"><b>{escape(value)}</b><span>{escape(what)}</span></li>'


def _legend(report: Report) -> Iterator[str]:
    waves = report.outcome.waves
    for wave in waves[: len(_INKS)]:
        yield f'<span><i style="--wave:{_ink((wave.id,))}"></i>{escape(wave.cause)}</span>'
    if len(waves) > len(_INKS):
        yield f"<span>and {len(waves) - len(_INKS)} waves more</span>"
    if report.outcome.failed:
        yield '<span><i class="bad"></i>fails</span>'
    yield '<span><i class="in-chain"></i>longest chain</span>'
    yield '<span><i class="wait"></i>waits for others</span>'
    yield '<span><i class="place"></i>waits for a free place</span>'


def _notes(report: Report) -> Iterator[str]:
    helps = (f"{one.what}: {span(one.makespan)}, saves {span(one.saves)}" for one in report.advice)
    chain = (
        f"{naming.enver_label(link.enver)}{' (approval)' if link.approves else ''}: {span(link.seconds)}"
        for link in report.outcome.chain
    )
    yield from _note("What breaks", report.breaks(), "bad")
    yield from _note("What would help", helps, "good")
    yield from _note("Longest chain", (report.chain(), *chain) if report.outcome.bars else ())
    yield from _note("What waits", report.waits())
    yield from _note("Where it ends", report.ends())
    yield from _note("What this rests on", report.assumptions())


def _note(head: str, lines: Iterable[str], style: str = "") -> Iterator[str]:
    if listed := "".join(f"<li>{escape(line)}</li>" for line in lines):
        yield f'<section class="{style}"><h2>{head}</h2><ul>{listed}</ul></section>'


@dataclass(frozen=True, slots=True)
class _Row:
    """One enver and its runs; without an enver, the head of a stage."""

    y: float
    label: str
    enver: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The timeline: a row an enver, stage by stage; time goes right."""

    report: Report
    rows: Sequence[_Row]
    left: float
    hidden: int

    @classmethod
    def of(cls, report: Report) -> _Drawing:
        bars: dict[str, list[Bar]] = {}
        for bar in report.outcome.bars:
            bars.setdefault(bar.enver, []).append(bar)
        rows = list(_rows(report, list(bars.items())[:_MOST_ROWS]))
        longest = min(_LONGEST_LABEL, max(len(row.label) for row in rows))
        return cls(report, rows, 18 + longest * _LETTER, max(0, len(bars) - _MOST_ROWS))

    def svg(self) -> str:
        height = self.rows[-1].y + _ROW + (20 if self.hidden else 4)
        more = (
            f'<text class="stage" x="0" y="{height - 12}">and {self.hidden} envers more</text>' if self.hidden else ""
        )
        return "".join(
            (
                f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="timeline">',
                *self._ticks(height),
                *(part for row in self.rows for part in self._row(row)),
                *self._links(),
                more,
                "</svg>",
            )
        )

    def _x(self, seconds: float) -> float:
        return round(self.left + seconds / (self.report.outcome.makespan or 1.0) * (_WIDTH - _RIGHT - self.left), 1)

    def _ticks(self, height: float) -> Iterator[str]:
        makespan = self.report.outcome.makespan
        step = next((step for step in _STEPS if makespan / step <= _TICKS), makespan / _TICKS)
        for number in range(int(makespan / step) + 1 if step else 1):
            x = self._x(number * step)
            yield f'<line class="grid" x1="{x}" x2="{x}" y1="20" y2="{height}"/>'
            yield f'<text class="tick" x="{x}" y="9">{span(number * step)}</text>'

    def _row(self, row: _Row) -> Iterator[str]:
        middle = row.y + _ROW / 2
        if not row.enver:
            yield f'<text class="stage" x="0" y="{middle + 3}">{escape(row.label)}</text>'
            yield f'<line class="rule" x1="0" x2="{_WIDTH}" y1="{row.y + _ROW}" y2="{row.y + _ROW}"/>'
            return
        label = row.label if len(row.label) <= _LONGEST_LABEL else f"{row.label[: _LONGEST_LABEL - 1]}…"
        is_in = " in" if any(bar.run in self._chain() for bar in row.bars) else ""
        yield f'<g class="row"><rect class="back" x="0" y="{row.y}" width="{_WIDTH}" height="{_ROW}"/>'
        yield f'<text class="name{is_in}" x="8" y="{middle}">{escape(label)}<title>{escape(row.label)}</title></text>'
        for bar in row.bars:
            yield from self._waiting(bar, middle)
        for bar in row.bars:
            yield from self._bar(bar, middle)
        yield "</g>"

    def _waiting(self, bar: Bar, y: float) -> Iterator[str]:
        due, ready, began = map(self._x, (bar.due, bar.ready, bar.began))
        if ready > due:
            yield f'<line class="wait" x1="{due}" x2="{ready}" y1="{y}" y2="{y}"/>'
        if began > ready:
            yield f'<line class="place" x1="{ready}" x2="{began}" y1="{y}" y2="{y}"/>'

    def _bar(self, bar: Bar, y: float) -> Iterator[str]:
        began, ended = self._x(bar.began), self._x(bar.ended)
        style = f"bar{' bad' if bar.error else ''}{' in-chain' if bar.run in self._chain() else ''}"
        tip = escape("\n".join(_told(self.report, bar)), quote=True)
        yield (
            f'<rect class="{style}" style="--wave:{_ink(bar.waves)}" x="{began}" y="{y - _THICK / 2}" '
            f'width="{max(2.0, round(ended - began, 1))}" height="{_THICK}" data-tip="{tip}" tabindex="0"/>'
        )
        yield f'<text class="took" x="{ended + 7}" y="{y}">{span(bar.seconds)}</text>'

    def _chain(self) -> frozenset[int]:
        return frozenset(link.run for link in self.report.outcome.chain if link.run is not None)

    def _links(self) -> Iterator[str]:
        """From the end of each link of the longest chain to the beginning of the next."""
        middles = {row.enver: row.y + _ROW / 2 for row in self.rows if row.enver}
        runs = [link for link in self.report.outcome.chain if link.run is not None and link.enver in middles]
        for one, other in pairwise(runs):
            x, to = self._x(one.ended), self._x(other.began)
            above, below = middles[one.enver], middles[other.enver]
            edge = _THICK / 2 if below > above else -_THICK / 2
            yield f'<path class="link" d="M{x} {above + edge}V{below - edge if to <= x else below}H{to}"/>'


def _rows(report: Report, bars: Sequence[tuple[str, Sequence[Bar]]]) -> Iterator[_Row]:
    stages: dict[str, list[tuple[str, Sequence[Bar]]]] = {}
    for enver, runs in bars:
        stages.setdefault(report.imagined.simulation.graph.envers[enver].stage, []).append((enver, runs))
    y = float(_TOP)
    for stage, envers in stages.items():
        if len(stages) > 1:
            yield _Row(y, stage, "", ())
            y += _ROW
        for enver, runs in envers:
            yield _Row(y, naming.enver_label(enver), enver, runs)
            y += _ROW


def _told(report: Report, bar: Bar) -> Iterator[str]:
    yield f"{naming.enver_label(bar.enver)}, run {bar.run}, {bar.mode}"
    yield f"{span(bar.began)} to {span(bar.ended)}: {span(bar.seconds)}{', fails' if bar.error else ''}"
    yield from bar.reasons
    if bar.steps:
        yield f"steps: {', '.join(bar.steps)}"
    if waited := " and ".join(report.waits_of(bar)):
        yield f"waited {waited}"
    if bar.published:
        yield f"publishes {', '.join(product.rpartition('/')[2] for product in bar.published)}"


def _ink(waves: tuple[int, ...]) -> str:
    return _INKS[(waves[0] - 1) % len(_INKS)] if waves else _INKS[0]
