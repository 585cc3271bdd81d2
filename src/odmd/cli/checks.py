"""`odmd checks`: what verified an enver, and how that went."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Server, StateFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from odmd.cli.check_reports import WrittenReports
    from odmd.control.reading.verified import CheckView
    from odmd.control.running.verifying import TestResult

_COLUMNS: Final = ("check", "last", "run", "when", "took", "before", "flaky", "found")
_MARKS: Final = {"green": "✓", "flaky": "~", "red": "✗"}
_BEFORE: Final = 10
_NAMED: Final = 3


def checks(
    enver: Annotated[str, typer.Argument(metavar="ENVER", help="E.g. orders@main.", autocompletion=complete_enver)],
    tests: Annotated[bool, typer.Option("--tests", help="Each test of its suites, too.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FOLDER", help="Write there what its checks left.")
    ] = None,
    run: Annotated[
        int | None, typer.Option("--run", min=1, help="What they left in this run, not in the last.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many results of each.")] = 50,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show what verified an enver: each check with its last results, how long it took, and how often it was flaky."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.check_reports import write_reports
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state) as there:
        found = there.past.checks(enver, limit)
        written = None if report is None else write_reports(there.past, enver, found, report, run)
    if written is not None:
        _show_written(written, json=json)
    elif json:
        print_json(found)
    elif not found:
        console().print(f"no run of {enver} made a check: `verified_by` in its contract names some", soft_wrap=True)
    else:
        show_rows(_COLUMNS, [_row(one) for one in found])
        for one in found:
            if tests:
                _show_tests(one)
            _show_left(one, enver)


def _row(one: CheckView) -> tuple[str, ...]:
    from odmd.cli.output import ago

    last = one.made[0]
    before = "".join(_MARKS[made.verdict] for made in one.made[1 : _BEFORE + 1])
    flaky = f"{one.flaky:.0%}" if one.flaky else ""
    verdict = f"{_MARKS[last.verdict]} {last.verdict}"
    return one.name, verdict, str(last.run), ago(last.at), f"{last.seconds:.1f} s", before, flaky, last.said


def _show_tests(one: CheckView) -> None:
    from odmd.cli.output import show_rows

    if one.tests:
        rows = [(_MARKS[test.verdict], _called(test), f"{test.seconds:.2f} s", test.said) for test in one.tests]
        show_rows(("", f"test of {one.name}", "took", "said"), rows)


def _called(test: TestResult) -> str:
    """A scenario is called as its feature file has it, with its steps up to the one that failed."""
    if test.scenario is None:
        return test.name
    steps = [f"{step.text}{'' if step.verdict == 'passed' else f': {step.verdict}'}" for step in test.scenario.steps]
    called = f"{test.scenario.feature}: {test.scenario.name}"
    return f"{called} ({'; '.join(steps)})" if steps else called


def _show_left(one: CheckView, enver: str) -> None:
    from odmd.cli.output import console

    if left := one.made[0].reports:
        names = ", ".join(file.name for file in left[:_NAMED]) + (", …" if len(left) > _NAMED else "")
        console().print(
            f"{one.name} left {names} in run {one.made[0].run}: `odmd checks {enver} --report FOLDER` writes "
            f"{'it' if len(left) == 1 else 'them'}",
            soft_wrap=True,
            markup=False,
        )


def _show_written(written: Sequence[WrittenReports], *, json: bool) -> None:
    from odmd.cli.output import console, print_json

    if json:
        print_json(written)
        return
    for one in written:
        console().print(
            f"what {one.check} left in run {one.run} ({len(one.files)} files) is in {one.folder}",
            soft_wrap=True,
            markup=False,
        )
