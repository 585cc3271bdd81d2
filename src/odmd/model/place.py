"""Finds the line of a user's file that is declaring something."""

from __future__ import annotations

from inspect import currentframe
from pathlib import Path
from types import FrameType

from odmd.errors import Place

_OURS = str(Path(__file__).parent)


def calling_frame() -> FrameType:
    """The nearest frame outside this package (and outside generated dataclass code)."""
    frame = currentframe()
    if frame is None:
        raise RuntimeError("this Python tells nobody which line is running")
    while frame.f_back and frame.f_code.co_filename.startswith((_OURS, "<string>")):
        frame = frame.f_back
    return frame


def caller() -> Place:
    """File and line of the declaration that is being carried out."""
    frame = calling_frame()
    return Place(frame.f_code.co_filename, frame.f_lineno)
