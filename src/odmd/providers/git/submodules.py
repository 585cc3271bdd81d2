"""The submodules of a commit, and where it says that they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from odmd.providers.git.cache import Cache

_FILE: Final = ".gitmodules"
_LINK: Final = "160000"


@dataclass(frozen=True, slots=True)
class Submodule:
    """Another repository's commit at a path of a tree; `said` is empty where nothing says where that is."""

    path: str
    commit: str
    said: str


def submodules(cache: Cache, commit: str) -> Iterator[Submodule]:
    """In the order of their paths.

    Raises:
        GitFailed: `.gitmodules` cannot be read.
    """
    entries = [
        _entry(one) for one in cache.ask(commit, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0") if one
    ]
    links = {path: id for mode, id, path in entries if mode == _LINK}
    is_told = links and any(path == _FILE for _, _, path in entries)
    said = _said(cache, commit) if is_told else dict[str, str]()
    for path, id in sorted(links.items()):
        yield Submodule(path, id, said.get(path, ""))


def _entry(line: str) -> tuple[str, str, str]:
    about, _, path = line.partition("\t")
    mode, _, id = about.split(" ")
    return mode, id, path


def _said(cache: Cache, commit: str) -> Mapping[str, str]:
    """Path → address. Includes are not followed."""
    paths, urls = dict[str, str](), dict[str, str]()
    listed = cache.ask(commit, "config", "--no-includes", f"--blob={commit}:{_FILE}", "--null", "--list")
    for one in listed.split("\0"):
        key, _, value = one.partition("\n")
        name, _, what = key.removeprefix("submodule.").rpartition(".")
        if what == "path":
            paths[name] = value.rstrip("/")
        elif what == "url":
            urls[name] = value
    return {path: urls.get(name, "") for name, path in paths.items()}
