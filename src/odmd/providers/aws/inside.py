"""Paths that an assembly names: each is a file of its own, or it is refused.

Whoever asks the system about a path asks about where it really is: Linux refuses a path of forty links, and now and
then, when somebody else mounts or renames while it looks, one of half as many.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from odmd.errors import AssetUnfit
from odmd.foreign import kind

LARGEST: Final = 5_000_000_000
"""Bytes; S3 takes no more in one request."""
_MOST_FILES: Final = 500_000
_MOST_VISITS: Final = 1_000
"""Of one folder, by different links: a few more for each level would take for ever."""
_DEEPEST: Final = 200
"""Folders, one in the other."""


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
    about = inside(root, path, what).resolve().stat()
    if is_what := kind(about.st_mode):
        raise AssetUnfit(_leads(what, path, root, f"which is {is_what}"))
    if about.st_size > LARGEST:
        raise AssetUnfit(_leads(what, path, root, f"which has {about.st_size} bytes, more than S3 takes at once"))
    return path


def files(root: Path, folder: Path, what: str) -> Iterator[Path]:
    """All files under a folder, links followed, each proven to be regular and under `root`.

    Raises:
        AssetUnfit: one is not, or they are too many, too large together or too deep: links may multiply them.
    """
    size = 0
    for count, path in enumerate(_files(root, folder, what, (), Counter()), 1):
        size += path.resolve().stat().st_size
        if size > LARGEST:
            raise AssetUnfit(f"{what} has files of {size} bytes, more than S3 takes at once")
        if count > _MOST_FILES:
            raise AssetUnfit(f"{what} has more than {_MOST_FILES:,} files")
        yield path


def _files(root: Path, folder: Path, what: str, above: tuple[Path, ...], visits: Counter[Path]) -> Iterator[Path]:
    really = inside(root, folder, what).resolve()
    if really in above:
        raise AssetUnfit(_leads(what, folder, root, "which leads back to itself"))
    visits[really] += 1
    if visits[really] > _MOST_VISITS:
        raise AssetUnfit(_leads(what, folder, root, f"and {_MOST_VISITS:,} more links lead there"))
    if len(above) > _DEEPEST:
        raise AssetUnfit(f"{what} has more than {_DEEPEST} folders, one in the other")
    for path in sorted(folder / one.name for one in really.iterdir()):
        if inside(root, path, what).resolve().is_dir():
            yield from _files(root, path, what, (*above, really), visits)
        else:
            yield regular(root, path, what)


def _leads(what: str, path: Path, root: Path, why: str) -> str:
    shown = os.path.relpath(path, root)
    link = path.parent.resolve() / path.name
    target = f" → {link.readlink()}" if link.is_symlink() else ""
    return f"{what} holds {shown}{target}, {why}"
