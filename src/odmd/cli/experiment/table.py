"""How an experiment's results are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import typer

from odmd.cli.experiment.design import DEPLOYMENT, SUITE, Experiment
from odmd.cli.experiment.results import FAILED, FLAKY, OPEN, PASSED, VariantResult

if TYPE_CHECKING:
    from odmd.control.reading.clones import CloneSetView

_MARKS: Final = {PASSED: "✓", FLAKY: "~", FAILED: "✗", OPEN: "…"}
_STAR: Final = "★"
_WHOLE: Final = 1000.0
"""From here on nobody asks what is behind the point."""


def show_results(wanted: Experiment, results: Sequence[VariantResult]) -> None:
    """A row for each variant, in their order; the best of each metric that somebody asked for is marked."""
    from odmd.cli.output import console, show_rows

    best = best_of(wanted, results)
    columns = ("variant", "result", "tests", DEPLOYMENT, SUITE, *wanted.metrics, "found")
    console().print()
    show_rows(columns, [_row(one, wanted, best) for one in results])


def best_of(wanted: Experiment, results: Sequence[VariantResult]) -> Mapping[str, Collection[str]]:
    """Metric → the variants that passed and are best by it."""
    passed = [one for one in results if one.result in (PASSED, FLAKY)]
    return {
        each.metric: each.of({one.variant: one.figures[each.metric] for one in passed if each.metric in one.figures})
        for each in wanted.best
    }


def _row(one: VariantResult, wanted: Experiment, best: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    def figure(metric: str, unit: str = "") -> str:
        value = one.figures.get(metric)
        star = f" {_STAR}" if one.variant in best.get(metric, ()) else ""
        return "–" if value is None else f"{in_figures(value)}{unit}{star}"

    times = [figure(metric, " s") for metric in (DEPLOYMENT, SUITE)]
    verdict = f"{_MARKS[one.result]} {one.result}"
    return one.variant, verdict, str(one.tests), *times, *map(figure, wanted.metrics), one.said


def in_figures(value: float) -> str:
    """Four of them, or all before the point."""
    return f"{value:.0f}" if value.is_integer() or abs(value) >= _WHOLE else f"{value:.4g}"


def conclude(
    wanted: Experiment | str, left: Sequence[CloneSetView] | None, results: Sequence[VariantResult], *, json: bool
) -> None:
    """Says what is left, and ends with 1 where a variant did not pass, or something is left.

    Args:
        left: of the clones that were removed; None: they are kept.
    """
    from odmd.cli.experiment.standing import left_of
    from odmd.cli.output import print_json

    there = list(left_of(left or ()))
    name = wanted if isinstance(wanted, str) else wanted.name
    if json:
        said = {"experiment": name, "variants": results, "removed": left is not None and not there, "left": there}
        best = best_of(wanted, results) if isinstance(wanted, Experiment) else dict[str, Collection[str]]()
        print_json({**said, "best": best})
    else:
        _say(name, there, [one.clone for one in results], kept=left is None)
    if there or any(one.result not in (PASSED, FLAKY) for one in results):
        raise typer.Exit(1)


def _say(name: str, left: Sequence[str], clones: Sequence[str], *, kept: bool) -> None:
    from odmd.cli.output import console, next_step

    out = console()
    out.print()
    if kept:
        out.print(f"its clones stay until their time is over: {', '.join(clones)}", soft_wrap=True)
        out.print(next_step(f"`odmd experiment delete {name}` removes them"))
    elif left:
        out.print("[yellow]![/] there is still")
        for one in left:
            out.print(f"  {one}", markup=False, soft_wrap=True)
        out.print(next_step("`odmd clone list` says when nothing is left; `odmd apply` tries again"))
    else:
        out.print("[green]✓[/] its clones are gone, counted: nothing is left")
