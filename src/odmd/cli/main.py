"""`odmd`: carries out what was typed, and turns errors into messages and exit codes."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Final, TextIO

import typer

from odmd import __version__
from odmd.cli.border import border
from odmd.cli.discreet import be_discreet
from odmd.cli.lazily import Lazily
from odmd.cli.patience import patience
from odmd.errors import Interrupted, OdmdError, TextUnfit
from odmd.texts import is_text

_OBJECTS: Final = 20_000
"""More than before, until garbage is looked for: nearly all that a command makes is what it imports, and stays."""

app = typer.Typer(
    name="odmd",
    cls=Lazily,
    rich_markup_mode=None,  # Rich would take longer to import than all else
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Contracts as typed code: prove the wiring, derive the plan, carry it out, see what runs and why.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"odmd {__version__}")  # noqa: T201  # before any console is set up
        raise typer.Exit


@app.callback()
def _root(  # pyright: ignore[reportUnusedFunction]  # typer keeps it
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before a command."""


def _refuse_what_is_no_text(arguments: Sequence[str]) -> None:
    for one in arguments:
        if not is_text(one):
            raise TextUnfit(f"argument {one!r} is no UTF-8", next_step="write it in UTF-8, or rename the file")


def _look_for_little_garbage() -> None:
    """Looks for it while importing, and once more in all at the end, took a third of a command's processor time."""
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)


def main() -> None:
    """Entry point: 0 fine, 1 refused or failed, 2 wrong usage."""
    _look_for_little_garbage()
    be_discreet()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks an arrow shall not end a deployment
    with border() as (out, err):
        _run(out, err)


def _run(out: TextIO, err: TextIO) -> None:
    try:
        _refuse_what_is_no_text(sys.argv[1:])
        with patience(sys.argv[1:], out, err):
            app()
    except OdmdError as error:
        from odmd.cli.output import show_error

        show_error(error)
        if isinstance(error, Interrupted):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(error.exit_code)  # threads with runs under way would keep the process
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as broken:  # nobody shall meet a traceback
        from odmd.cli.output import show_broken

        show_broken(broken)
        sys.exit(1)
