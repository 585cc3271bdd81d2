"""`odmd checks`: what verified an enver, and how that went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.verified import CheckView

_COLUMNS: Final = ("check", "last", "run", "when", "took", "before", "flaky", "found")
_MARKS: Final = {"green": "✓", "flaky": "~", "red": "✗"}
_BEFORE: Final = 10


def checks(
    enver: Annotated[str, typer.Argument(metavar="ENVER", help="E.g. orders@main.", autocompletion=complete_enver)],
    tests: Annotated[bool, typer.Option("--tests", help="Each test of its suites, too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many results of each.")] = 50,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show what verified an enver: each check with its last results, how long it took, and how often it was flaky."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state) as there:
        found = there.past.checks(enver, limit)
    if json:
        print_json(found)
    elif not found:
        console().print(f"no run of {enver} made a check: `verified_by` in its contract names some", soft_wrap=True)
    else:
        show_rows(_COLUMNS, [_row(one) for one in found])
        if tests:
            for one in found:
                _show_tests(one)


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
        rows = [(_MARKS[test.verdict], test.name, f"{test.seconds:.2f} s", test.said) for test in one.tests]
        show_rows(("", f"test of {one.name}", "took", "said"), rows)
