"""`odmd diff --contracts`: what changed between two versions of the contracts, and who has to move."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import typer

from odmd.isolation import Isolation

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.bootstrap.revisions import ToldEdition
    from odmd.graph.difference import ContractChange, Difference


class DiffFormat(StrEnum):
    """How `diff` says what it found."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """From which verdict on the exit code is 1."""

    BREAKING = "breaking"
    REMOVED = "removed"
    VALUE_ONLY = "value-only"
    ADDITIVE = "additive"


_STYLE: Final = {"breaking": "bold red", "removed": "yellow", "value-only": "cyan", "additive": "green"}
_MARK: Final = {"added": "+", "removed": "-", "changed": "~"}


def diff_contracts(
    before: str,
    after: str | None,
    format: DiffFormat,
    fail_on: FailOn | None,
    isolation: Isolation | None,
) -> None:
    """Says what changed between two editions; ends with 1 where that is as bad as `fail_on`, or worse."""
    from odmd.bootstrap.revisions import edition_of, to_edition
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as
    from odmd.graph.difference import Verdict, difference

    with errors_as(json=format is DiffFormat.JSON):
        settings, names = read_settings(isolation=isolation), (before, after or "working tree")
        earlier, later = edition_of(before, settings), edition_of(after, settings)
        _warn(names[0], earlier)
        _warn(names[1], later)
        made = difference(to_edition(earlier), to_edition(later))
        graphs = earlier.compiled.graph, later.compiled.graph
        if any(one.governed.said() for one in graphs) and not (earlier.mistakes or later.mistakes):
            from odmd.policy.gains import with_policies

            made = with_policies(made, *graphs)
    _say(made, names, format)
    if fail_on and made.as_bad_as(Verdict(fail_on)):
        raise typer.Exit(1)


def _warn(name: str, told: ToldEdition) -> None:
    from odmd.cli.output import plural, show_diagnostics
    from odmd.errors import Diagnostic, Severity

    if told.mistakes:
        fact = f"{name} is not sound: {plural(len(told.mistakes), 'mistake')}, the first: {told.mistakes[0].fact}"
        hint = "odmd check shows all of them; what it says is compared all the same"
        show_diagnostics([Diagnostic("ODMD002", fact, None, hint, Severity.WARNING)])


def _say(made: Difference, names: tuple[str, str], format: DiffFormat) -> None:
    from odmd.cli.output import print_json, write
    from odmd.plan.contract_words import groups, markdown_of

    match format:
        case DiffFormat.JSON:
            counts = {verdict.value: len(changes) for verdict, changes in groups(made, empty=True)}
            print_json({"before": names[0], "after": names[1], "counts": counts, "difference": made})
        case DiffFormat.MARKDOWN:
            write("".join(f"{line}\n" for line in markdown_of(made, names)))
        case DiffFormat.TEXT:
            _show(made, names)


def _show(made: Difference, names: tuple[str, str]) -> None:
    from rich.markup import escape

    from odmd.cli.output import console
    from odmd.plan.contract_words import MEANS, counted, groups, title

    out = console()
    what = escape(title(made, names))
    if not made.changes:
        out.print(f"[green]✓[/] {what}: nothing changed", soft_wrap=True)
        return
    out.print(f"{what}: {counted(made)}", soft_wrap=True)
    for verdict, changes in groups(made):
        out.print()
        out.print(f"[{_STYLE[verdict]}]{verdict}[/] [dim]({MEANS[verdict]})[/]")
        for change in changes:
            for line in _lines(change):
                out.print(line, soft_wrap=True)


def _lines(change: ContractChange) -> Iterator[Text]:
    from rich.text import Text

    from odmd.graph.difference import What, label
    from odmd.model import naming
    from odmd.plan.contract_words import what_happened

    line = Text(f"  {_MARK[change.how]} {change.what} ", "" if change.consumers else "dim")
    yield line.append(label(change), "bold").append(f" {what_happened(change)}")
    for detail in change.details:
        yield Text(f"      {detail}")
    if change.consumers and change.what is not What.WIRE:
        yield Text(f"      consumed by {', '.join(map(naming.enver_label, change.consumers))}", "dim")
