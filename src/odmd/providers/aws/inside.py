"""Paths that an assembly names: each is a file of its own, or it is refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from odmd.errors import AssetUnfit

LARGEST: Final = 5_000_000_000
"""Bytes; S3 takes no more in one request."""
_KINDS: Final = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def inside(root: Path, path: Path, what: str) -> Path:
    """`path`, proven to be under `root` once links are followed.

    Raises:
        AssetUnfit: it is elsewhere, or leads nowhere.
    """
    try:
        really = path.resolve(strict=True)
    except FileNotFoundError as gone:
        raise AssetUnfit(_leads(what, path, root, "which is not there")) from gone
    except (OSError, RuntimeError) as circle:
        raise AssetUnfit(_leads(what, path, root, "which leads back to itself")) from circle
    if not really.is_relative_to(root.resolve()):
        raise AssetUnfit(
            _leads(what, path, root, "which is outside of the assembly"),
            next_step="let CDK copy assets into the assembly: no aws:cdk:disable-asset-staging, no links to elsewhere",
        )
    return path


def regular(root: Path, path: Path, what: str) -> Path:
    """`path`, proven to be a file under `root` that can be read to its end.

    Raises:
        AssetUnfit
    """
    about = inside(root, path, what).stat()
    if not stat.S_ISREG(about.st_mode):
        kind = next((name for is_one, name in _KINDS if is_one(about.st_mode)), "no file")
        raise AssetUnfit(_leads(what, path, root, f"which is {kind}"))
    if about.st_size > LARGEST:
        raise AssetUnfit(_leads(what, path, root, f"which has {about.st_size} bytes, more than S3 takes at once"))
    return path


def files(root: Path, folder: Path, what: str) -> Iterator[Path]:
    """All files under a folder, links followed, each proven to be regular and under `root`.

    Raises:
        AssetUnfit
    """
    yield from _files(root, folder, what, ())


def _files(root: Path, folder: Path, what: str, above: tuple[Path, ...]) -> Iterator[Path]:
    really = inside(root, folder, what).resolve()
    if really in above:
        raise AssetUnfit(_leads(what, folder, root, "which leads back to itself"))
    for path in sorted(folder.iterdir()):
        if inside(root, path, what).is_dir():
            yield from _files(root, path, what, (*above, really))
        else:
            yield regular(root, path, what)


def _leads(what: str, path: Path, root: Path, why: str) -> str:
    shown = os.path.relpath(path, root)
    target = f" → {path.readlink()}" if path.is_symlink() else ""
    return f"{what} holds {shown}{target}, {why}"
