"""The console's files, as they were built: a few, known by their names, and kept in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import odmd

AT: Final = "/console"
ASSETS: Final = "assets/"
NOT_BUILT: Final = "`make console` builds it in a clone; a package has it"
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


_LASTING: Final = re.compile(r"-[A-Z0-9]{8}\.[a-z]+$")


@dataclass(frozen=True, slots=True)
class ConsoleFile:
    """One file, with what is said of it."""

    content: bytes
    type: str
    lasts: bool
    """Its name has a digest of its content: another content has another name."""

    @property
    def headers(self) -> Mapping[str, str]:
        """For who keeps it."""
        kept = "public, max-age=31536000, immutable" if self.lasts else "no-cache"
        return {"Cache-Control": kept, "Content-Security-Policy": POLICY}


@cache
def console_files(folder: Path = Path(odmd.__file__).parent / "console") -> Mapping[str, ConsoleFile]:
    """By path; nothing where it was not built."""
    files = [one for one in folder.rglob("*") if one.suffix in _TYPES]
    return {
        str(one.relative_to(folder)): ConsoleFile(one.read_bytes(), _TYPES[one.suffix], bool(_LASTING.search(one.name)))
        for one in files
    }
