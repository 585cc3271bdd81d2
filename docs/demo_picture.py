"""Draws one act of the demo: `python docs/demo_picture.py RECORDED ACT SVG`.

RECORDED is what `FORCE_COLOR=1 odmd demo` printed; lines of a run that say least are left out. demo.svg is act 9,
demo-approval.svg act 10.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

WIDTH: Final = 132
_CURSOR: Final = re.compile(r"\x1b\[\?25[lh]")
_MOVES: Final = re.compile(r"(\n|\r?\x1b\[1A\x1b\[2K|\r?\x1b\[2K)")
"""A new line; erasing the one above; erasing this one."""
_LEAST: Final = re.compile(
    r"_COMPLETE|_SKIPPED|no lock file|caged by|checkout [0-9a-f]{7}|: synth$|upload \d|: asset |takes what was made"
)
_TITLE: Final = re.compile(r"^(\x1b\[[0-9;]*m)+(.*?)(\x1b\[[0-9;]*m)+ (\x1b\[[0-9;]*m)+─{20,}")


def left(printed: str) -> list[str]:
    """The lines that stay of what a terminal was told: what moved meanwhile is erased."""
    lines = [""]
    for part in _MOVES.split(_CURSOR.sub("", printed)):
        if part == "\n":
            lines.append("")
        elif "\x1b[1A" in part:
            lines = [*lines[:-2], ""]
        elif part.endswith("\x1b[2K"):
            lines[-1] = ""
        else:
            lines[-1] += part
    return lines


def act(printed: str, title: str) -> list[str]:
    """The lines of one act, from its title on."""
    found, within = list[str](), False
    for line in left(printed):
        if head := _TITLE.match(line):
            within = head[2].startswith(title)
        if within and not _LEAST.search(line) and (line or found[-1:] != [""]):
            found.append(line)
    return found


def main(recorded: str, title: str, out: str) -> None:
    """Draws it."""
    lines = act(Path(recorded).read_bytes().decode(), title)
    if not lines:
        sys.exit(f"{recorded} has no act {title}")
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    for line in lines:
        console.print(
            Text.from_ansi(line), overflow="crop" if _TITLE.match(line) else "fold", no_wrap=bool(_TITLE.match(line))
        )
    head = _TITLE.match(lines[0])
    console.save_svg(out, title=f"make demo: {head[2] if head else title}")


if __name__ == "__main__":
    main(*sys.argv[1:])
