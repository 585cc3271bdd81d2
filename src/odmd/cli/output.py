"""How things look: one console, JSON, errors, and the small formats that every command shares."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from odmd.errors import Diagnostic, OdmdError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text


def console(*, stderr: bool = False) -> Console:
    """The console; wide enough to keep tables whole where the output is no terminal."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made.width = max(made.width, 140)
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

    return tuple(text if isinstance(text, Text) else Text(text) for text in texts)


def print_json(data: object) -> None:
    """Prints data as indented JSON; dataclasses become objects."""
    json.dump(data, sys.stdout, indent=2, default=_jsonable)
    sys.stdout.write("\n")


def _jsonable(thing: object) -> object:
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
    return str(thing)


def show_error(error: OdmdError) -> None:
    """Prints what is wrong, where, and what to do, to stderr."""
    show_diagnostics(error.diagnostics())


def show_diagnostics(found: Sequence[Diagnostic]) -> None:
    """Prints diagnostics for people, to stderr."""
    from rich.text import Text

    err = console(stderr=True)
    for diagnostic in found:
        line = Text()
        if diagnostic.place:
            line.append(f"{diagnostic.place}: ", "bold")
        line.append(diagnostic.code, "bold red").append(f" {diagnostic.fact}")
        err.print(line, soft_wrap=True)
        if diagnostic.next_step:
            err.print(Text(f"    → {diagnostic.next_step}", "cyan"), soft_wrap=True)


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
    return commit.removeprefix("sha256:")[:7]


def product_label(product: str) -> str:
    """`orders/b..main/bus` as `orders@main/bus`."""
    from odmd.model import naming

    build, slot, name = product.split("/", 2)
    return f"{naming.enver_label(f'{build}/{slot}')}/{name}"


def plural(count: int, noun: str) -> str:
    """`1 wire`, `2 wires`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
