"""Finds the line of a user's file that is declaring something."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

from odmd.errors import Place

_OURS = str(Path(__file__).parent)


def calling_frame() -> FrameType:
    """The nearest frame outside this package (and outside generated dataclass code)."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  # the stdlib has no public way to one frame
    while frame.f_back and frame.f_code.co_filename.startswith((_OURS, "<string>")):
        frame = frame.f_back
    return frame


def caller() -> Place:
    """File and line of the declaration that is being carried out."""
    frame = calling_frame()
    return Place(frame.f_code.co_filename, frame.f_lineno)
