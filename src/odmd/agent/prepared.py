"""What one process prepared and another one carries out: a recipe, and the files that it refers to, by one digest."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from odmd.control.ports.world import Artifacts
from odmd.errors import RecipeUnfit
from odmd.private import private_folder
from odmd.trees import remove_tree, unpack

_THE_TIME: Final = 315_532_800
"""Of each file: the same content has the same digest."""
_PREPARE_AGAIN: Final = "the next run makes another one: `odmd apply`"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Digests of what was made."""

    recipe: str
    built: str = ""
    """Of the files that are delivered; empty where its recipe holds all."""


def hand_on(recipe: str, built: Path, artifacts: Artifacts) -> str:
    """Keeps what was prepared; returns the digest of all of it."""
    files = artifacts.put(_packed(built)) if built.is_dir() else ""
    return artifacts.put(json.dumps(asdict(Prepared(recipe, files)), sort_keys=True).encode())


def take_over(digest: str, built: Path, artifacts: Artifacts) -> str:
    """Brings what was prepared under this digest here; returns the digest of its recipe.

    Raises:
        RecipeUnfit: it is not kept, or is not what somebody prepares.
    """
    try:
        said: dict[str, object] = json.loads(_kept(digest, artifacts))
        if not all(isinstance(one, str) for one in said.values()):
            raise ValueError("it says no digests")
        prepared = Prepared(**{name: str(one) for name, one in said.items()})
        if prepared.built:
            remove_tree(built)
            _unpack(_kept(prepared.built, artifacts), private_folder(built))
    except (ValueError, TypeError, AttributeError, tarfile.TarError, OSError, RecursionError) as wrong:
        raise RecipeUnfit(f"{digest} is nothing that was prepared: {wrong}", next_step=_PREPARE_AGAIN) from wrong
    return prepared.recipe


def _kept(digest: str, artifacts: Artifacts) -> bytes:
    if (found := artifacts.get(digest)) is None:
        raise RecipeUnfit(f"{digest} is not stored", next_step=_PREPARE_AGAIN)
    return found


def _packed(folder: Path) -> bytes:
    """The files of a folder, the same bytes for the same content; links stay links."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            archive.add(path, path.relative_to(folder).as_posix(), recursive=False, filter=_plain)
    return into.getvalue()


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = _THE_TIME, 0, 0, "", ""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def _unpack(packed: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
        unpack(archive, folder)
