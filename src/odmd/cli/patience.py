"""A sign of life on stderr while a command works and has said nothing for a second: for people at a terminal only."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Final, TextIO

AFTER_SECONDS: Final = 1.0
_FRAME_SECONDS: Final = 0.1
_FRAMES: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ERASE: Final = "\r\x1b[K"


@contextmanager
def patience(
    words: Sequence[str], out: TextIO | None = None, err: TextIO | None = None, after: float = AFTER_SECONDS
) -> Generator[None]:
    """Shows that a command is at it, until it writes its first word, or ends.

    Args:
        words: the command line.
    """
    out, err = out or sys.stdout, err or sys.stderr
    if out is None or err is None or not err.isatty() or "--json" in words or os.environ.get("TERM") == "dumb":
        yield
        return
    sign = _Sign(f"odmd {words[0]}" if words else "odmd", err, after)
    with _before_writing(out, sign.end), _before_writing(err, sign.end):
        threading.Thread(target=sign.show, name="patience", daemon=True).start()
        try:
            yield
        finally:
            sign.end()


class _Sign:
    def __init__(self, what: str, err: TextIO, after: float) -> None:
        self._what, self._after = what, after
        self._write, self._flush = err.write, err.flush
        self._over, self._began = threading.Event(), time.monotonic()
        self._alone = threading.Lock()
        self._shown = False

    def show(self) -> None:
        if self._over.wait(self._after):
            return
        frame = 0
        while not self._over.wait(_FRAME_SECONDS if frame else 0):
            with self._alone:
                if self._over.is_set():
                    return
                spin, seconds = _FRAMES[frame % len(_FRAMES)], time.monotonic() - self._began
                self._write(f"{_ERASE}{spin} {self._what} is at it, {seconds:.0f} s")
                self._flush()
                self._shown = True
            frame += 1

    def end(self) -> None:
        """For good; leaves nothing behind."""
        self._over.set()
        with self._alone:
            if self._shown:
                self._write(_ERASE)
                self._flush()
                self._shown = False


@contextmanager
def _before_writing(stream: TextIO, do: Callable[[], None]) -> Generator[None]:
    """Does something before the first word is written to a stream."""
    write = stream.write

    def first(text: str, /) -> int:
        stream.write = write
        do()
        return write(text)

    stream.write = first
    try:
        yield
    finally:
        stream.write = write
