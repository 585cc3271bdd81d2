"""Packages by what lock files say of them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_PINNED: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def packages_in(file: str, text: str) -> dict[str, str]:
    """Package → its versions; nothing where it cannot be read."""
    found = dict[str, set[str]]()
    try:
        for name, version in LOCKS[file](text) if text else ():
            found.setdefault(name, set()).add(version)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return {}
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def _of_toml(text: str) -> Iterator[tuple[str, str]]:
    """`uv.lock`, `poetry.lock`, `Cargo.lock`."""
    yield from ((str(one["name"]), str(one["version"])) for one in tomllib.loads(text)["package"] if "version" in one)


def _of_npm(text: str) -> Iterator[tuple[str, str]]:
    packages: Mapping[str, Any] = json.loads(text)["packages"]
    for path, one in packages.items():
        if name := path.rpartition("node_modules/")[2] if "node_modules/" in path else "":
            yield name, str(one.get("version", ""))


def _of_requirements(text: str) -> Iterator[tuple[str, str]]:
    yield from _PINNED.findall(text)


LOCKS: Final[Mapping[str, Callable[[str], Iterator[tuple[str, str]]]]] = {
    "uv.lock": _of_toml,
    "poetry.lock": _of_toml,
    "package-lock.json": _of_npm,
    "npm-shrinkwrap.json": _of_npm,
    "requirements.txt": _of_requirements,
}
"""By their names, those that are understood."""
