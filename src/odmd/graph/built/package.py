"""Envers that are published as packages: for npm, for Python, and the contracts themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from odmd.graph.built.how import HowBuilt
from odmd.model import Branch, ContractsEnver, Enver, NpmEnver, PythonPackageEnver
from odmd.model.build_types import CONTRACTS, NPM, PYTHON

_RELEASED: Final = "main"
"""The branch whose packages are releases, unless their enver says otherwise."""


@dataclass(frozen=True, slots=True)
class PackageNode(HowBuilt):
    """The package that an enver is published as."""

    types = (CONTRACTS.name, NPM.name, PYTHON.name)
    distribution: str
    """The name that it is installed by."""
    entry_point: str
    """`package.module:attribute` of the organisation in it; empty for what is no package of contracts."""
    index: str
    """Address that it is installed from: of a registry of npm, or of an index's simple API."""
    upload: str
    """Address that takes uploads there."""
    releases: bool = True
    """Whether it has the version that its source says, or a pre-release of that of its own."""
    install_scripts: bool = False
    """Whether what it is built with may run scripts while it is installed."""

    def of_clone(self) -> Self:
        """It releases nothing, as its origin may; contracts have no releases."""
        return self if self.entry_point else replace(self, releases=False)

    def in_slice(self) -> Sequence[object]:
        more = (self.releases, self.install_scripts)
        said = (self.distribution, self.entry_point, self.index, self.upload)
        return ((*said, *(more if more != (True, False) else ())),)


def read_package(enver: ContractsEnver | PythonPackageEnver | NpmEnver) -> PackageNode | None:
    """None for those that say none of where they are published."""
    match enver:
        case ContractsEnver():
            said, more = (enver.distribution, enver.entry_point, enver.index, enver.upload), (True, False)
        case PythonPackageEnver():
            said, more = (enver.distribution, "", enver.index, enver.upload), (_releases(enver, enver.releases), False)
        case NpmEnver():
            said = (enver.package_name, "", enver.registry, enver.registry)
            more = (_releases(enver, enver.releases), enver.install_scripts)
    return PackageNode(*said, *more) if any(said) else None


def _releases(enver: Enver, said: bool | None) -> bool:
    """Whether it publishes the version that its source says: no clone does, as its origin may."""
    if enver.origin is not None:
        return False
    is_usual = not isinstance(enver.on, Branch) or enver.on.name == _RELEASED
    return is_usual if said is None else said
