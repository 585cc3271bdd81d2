"""Contracts that are in force because they were merged: those of a commit of their repository. Which one stands in the
state, so that whoever leads next, and every worker, has the same; each checks it out for itself."""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from odmd.bootstrap.github_settings import GithubSettings
from odmd.bootstrap.in_process import refuse_unsound_policies
from odmd.bootstrap.revisions import edition_in, placed_in
from odmd.bootstrap.settings import Settings
from odmd.control.ports.reads import Documents
from odmd.control.ports.world import Repositories
from odmd.errors import ContractsUnsound, Severity
from odmd.graph import Compiled
from odmd.isolation import Isolation

_DOCUMENT: Final = "contracts/merged"
_REMEMBERED: Final = 3
"""Editions; what is at work with an earlier one may ask its kinds still."""


@dataclass(frozen=True, slots=True)
class _Checkout:
    compiled: Compiled
    folder: tempfile.TemporaryDirectory[str]


@dataclass(slots=True)
class MergedContracts:
    """The contracts of one branch. Threads share it."""

    settings: Settings
    where: GithubSettings
    repositories: Repositories
    kept: Documents
    _loaded: OrderedDict[str, _Checkout] = field(default_factory=OrderedDict[str, _Checkout])
    _loading: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """`acme/contracts main`."""
        return f"{self.where.contracts} {self.where.in_force}"

    @property
    def repository(self) -> str:
        """In small letters."""
        return self.where.contracts.lower()

    def head(self) -> str:
        """The commit that the branch has now.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        return self.repositories.head(self.where.contracts, f"branch:{self.where.in_force}")

    @property
    def commit(self) -> str:
        """That of the contracts that are in force; empty: none was merged yet."""
        return self.kept.get(_DOCUMENT) or ""

    def note(self, commit: str) -> None:
        """It is that of the contracts in force from now on."""
        self.kept.put(_DOCUMENT, commit)

    def in_force(self) -> Compiled | None:
        """Those in force; None: none were merged yet.

        Raises:
            ContractsNotLoaded, ContractsUnsound, NotCaged, RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        return self.load(commit) if (commit := self.commit) else None

    def load(self, commit: str) -> Compiled:
        """Those of a commit, proven: they run in a cage where the settings do not say otherwise.

        Raises:
            ContractsNotLoaded, ContractsUnsound, NotCaged, RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        with self._loading:
            if (known := self._loaded.get(commit)) is None:
                known = self._loaded[commit] = self._checked_out(commit)
            self._loaded.move_to_end(commit)
            while len(self._loaded) > _REMEMBERED:
                self._loaded.popitem(last=False)
        return known.compiled

    def _checked_out(self, commit: str) -> _Checkout:
        folder = tempfile.TemporaryDirectory(prefix="odmd-merged-")
        copy = Path(folder.name).resolve() / "contracts"
        self.repositories.checkout(self.where.contracts, commit, copy)
        isolation = self.settings.isolation or Isolation.REQUIRED
        compiled = edition_in(copy, copy / self.where.folder, self.settings, commit[:7], isolation).compiled
        try:
            if any(one.severity is Severity.ERROR for one in compiled.warnings):
                raise ContractsUnsound(compiled.warnings)
            refuse_unsound_policies(compiled)
        except ContractsUnsound as unsound:
            raise ContractsUnsound([placed_in(one, copy) for one in unsound.diagnostics()]) from unsound
        return _Checkout(replace(compiled, files=()), folder)


def merged_contracts(settings: Settings, repositories: Repositories, kept: Documents) -> MergedContracts | None:
    """None: contracts are those of the files here."""
    said = settings.github
    return MergedContracts(settings, said, repositories, kept) if said and said.in_force else None
