"""What others wrote reaches a terminal inert: names, subjects, reasons, failures, logs, whichever way it is shown."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from odmd.cli.border import border
from odmd.cli.output import console, next_step, print_json, show_diagnostics, show_rows, write
from odmd.errors import Diagnostic
from odmd.server.logs import JsonLines
from odmd.texts import harmless
from support.hostile import EVIL, OBEYED

COLOUR = re.compile(r"\x1b\[[\d;]*m")
DRAWN = re.compile(r"\x1b\[(\?25[hl]|\d*[A-K])|\r")
"""What a live view of ours moves the cursor with."""
texts = st.text() | st.text("\x1b[]m8;0J\x07\\\r\n\x9b\x9d\u202e\u200b\x7f\x85\u2028ab/ ")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def terminal() -> Iterator[Terminal]:
    """Both streams as one terminal, behind the border."""
    made, before = Terminal(), (sys.stdout, sys.stderr)
    sys.stdout = sys.stderr = made
    try:
        with border():
            yield made
    finally:
        sys.stdout, sys.stderr = before


def _live(text: str) -> None:
    with Live(get_renderable=lambda: Tree(Text(text)), console=console(), refresh_per_second=1):
        console().print(Text(text))


def _log(text: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    handler.emit(logging.LogRecord("odmd", logging.WARNING, "", 0, "%s", (text,), None))


WAYS: dict[str, Callable[[str], object]] = {
    "a line": lambda text: console().print(text, markup=False, soft_wrap=True),
    "a text": lambda text: console().print(Text("✓ ", "green").append(text), soft_wrap=True),
    "a table": lambda text: show_rows(("one", "two"), [(text, Text(text, "red"))]),
    "a next step": lambda text: console(stderr=True).print(next_step(text)),
    "an error": lambda text: show_diagnostics([Diagnostic("ODMD000", text, next_step=text)]),
    "a document": write,
    "data": lambda text: print_json({text: [text]}),
    "a live view": _live,
    "a log": _log,
    "an echo": typer.echo,
    "an echo in colours": lambda text: typer.secho(text, fg="red"),
    "a stream": lambda text: sys.stderr.writelines([text, "\n"]),
}


@pytest.mark.parametrize("way", WAYS)
@given(text=texts)
def test_whatever_is_said_no_terminal_obeys_it(way: str, text: str) -> None:
    with terminal() as shown:
        WAYS[way](text)
    said = COLOUR.sub("", shown.getvalue())
    if way == "a live view":
        said = DRAWN.sub("", said)
    assert not OBEYED.search(said), ascii(said)


@given(texts)
def test_it_is_made_harmless_once(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)
    assert not OBEYED.search(harmless(text))


def test_letters_of_any_script_and_our_own_colours_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with terminal() as shown:
        console().print(Text("Größe: 咖啡 ☕️ नमस्ते", "red"))
        typer.secho("dim", dim=True)
    assert shown.getvalue() == "\x1b[31mGröße: 咖啡 ☕️ नमस्ते\x1b[0m\n\x1b[2mdim\x1b[0m\n"


def test_sequences_leave_no_trace_and_single_characters_are_seen() -> None:
    assert harmless("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 a\u202eb \x9b2J\t.\r\n") == (
        "red link a�b �2J\t.\n"
    )


def test_no_conceals_pass_the_border() -> None:
    with terminal() as shown:
        sys.stdout.write("\x1b[8mhidden \x1b[0;8mhidden \x1b[38;5;81mshown")
    assert shown.getvalue() == "hidden hidden \x1b[38;5;81mshown"


@given(texts)
def test_no_line_of_a_text_passes_for_one_of_ours(text: str) -> None:
    with terminal() as shown:
        console().print(Text("ours: ").append(text), soft_wrap=True)
        console().print(f"ours: {text}", soft_wrap=True, markup=False)
    assert all(line.startswith(("ours: ", "  │ ")) for line in shown.getvalue().split("\n")[:-1])


def test_data_says_exactly_what_was_said() -> None:
    with terminal() as shown:
        print_json(EVIL)
    assert json.loads(shown.getvalue()) == EVIL
    assert shown.getvalue().isascii()
