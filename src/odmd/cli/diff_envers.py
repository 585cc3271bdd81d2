"""Two envers, or one at two times, as a terminal shows what differs: by why it does, and what it is about."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from odmd.compare.comparison import Because, Section

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from odmd.compare.comparison import CommitView, Differs, EnverComparison, SideView

_UNITS: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_AGO: Final = re.compile(r"(\d+(?:\.\d+)?)(s|m|min|h|d|w)")
_SHOWN: Final = 20
"""Of one section; `--json` and `--html` have all."""
_STYLE: Final = {Because.UNEXPLAINED: "bold red", Because.AGE: "yellow", Because.INTENT: "cyan"}
_MEANS: Final = {
    Because.UNEXPLAINED: "nothing that is recorded explains it",
    Because.AGE: "one of them is behind",
    Because.INTENT: "somebody says so: config, stage, contracts",
}


def diff_envers(
    before: str,
    after: str,
    at: float | None,
    run: int | None,
    state: Path | None,
    server: str | None,
    html: Path | None,
    *,
    side_by_side: bool,
    json: bool,
) -> bool:
    """Shows what differs; whether anything does."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json
    from odmd.control.leading.comparing import CompareAsked

    with errors_as(json=json):
        with plane(server, state) as there:
            found = there.compare(CompareAsked(before, after, at, run))
        if html is not None:
            from odmd.compare.page import page

            html.write_text(page(found), encoding="utf-8")
    if json:
        print_json(found)
    else:
        _show(console(), found, side_by_side=side_by_side)
        if html is not None:
            console().print(f"written to {html}", highlight=False, soft_wrap=True)
    return bool(found.differences)


def moment_or_run(said: str) -> tuple[float | None, int | None]:
    """Seconds since the epoch, or the number of a run."""
    if said.isascii() and said.isdecimal() and len(said) <= len("9007199254740991"):
        return None, int(said)
    if found := _AGO.fullmatch(said):
        return time.time() - float(found[1]) * _UNITS[found[2]], None
    try:
        return datetime.fromisoformat(said).timestamp(), None
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{said} is neither how long ago (1w, 2d), nor a time (2030-01-31T18:00), nor the number of a run"
        ) from None


def _show(out: Console, found: EnverComparison, *, side_by_side: bool) -> None:
    say = _saying(out)
    for name, side in (("before", found.before), ("after ", found.after)):
        say(f"{name}  {_side(side)}")
    if not found.differences:
        say("✓ nothing differs, but for what their names and places stand for", "green")
    for because in (Because.UNEXPLAINED, Because.AGE, Because.INTENT):
        if found.of(because):
            say("")
            say(f"{because} ({_MEANS[because]})", _STYLE[because])
        for section in Section:
            if some := found.of(because, section):
                _show_section(out, section, some, side_by_side=side_by_side)
                if section is Section.COMMITS:
                    _show_commits(out, found)
    for note in found.notes:
        say(f"! {note}", "yellow")


def _saying(out: Console) -> Callable[..., None]:
    from rich.text import Text

    from odmd.texts import harmless

    def say(text: str, style: str = "") -> None:
        out.print(Text(harmless(text), style), soft_wrap=True)

    return say


def _side(side: SideView) -> str:
    from odmd.model import naming
    from odmd.plan.reasons import quoted
    from odmd.plan.words import clock

    place = f"{side.stage} ({side.account}, {side.region})" if side.account else side.stage
    when = f"run {side.run}{f', {clock(side.at)}' if side.at else ''}" if side.run else "nobody noted its run"
    sure = "" if side.sure else "; whether it runs still, nobody knows"
    return f"{naming.enver_label(side.enver)}  {quoted(side.commit, side.subject)}  {place}  {when}{sure}"


def _show_section(out: Console, section: Section, some: Sequence[Differs], *, side_by_side: bool) -> None:
    say = _saying(out)
    say(f"  {section}", "bold")
    if side_by_side:
        _show_columns(out, some[:_SHOWN])
    else:
        for one in some[:_SHOWN]:
            for line in _lines(one):
                out.print(line, soft_wrap=True)
    if len(some) > _SHOWN:
        say(f"    and {len(some) - _SHOWN} more: --json and --html have all", "dim")


def _lines(one: Differs) -> Iterator[Text]:
    from rich.text import Text

    from odmd.cli.output import shortened
    from odmd.texts import harmless

    line = Text(f"    {harmless(one.what)}  ")
    if one.before:
        line.append(harmless(shortened(one.before)), "red")
    line.append(" → " if one.before and one.after else "" if one.before or not one.after else "+ ", "dim")
    if one.after:
        line.append(harmless(shortened(one.after)), "green")
    else:
        line.append(" is not there any more" if one.before else "", "dim")
    yield line.append(f"  ({harmless(one.says)})" if one.says else "", "dim")


def _show_columns(out: Console, some: Sequence[Differs]) -> None:
    from odmd.cli.output import cells, shortened, table

    shown = table("", "before", "after")
    for one in some:
        shown.add_row(*cells(one.what, shortened(one.before) or "–", shortened(one.after) or "–"))
    out.print(shown)


def _show_commits(out: Console, found: EnverComparison) -> None:
    say = _saying(out)
    for one in found.commits[:_SHOWN]:
        say(f"      {_commit(one)}", "dim")
    if more := found.more_commits + len(found.commits[_SHOWN:]):
        say(f"      and {more} more commits", "dim")


def _commit(one: CommitView) -> str:
    return f"{'+' if one.only_in == 'after' else '-'} {one.commit[:7]} {one.subject}"
