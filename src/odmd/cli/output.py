"""How things look: one console, JSON, errors, and the small formats that every command shares."""

from __future__ import annotations

import dataclasses
import errno
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import typer

from odmd.errors import Diagnostic, FileRefused, OdmdError, Severity, StateUnreadable, TextUnfit
from odmd.texts import harmless, harmless_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_NARROW: Final = 90
"""Columns below which a terminal shows items one below the other."""
_PIPED: Final = 140
_LONG: Final = 500
_AROUND: Final = 20
_FULL: Final = 100
"""Columns that a table fills without subjects."""
_SUBJECT: Final = 50


def shortened(value: str) -> str:
    """A published value on one line; `--json` has the whole."""
    line = " ".join(value.split())
    return line if len(line) <= _LONG else f"{line[: _LONG - 1]}…"


def console(*, stderr: bool = False) -> Console:
    """The console; wide enough to keep tables whole where the output is no terminal."""
    from odmd.cli.console import Screen

    made = Screen(stderr=stderr)
    if not made.file.isatty():
        made.width = max(made.width, _PIPED)
    return made


def table(*columns: str) -> Table:
    """A light table."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def cells(*texts: str | Text) -> tuple[Text, ...]:
    """A table's row in which data is taken as it is: brackets in a value are no markup."""
    from rich.text import Text

    return tuple(text if isinstance(text, Text) else Text(harmless(" ".join(text.splitlines()))) for text in texts)


def show_rows(columns: Sequence[str], rows: Sequence[tuple[str | Text, ...]]) -> None:
    """Rows as a table; on a narrow terminal as blocks, and in a pipe every row in one line."""
    out = console()
    if out.file.isatty() and out.width < _NARROW:
        _show_blocks(out, columns, rows)
        return
    shown = table(*columns)
    for row in rows:
        shown.add_row(*cells(*row))
    if not out.file.isatty():
        out.width = max(out.width, _natural_width(out, shown))
    out.print(shown)


def _natural_width(out: Console, shown: Table) -> int:
    return out.measure(shown, options=out.options.update(width=sys.maxsize)).maximum


def _show_blocks(out: Console, columns: Sequence[str], rows: Sequence[tuple[str | Text, ...]]) -> None:
    from rich.table import Table
    from rich.text import Text

    for number, row in enumerate(rows):
        head, *rest = cells(*row)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for column, cell in zip(columns[1:], rest, strict=True):
            if cell.plain not in ("", "–"):
                grid.add_row(Text(f"  {column}", "dim"), cell)
        if number:
            out.print()
        out.print(Text().append(f"{columns[0]} ", "dim").append(head.plain, "bold"), soft_wrap=True)
        out.print(grid)


def next_step(text: str) -> Text:
    """How every command says what to do."""
    from rich.text import Text

    return Text(f"    → {text}", "cyan")


@contextmanager
def errors_as(*, json: bool) -> Generator[None]:
    """With `json`, an error inside is printed as data too, and ends the command."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (OdmdError, OSError, UnicodeError) as wrong:
        error = wrong if isinstance(wrong, OdmdError) else explained(wrong)
        if error is None or not json:
            raise
        print_json({"diagnostics": list(error.diagnostics())})
        raise typer.Exit(error.exit_code) from error


def explained(wrong: Exception) -> OdmdError | None:
    """What the machine or a text of the user's is to blame for, as an error with a next step; None: odmd is."""
    if isinstance(wrong, UnicodeEncodeError) and wrong.reason == "surrogates not allowed":
        text = wrong.object[max(0, wrong.start - _AROUND) : wrong.end + _AROUND]
        return TextUnfit(f"{text!r} has half of a character", next_step="write it in characters that UTF-8 has")
    if not isinstance(wrong, OSError):
        return None
    if wrong.errno in (errno.ENOSPC, errno.EDQUOT):
        return StateUnreadable(str(wrong), next_step="make room on the disk, and run the same command again")
    if wrong.filename is None:
        return None
    return FileRefused(
        f"{wrong.filename}: {wrong.strerror}", next_step="see whose it is, what lies there, and whether it may be used"
    )


def print_json(data: object) -> None:
    """Prints data as indented JSON; dataclasses become objects."""
    sys.stdout.write(harmless_json(data, indent=2, default=_jsonable) + "\n")


def json_line(data: object) -> str:
    """Data as JSON in one line, for what goes on and on."""
    return harmless_json(data, default=_jsonable)


def write(document: str) -> None:
    """A document, or a line for a program: its ends of lines are its own."""
    sys.stdout.write(harmless(document))


def _jsonable(thing: object) -> object:
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
    return str(thing)


def show_error(error: OdmdError) -> None:
    """Prints what is wrong, where, and what to do, to stderr."""
    show_diagnostics(error.diagnostics())


def show_broken(broken: Exception) -> None:
    """Says that odmd itself is at fault, and where its traceback is; or that the machine is, or a text."""
    import traceback
    from tempfile import NamedTemporaryFile

    if (error := explained(broken)) is not None:
        show_error(error)
        return
    with NamedTemporaryFile("w", prefix="odmd-", suffix=".log", delete=False) as log:
        traceback.print_exception(broken, file=log)
    fact = f"odmd itself is at fault: {type(broken).__name__}: {broken}"
    show_diagnostics(
        [Diagnostic(OdmdError.code, fact, next_step=f"the traceback in {log.name} helps whoever mends it")]
    )


def show_diagnostics(found: Sequence[Diagnostic]) -> None:
    """Prints diagnostics for people, to stderr."""
    from rich.text import Text

    err = console(stderr=True)
    for diagnostic in found:
        line = Text()
        if diagnostic.place:
            line.append(f"{diagnostic.place}: ", "bold")
        colour = "bold red" if diagnostic.severity is Severity.ERROR else "bold yellow"
        line.append(diagnostic.code, colour)
        line.append(f" {'warning: ' if diagnostic.severity is Severity.WARNING else ''}{diagnostic.fact}")
        err.print(line, soft_wrap=True)
        if diagnostic.next_step:
            err.print(next_step(diagnostic.next_step), soft_wrap=True)


def ago(at: float) -> str:
    """How long ago a moment was."""
    seconds = max(0, int(time.time() - at))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def took(began: float, ended: float | None) -> str:
    """A duration in seconds."""
    return f"{(ended or time.time()) - began:.1f} s"


def short(commit: str) -> str:
    """A commit or digest as people quote it."""
    from odmd.model import naming

    return naming.short_commit(commit.removeprefix("sha256:"))


def quoted(commit: str, subject: str) -> str:
    """A commit as people quote it, with as much of its subject as there is room for beside other columns."""
    out = console()
    most = _SUBJECT if not out.file.isatty() else max(0, min(_SUBJECT, out.width - _FULL))
    cut = subject if len(subject) <= most else f"{subject[: most - 1].rstrip()}…" if most > _SUBJECT // 3 else ""
    return f"{short(commit)} {cut}" if cut else short(commit)


def product_label(product: str) -> str:
    """`orders/b..main/bus` as `orders@main/bus`."""
    from odmd.model import naming

    return naming.product_label(product)


def plural(count: int, noun: str) -> str:
    """`1 wire`, `2 wires`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def say(line: str) -> None:
    """A line of a process that goes on and on, as it is."""
    console().print(line, markup=False, soft_wrap=True)
