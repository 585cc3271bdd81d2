"""Pairs of schemas, an older and a newer one, and whether each side may move to the newer while the other stays."""

from __future__ import annotations

from typing import Any, Final

from odmd.graph.schemas import Comparison, compared

FITS: Final = "fits"
BREAKS: Final = "breaks"
UNKNOWN: Final = "nobody can tell"

EITHER: Final = (FITS, FITS)
"""Whoever moves first: the other goes on."""
WRITER: Final = (FITS, BREAKS)
"""Who writes (or serves) moves first; a reader that is ahead of it breaks."""
READER: Final = (BREAKS, FITS)
"""Who reads (or calls) moves first; a writer that is ahead of it breaks it."""
NEITHER: Final = (BREAKS, BREAKS)
"""Expand, migrate, contract."""

Pair = tuple[Any, Any, tuple[str, str]]


def moves(older: Any, newer: Any) -> tuple[str, str]:
    """Whether the writer may move first, and whether the reader may."""
    return word(compared(newer, older)), word(compared(older, newer))


def word(found: Comparison) -> str:
    return BREAKS if found.misfits else UNKNOWN if found.doubts else FITS
