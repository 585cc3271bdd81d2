"""Git LFS: a commit holds pointers, and the files are elsewhere."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from odmd.providers.git.cache import Cache
from odmd.trees import files_below

_ATTRIBUTE: Final = b"filter=lfs"
_POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]+\n)*oid sha256:([0-9a-f]{64})\nsize [0-9]+\n?"
)
_LARGEST_POINTER: Final = 1024


def pointers(folder: Path) -> Mapping[Path, str]:
    """Files that are pointers, each with the digest of what it points to; none where nothing is said to be in LFS."""
    paths = list(_files(folder))
    if not any(path.name == ".gitattributes" and _ATTRIBUTE in path.read_bytes() for path in paths):
        return {}
    return {path: digest for path in paths if (digest := _pointed_to(path))}


def fetch_pointed(cache: Cache, commit: str, found: Mapping[Path, str]) -> Sequence[Path]:
    """Puts the files of a commit in the place of their pointers; returns the pointers that are left.

    Raises:
        GitFailed: they cannot be fetched.
    """
    kept = cache.fetch_large_files(commit)
    left: list[Path] = []
    for path, digest in found.items():
        whole = kept / digest[:2] / digest[2:4] / digest
        if not whole.is_file() or _digest(whole) != digest:
            left.append(path)
            continue
        mode = path.stat().st_mode
        shutil.copyfile(whole, path)
        path.chmod(mode)
    return left


def is_lfs_here() -> bool:
    """Whether git can fetch such files on this machine."""
    return shutil.which("git-lfs") is not None


def _files(folder: Path) -> Iterator[Path]:
    return (Path(one) for one in sorted(entry.path for entry in files_below(folder) if not entry.is_symlink()))


def _pointed_to(path: Path) -> str:
    if path.stat().st_size > _LARGEST_POINTER:
        return ""
    found = _POINTER.fullmatch(path.read_bytes())
    return found.group(1).decode() if found else ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
