"""The documents that builds and envers name, as text: what people read of them, whatever language it is in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from odmd.errors import FileUnfit
from odmd.foreign import read_bytes
from odmd.graph.draft import Named

_LARGEST: Final = 1_000_000
"""Bytes that are kept of one."""

Documents = Mapping[str, Mapping[str, Path | str]]
"""Owner (`build orders`, `orders@main`) → path as it names it → the file, or its text as another process read it."""


def files(named: Iterable[Named]) -> Documents:
    """Where they are."""
    found: dict[str, dict[str, Path | str]] = {}
    for one in named:
        found.setdefault(one.owner, {})[one.path] = Path(one.place.file).parent / one.path
    return found


def texts(documents: Documents) -> Mapping[str, Mapping[str, str]]:
    """Their texts; of what is none, or is gone, a line that says so."""
    return {
        owner: {path: one if isinstance(one, str) else _text(one) for path, one in of_it.items()}
        for owner, of_it in documents.items()
    }


def _text(file: Path) -> str:
    try:
        content = read_bytes(file, most=_LARGEST)
    except (OSError, FileUnfit) as wrong:
        said = wrong.strerror if isinstance(wrong, OSError) else wrong.fact
        return f"({file.name} cannot be read: {said})\n"
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"({file.name} is no text: {len(content)} bytes, sha256:{hashlib.sha256(content).hexdigest()})\n"
