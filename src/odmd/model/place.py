"""Finds the line of a user's file that is declaring something."""

from __future__ import annotations

from functools import lru_cache
from inspect import currentframe
from pathlib import Path
from types import FrameType
from typing import Final

from odmd.errors import Place

_NOT_THE_USERS: Final = (str(Path(__file__).parent), "<string>")


def calling_frame() -> FrameType:
    """The nearest frame outside this package (and outside generated dataclass code)."""
    frame = currentframe()
    if frame is None:
        raise RuntimeError("this Python tells nobody which line is running")
    while frame.f_back and frame.f_code.co_filename.startswith(_NOT_THE_USERS):
        frame = frame.f_back
    return frame


def caller() -> Place:
    """File and line of the declaration that is being carried out."""
    frame = calling_frame()
    return _place(frame.f_code.co_filename, frame.f_lineno)


@lru_cache(maxsize=1024)
def _place(file: str, line: int) -> Place:
    """One object a line: a loop declares thousands of things in the same one."""
    return Place(file, line)
