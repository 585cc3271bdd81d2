"""What a package is made of: the files that its build reads, and the values that it is built with."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from odmd.control.running.procedures import Job
from odmd.errors import PackageUnfit
from odmd.foreign import LARGEST, read_bytes
from odmd.model import naming


def content_of(job: Job) -> str:
    """The digest of what is to be built, as it is checked out. Whose it is counts, too: each enver has own versions."""
    digest, source = hashlib.sha256(), job.place.source
    config = (f"config {name} {text}" for name, text in sorted(job.config.items()))
    for part in (job.enver.slot, *(f"{name} {text}" for name, text in sorted(job.texts.items())), *config):
        digest.update(f"{len(part)} {part}\n".encode())
    for path in sorted({file for read in job.enver.reads for file in _files(source / read)}):
        content, mode = _content(path)
        name = os.fsencode(path.relative_to(source))
        digest.update(b"%d %s %s %d\n" % (len(name), name, mode, len(content)))
        digest.update(content)
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir() and not path.is_symlink():
        for one in path.iterdir():
            if one.name != ".git":
                yield from _files(one)
    elif path.exists() or path.is_symlink():
        yield path


def _content(path: Path) -> tuple[bytes, bytes]:
    """What it holds, and what it is."""
    if path.is_symlink():
        return os.fsencode(path.readlink()), b"link"
    return read_bytes(path, most=LARGEST * 16), b"program" if os.access(path, os.X_OK) else b"file"


def not_there(said: str, job: Job) -> PackageUnfit:
    """What to say where a package's own file, called so, is missing."""
    return PackageUnfit(
        f"{said} is not there at {naming.short_commit(job.commit)}",
        next_step="let the build's folder in the contracts be that of the package",
    )
