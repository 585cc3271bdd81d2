"""The border of a terminal: what others wrote comes out inert, whatever a command shows; odmd's own colours stay."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, Final, TextIO, cast

from odmd.texts import harmless

_COLOUR: Final = re.compile(r"(\x1b\[(?![\d;]*(?<!\d)8m)[\d;]*m)")
"""What styles letters, and does not conceal them."""


class Border:
    """A stream to a terminal through which only plain text and colours come."""

    def __init__(self, behind: TextIO) -> None:
        self.behind = behind
        """For who has made sure of what he writes."""

    def write(self, text: str, /) -> int:
        if text.isascii() and text.isprintable():
            return self.behind.write(text)
        parts = _COLOUR.split(text)
        parts[::2] = map(harmless, parts[::2])
        self.behind.write("".join(parts))
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)  # bytes would go past the border
        return getattr(self.behind, name)


@contextmanager
def border() -> Generator[tuple[TextIO, TextIO]]:
    """Puts one before stdout and one before stderr; the streams behind, for who draws."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast("TextIO", Border(out)), cast("TextIO", Border(err))
    try:
        yield out, err
    finally:
        sys.stdout, sys.stderr = out, err


def behind(stream: TextIO) -> TextIO:
    """The stream itself, without a border."""
    return getattr(stream, "behind", stream)
