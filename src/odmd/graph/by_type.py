"""What envers of single build types say of themselves, as a graph keeps it."""

from __future__ import annotations

from typing import Final

from odmd.graph.nodes import PackageNode
from odmd.model import Branch, CommandEnver, ContractsEnver, Enver, ImageEnver, NpmEnver, PythonPackageEnver

_NO_COMMANDS: Final = ((), "", 0.0, False)
_RELEASED: Final = "main"
"""The branch whose packages are releases, unless their enver says otherwise."""


def commands(enver: Enver) -> tuple[tuple[str, ...], str, float, bool]:
    """What it runs, what takes that away, how many minutes that (or its build) has, and whether it has the network."""
    match enver:
        case CommandEnver():
            return tuple(enver.commands), enver.remove, enver.minutes, enver.network
        case ImageEnver():
            return (), "", enver.minutes, enver.network
        case _:
            return _NO_COMMANDS


def package(enver: Enver) -> PackageNode | None:
    """What it is published as; None where it says none of that."""
    match enver:
        case ContractsEnver():
            said, more = (enver.distribution, enver.entry_point, enver.index, enver.upload), (True, False)
        case PythonPackageEnver():
            said, more = (enver.distribution, "", enver.index, enver.upload), (_releases(enver, enver.releases), False)
        case NpmEnver():
            said = (enver.package_name, "", enver.registry, enver.registry)
            more = (_releases(enver, enver.releases), enver.install_scripts)
        case _:
            return None
    return PackageNode(*said, *more) if any(said) else None


def registry(enver: Enver) -> str:
    """Where its package is installed from, if it publishes one."""
    found = package(enver)
    return found.index if found else ""


def _releases(enver: Enver, said: bool | None) -> bool:
    """Whether it publishes the version that its source says: no clone does, as its origin may."""
    if enver.origin is not None:
        return False
    is_usual = not isinstance(enver.on, Branch) or enver.on.name == _RELEASED
    return is_usual if said is None else said
