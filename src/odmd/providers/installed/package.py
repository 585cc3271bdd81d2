"""A package that is installed: where it is, in which version, and what is in it. None of its code runs."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions, packages_distributions
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from odmd.errors import PackageNotInstalled
from odmd.model import naming

_INSTALL: Final = "install it where odmd runs, or name a package that is there"
_MADE_ON_USE: Final = "__pycache__"
_HEX: Final = 32


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A folder of files, and the version of the distribution that brought it."""

    name: str
    folder: Path
    version: str

    @property
    def id(self) -> str:
        """Its version, with the digest of all its files."""
        return naming.version_id(self.version, self._digest()[:_HEX])

    def files(self) -> Iterator[str]:
        """By path in it; without what Python makes of them."""
        for path in sorted(self.folder.rglob("*")):
            inside = path.relative_to(self.folder)
            if path.is_file() and _MADE_ON_USE not in inside.parts:
                yield inside.as_posix()

    def _digest(self) -> str:
        found = hashlib.sha256()
        for name in self.files():
            of_file = hashlib.sha256((self.folder / name).read_bytes()).hexdigest()
            found.update(f"{len(name)} {name} {of_file}\n".encode())
        return found.hexdigest()


def installed(name: str) -> InstalledPackage:
    """Raises:
    PackageNotInstalled
    """
    folder = _folder(name)
    if folder is None:
        raise PackageNotInstalled(f"there is no package {name} here", next_step=_INSTALL)
    return InstalledPackage(name, folder, _version(name, folder))


def _folder(name: str) -> Path | None:
    """Where its files are, found without importing what is above it."""
    path: Sequence[str] | None = sys.path
    for number in range(1, name.count(".") + 2):
        whole = ".".join(name.split(".")[:number])
        spec = PathFinder.find_spec(whole, path)
        if spec is None or not spec.submodule_search_locations:
            return None
        path = list(spec.submodule_search_locations)
    return Path(path[0]).resolve() if path else None


def _version(name: str, folder: Path) -> str:
    """Raises:
    PackageNotInstalled: the files were put there by no installation, so nobody says which version they are.
    """
    top = name.partition(".")[0]
    found = [one for of in dict.fromkeys(packages_distributions().get(top, ())) if (one := _distribution(of))]
    owners = found if len(found) == 1 else [one for one in found if _has(one, folder)]
    if owner := next(iter(owners or _worked_on(folder)), None):
        return owner.version
    raise PackageNotInstalled(f"{name} is here, and no installation says in which version", next_step=_INSTALL)


def _distribution(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _has(one: Distribution, folder: Path) -> bool:
    """Where several distributions share a name's beginning."""
    return any(Path(str(file.locate())).resolve().parent == folder for file in one.files or ())


def _worked_on(folder: Path) -> Iterator[Distribution]:
    """Those installed as a link to the project that the folder is in (`pip install -e`)."""
    for one in distributions():
        said: dict[str, Any] = json.loads(one.read_text("direct_url.json") or "{}")
        if said.get("dir_info", {}).get("editable"):
            address = str(said.get("url", ""))
            if folder.is_relative_to(Path(unquote(urlsplit(address).path)).resolve()):
                yield one
