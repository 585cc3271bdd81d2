"""Loads the contracts of another place or another git revision, each in a process of its own: two editions of one
package cannot be imported side by side."""

from __future__ import annotations

import tarfile
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from odmd.bootstrap.apart import load_apart, surroundings
from odmd.bootstrap.apart_inside import Errand
from odmd.bootstrap.contracts import contracts_cage
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.source import source_of
from odmd.bootstrap.uncommitted import ANY_FOLDER_ABOVE
from odmd.errors import ContractsNotLoaded, Diagnostic, Place, RevisionNotFound, Severity
from odmd.graph.compile import Compiled
from odmd.graph.difference import Edition, edition
from odmd.isolation import Isolation
from odmd.providers.git.command import GitFailed, git
from odmd.trees import unpack

_FORMS: Final = "say package.module:attribute, path/to/file.py:attribute, or a branch, tag or commit"


@dataclass(frozen=True, slots=True)
class ToldEdition:
    """An edition as its process tells of it."""

    compiled: Compiled
    """Not proven, and in no order, where there are mistakes."""

    @property
    def mistakes(self) -> tuple[Diagnostic, ...]:
        """Why the contracts are not sound; what they say is told all the same."""
        return tuple(one for one in self.compiled.warnings if one.severity is Severity.ERROR)


def edition_of(where: str | None, settings: Settings) -> ToldEdition:
    """The contracts at a location (it has a colon), at a git revision of the settings' contracts, or as they are now.

    Raises:
        SettingsInvalid, ContractsNotLoaded, RevisionNotFound
    """
    if where is None:
        return _in_working_tree(settings.contracts_or_refuse(), settings)
    if ":" in where:
        return _in_own_process(where, settings, Path.cwd())
    return _at_revision(where, settings)


def edition_in(
    copy: Path, base: Path, settings: Settings, revision: str, isolation: Isolation = Isolation.REQUIRED
) -> ToldEdition:
    """Those of a copy of a commit; they may be a stranger's, and then run in a cage, or not at all.

    Args:
        copy: nothing of the package may come from elsewhere.
        base: where the settings' place of the contracts starts in it.

    Raises:
        ContractsNotLoaded, SettingsInvalid
        NotCaged: there is no cage here.
    """
    where, foreign = settings.contracts_or_refuse(), replace(settings, isolation=isolation)
    module, _, attribute = where.rpartition(":")
    if module.endswith(".py"):
        file = base / module
        if not file.resolve().is_relative_to(copy):
            raise ContractsNotLoaded(f"{module} is no file of the repository", next_step="name it from its folder")
        return _in_own_process(f"{file}:{attribute}", foreign, base, revision, copy)
    package = module.partition(".")[0]
    there = (folder for folder in (base / "src", base) if (folder / package / "__init__.py").is_file())
    if (folder := next(there, None)) is None:
        raise ContractsNotLoaded(f"there is no package {package} in it", next_step="see [tool.odmd.github] folder")
    return _in_own_process(where, foreign, base, revision, copy, folder)


def to_edition(told: ToldEdition) -> Edition:
    """What can be compared."""
    return edition(told.compiled)


def placed_in(one: Diagnostic, folder: Path) -> Diagnostic:
    """At its place in the repository; one that is elsewhere has none."""
    if one.place is None:
        return one
    file = Path(one.place.file)
    if file.is_absolute() and not file.is_relative_to(folder):
        return replace(one, place=None)
    inside = file.relative_to(folder) if file.is_absolute() else file
    return replace(one, place=Place(inside.as_posix(), one.place.line))


def _in_working_tree(where: str, settings: Settings) -> ToldEdition:
    """The files as they are, also of a package that is installed in another version, or not at all."""
    base, is_file = settings.contracts_base, where.rpartition(":")[0].endswith(".py")
    return _in_own_process(where, settings, base, path=None if is_file else _source(where, base).parent)


def _at_revision(revision: str, settings: Settings) -> ToldEdition:
    where = settings.contracts_or_refuse()
    source = _source(where, settings.contracts_base)
    root, commit = _commit(revision, source)
    inside = source.relative_to(root)
    with tempfile.TemporaryDirectory(prefix="odmd-contracts-") as folder:
        copy = Path(folder).resolve()
        _copy_of(root, commit, copy)
        if not (copy / inside).exists():
            raise ContractsNotLoaded(
                f"at {revision} there is no {inside}", next_step="name a revision that has these contracts"
            )
        module, _, attribute = where.rpartition(":")
        if module.endswith(".py"):
            return _in_own_process(f"{copy / inside}:{attribute}", settings, copy, revision, copy)
        return _in_own_process(where, settings, copy, revision, copy, (copy / inside).parent)


def _source(where: str, base: Path) -> Path:
    """The file or the package's folder that holds the contracts."""
    module = where.rpartition(":")[0]
    if module.endswith(".py"):
        return (base / module).resolve()
    package = module.partition(".")[0]
    for folder in (base / "src" / package, base / package):
        if (folder / "__init__.py").is_file():
            return folder.resolve()
    if (found := source_of(where, base)) is None:
        raise ContractsNotLoaded(
            f"there is no package {package}", next_step="install the contracts package into this environment"
        )
    return found


def _commit(revision: str, source: Path) -> tuple[Path, str]:
    """The repository that the contracts live in, and the commit of it."""
    try:
        root = git("rev-parse", "--show-toplevel", within=source.parent, extra=ANY_FOLDER_ABOVE).rstrip("\n")
    except GitFailed as failed:
        raise RevisionNotFound(
            f"{source} is in no git repository, so it has no revision {revision}",
            next_step="install the contracts from a working copy (pip install -e), or name two locations",
        ) from failed
    try:
        wanted = f"{revision}^{{commit}}"
        commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", wanted, within=Path(root)).strip()
    except GitFailed as failed:
        raise RevisionNotFound(f"{root} has no revision {revision}", next_step=_FORMS) from failed
    return Path(root).resolve(), commit


def _copy_of(root: Path, commit: str, into: Path) -> None:
    """The tree of a commit; the repository is only read."""
    archive = into / ".archive.tar"
    git("archive", "--format=tar", f"--output={archive}", commit, within=root, leash=True)
    with tarfile.open(archive) as packed:
        try:
            unpack(packed, into)
        except ValueError as wrong:
            raise RevisionNotFound(f"{commit} cannot be looked at: {wrong}", next_step="take that out of it") from wrong
    archive.unlink()


def _in_own_process(
    where: str, settings: Settings, base: Path, revision: str = "", copy: Path | None = None, path: Path | None = None
) -> ToldEdition:
    """Loads contracts; with `copy`, nothing of the package may come from elsewhere."""
    around = surroundings(f"{path}.py:" if path else where, base, settings.state)
    errand = Errand(where, str(base), first=str(path or ""), only=str(copy or ""))
    try:
        return ToldEdition(load_apart(errand, contracts_cage(settings), around))
    except ContractsNotLoaded as wrong:
        raise _placed(wrong, revision, f"{copy}/") from wrong


def _placed(wrong: ContractsNotLoaded, revision: str, copy: str) -> ContractsNotLoaded:
    """The mistake of a revision, at its place in the repository."""
    if not revision:
        return wrong
    place = Place(wrong.place.file.removeprefix(copy), wrong.place.line) if wrong.place else None
    return type(wrong)(f"at {revision}: {wrong.fact}", next_step=wrong.next_step, place=place)
