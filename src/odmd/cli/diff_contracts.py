"""`odmd diff --contracts`: what changed between two versions of the contracts, and who has to move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import typer

from odmd.isolation import Isolation

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.bootstrap.revisions import ToldEdition
    from odmd.graph.difference import ContractChange, Difference, Verdict


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


_MEANS: Final = {
    "breaking": "who consumes it has to move first",
    "removed": "gone, and nobody else needs it",
    "value-only": "another value or another time, the same contract",
    "additive": "nobody has to do anything",
}
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

    match format:
        case DiffFormat.JSON:
            counted = {verdict.value: len(changes) for verdict, changes in _groups(made, empty=True)}
            print_json({"before": names[0], "after": names[1], "counts": counted, "difference": made})
        case DiffFormat.MARKDOWN:
            write("".join(f"{line}\n" for line in _markdown(made, names)))
        case DiffFormat.TEXT:
            _show(made, names)


def _groups(made: Difference, *, empty: bool = False) -> Iterator[tuple[Verdict, Sequence[ContractChange]]]:
    from odmd.graph.difference import Verdict

    for verdict in Verdict:
        if (changes := made.of(verdict)) or empty:
            yield verdict, changes


def _show(made: Difference, names: tuple[str, str]) -> None:
    from rich.markup import escape

    from odmd.cli.output import console

    out = console()
    title = escape(_title(made, names))
    if not made.changes:
        out.print(f"[green]✓[/] {title}: nothing changed", soft_wrap=True)
        return
    out.print(f"{title}: {_counted(made)}", soft_wrap=True)
    for verdict, changes in _groups(made):
        out.print()
        out.print(f"[{_STYLE[verdict]}]{verdict}[/] [dim]({_MEANS[verdict]})[/]")
        for change in changes:
            for line in _lines(change):
                out.print(line, soft_wrap=True)


def _lines(change: ContractChange) -> Iterator[Text]:
    from rich.text import Text

    from odmd.graph.difference import What, label
    from odmd.model import naming

    line = Text(f"  {_MARK[change.how]} {change.what} ", "" if change.consumers else "dim")
    yield line.append(label(change), "bold").append(f" {_said(change)}")
    for detail in change.details:
        yield Text(f"      {detail}")
    if change.consumers and change.what is not What.WIRE:
        yield Text(f"      consumed by {', '.join(map(naming.enver_label, change.consumers))}", "dim")


def _said(change: ContractChange) -> str:
    """What happened: `kind EventBus → Topic`, or for what is new and gone, what it is."""
    from odmd.graph.difference import How, What

    before, after = _value(change, change.before), _value(change, change.after)
    match change.how:
        case How.ADDED:
            return f"← {after}" if change.what is What.WIRE else f"({after})"
        case How.REMOVED:
            return f"← {before}" if change.what is What.WIRE else f"({before})"
        case How.CHANGED if not change.before:
            return f"{change.aspect} + {after}"
        case How.CHANGED if not change.after:
            return f"{change.aspect} - {before}"
        case How.CHANGED:
            same = before == after
            return f"{change.aspect} {after} says something else" if same else f"{change.aspect} {before} → {after}"


def _value(change: ContractChange, text: str) -> str:
    from odmd.cli.output import product_label
    from odmd.graph.difference import What

    leads = change.what is What.WIRE and change.aspect in ("", "product")
    return product_label(text) if leads and text else text


def _markdown(made: Difference, names: tuple[str, str]) -> Iterator[str]:
    from odmd.graph.difference import label
    from odmd.model import naming
    from odmd.plan.markdown import plain

    yield f"### Contracts: {plain(_title(made, names))}"
    yield ""
    yield _counted(made) if made.changes else "Nothing changed."
    for verdict, changes in _groups(made):
        yield from (
            "",
            f"**{verdict.capitalize()}**: {_MEANS[verdict]}",
            "",
            "| | change | concerns |",
            "|---|---|---|",
        )
        for change in changes:
            said = "; ".join((_said(change), *change.details))
            concerned = ", ".join(map(naming.enver_label, change.consumers)) or "–"
            yield f"| {change.how} | {change.what} **{plain(label(change))}** {plain(said)} | {plain(concerned)} |"


def _title(made: Difference, names: tuple[str, str]) -> str:
    versions = zip(names, (made.before, made.after), strict=True)
    said = (f"{name} ({version})" if version and made.before != made.after else name for name, version in versions)
    return f"{made.organisation}, {' → '.join(said)}"


def _counted(made: Difference) -> str:
    return ", ".join(f"{len(changes)} {verdict}" for verdict, changes in _groups(made))
