"""A simulation as text: what becomes of its runs in time, what breaks, what waits and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from odmd.simulate import Bar, Percentiles, Report

_ROWS: Final = 30
_INK: Final = ("cyan", "magenta", "green", "blue", "yellow")
_NARROWEST: Final = 16


def show(report: Report) -> None:
    """Prints a report for people."""
    from rich.text import Text

    from odmd.cli.output import console

    out, imagined = console(), report.imagined
    organisation = imagined.simulation.graph.organisation
    out.print(Text().append(organisation, "bold").append(f": {imagined.title}, {imagined.base}"), soft_wrap=True)
    out.print(Text(report.headline(), "bold green" if not report.breaks() else "bold yellow"), soft_wrap=True)
    for line in _waves(report):
        out.print(line, soft_wrap=True)
    if report.outcome.bars:
        out.print()
        for line in _timeline(report, out.width):
            out.print(line, soft_wrap=True)
    for head, lines in _sections(report):
        _show_section(out, head, lines)
    _show_percentiles(report)


def _sections(report: Report) -> Iterator[tuple[str, Iterable[str]]]:
    from odmd.simulate import span

    yield "What breaks", report.breaks()
    yield "Longest chain", _chain(report)
    yield "What waits", report.waits()
    yield "Where it ends", report.ends()
    yield "What would help", (f"{one.what}: {span(one.makespan)}, saves {span(one.saves)}" for one in report.advice)
    yield "What this rests on", report.assumptions()


def _show_section(out: Console, head: str, lines: Iterable[str]) -> None:
    from rich.text import Text

    listed = list(lines)
    if listed:
        out.print()
        out.print(Text(head, "bold red" if head == "What breaks" else "bold"))
    for line in listed[:_ROWS]:
        out.print(Text(f"  {line}"), soft_wrap=True)
    if len(listed) > _ROWS:
        out.print(Text(f"  and {len(listed) - _ROWS} more: --json has all", "dim"))


def _chain(report: Report) -> Iterator[str]:
    from odmd.model import naming
    from odmd.simulate import span

    if report.outcome.bars:
        yield report.chain()
    for link in report.outcome.chain:
        what = f" (approval of {link.approves})" if link.approves else ""
        yield f"◆ {naming.enver_label(link.enver)}{what}: {span(link.seconds)}"


def _waves(report: Report) -> Iterator[Text]:
    """The waves, if there are several."""
    from rich.text import Text

    from odmd.cli.output import plural
    from odmd.simulate import span

    waves = report.outcome.waves
    for wave in waves[:_ROWS] if len(waves) > 1 else ():
        line = Text("  ▪ ", _ink((wave.id,))).append(f"wave {wave.id}, {wave.cause}: ")
        ends = f", from {span(wave.at)} to {span(wave.ended)}" if wave.runs else ""
        yield line.append(f"{plural(wave.runs, 'run')}{ends}")


def _timeline(report: Report, width: int) -> Iterator[Text]:
    """A line a run: `·` waits for others, `╌` for a free place, `━` runs, `◆` in the longest chain."""
    from rich.text import Text

    from odmd.model import naming
    from odmd.simulate import span

    outcome = report.outcome
    shown = outcome.bars[:_ROWS]
    labels = max(len(naming.enver_label(bar.enver)) for bar in shown)
    told = [f"{span(bar.seconds)} {'failed' if bar.error else bar.mode}" for bar in shown]
    columns = max(_NARROWEST, width - labels - max(map(len, told)) - 5)
    chain = {link.run for link in outcome.chain}
    for bar, right in zip(shown, told, strict=True):
        line = Text(f"{naming.enver_label(bar.enver):<{labels}} ", "bold" if bar.run in chain else "")
        line.append_text(_bar(bar, columns, outcome.makespan)).append(f" {right}", "dim")
        yield line.append(" ◆" if bar.run in chain else "")
    if len(outcome.bars) > _ROWS:
        yield Text(f"and {len(outcome.bars) - _ROWS} more runs: --html draws all, --json has all", "dim")
    yield Text(f"{'':<{labels}} 0{span(outcome.makespan):>{columns - 1}}", "dim")


def _bar(bar: Bar, columns: int, makespan: float) -> Text:
    from rich.text import Text

    def column(seconds: float) -> int:
        return round(seconds / makespan * columns) if makespan else 0

    due, ready, began = column(bar.due), column(bar.ready), min(column(bar.began), columns - 1)
    ended = max(column(bar.ended), began + 1)
    line = Text(" " * due).append("·" * (ready - due), "dim").append("╌" * (began - ready), "yellow")
    line.append("━" * (ended - began), "bold red" if bar.error else _ink(bar.waves))
    return line.append(" " * (columns - ended))


def _ink(waves: tuple[int, ...]) -> str:
    return _INK[(waves[0] - 1) % len(_INK)] if waves else "white"


def _show_percentiles(report: Report) -> None:
    from odmd.cli.output import cells, console, table
    from odmd.model import naming
    from odmd.simulate import span

    if (spread := report.spread) is None:
        return
    console().print()
    console().print(f"[bold]Over {spread.runs} seeds[/], when each is done")
    shown = table("enver", "runs in", "p50", "p90", "p99")
    shown.add_row(*cells("everything", "100%", *map(span, _three(spread.makespan))))
    slowest = sorted(spread.envers.items(), key=lambda one: -one[1].p50)
    for enver, spent in slowest[:_ROWS]:
        shown.add_row(*cells(naming.enver_label(enver), f"{spread.share[enver]:.0%}", *map(span, _three(spent))))
    console().print(shown)
    if len(slowest) > _ROWS:
        console().print(f"[dim]and {len(slowest) - _ROWS} more: --json has all[/]")


def _three(percentiles: Percentiles) -> tuple[float, float, float]:
    return percentiles.p50, percentiles.p90, percentiles.p99
