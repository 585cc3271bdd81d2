"""Loads the contracts of another place or another git revision, each in a process of its own.

Two editions of one package cannot be imported side by side; what they say travels back as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from odmd.bootstrap.settings import Settings
from odmd.bootstrap.uncommitted import ANY_FOLDER_ABOVE
from odmd.errors import ContractsNotLoaded, ContractsUnsound, Diagnostic, OdmdError, Place, RevisionNotFound, Severity
from odmd.graph import Graph, load_organisation
from odmd.graph.compile import Compiled, compile_contracts
from odmd.graph.difference import Edition, edition
from odmd.graph.draft import draft
from odmd.graph.schemas import Json
from odmd.providers.git.command import GitFailed, git

_FORMS: Final = "say package.module:attribute, path/to/file.py:attribute, or a branch, tag or commit"


@dataclass(frozen=True, slots=True)
class Told:
    """An edition as its process tells of it."""

    graph: Graph
    documents: Mapping[str, Json]
    lineage: Mapping[str, tuple[str, ...]]
    mistakes: tuple[Diagnostic, ...] = ()
    """Why the contracts are not sound; what they say is told all the same."""


def edition_of(where: str | None, settings: Settings) -> Told:
    """The contracts at a location (it has a colon), at a git revision of the settings' contracts, or as they are now.

    Raises:
        SettingsInvalid, ContractsNotLoaded, RevisionNotFound
    """
    if where is None:
        return _in_working_tree(settings.contracts_or_refuse(), settings.contracts_base)
    if ":" in where:
        return _in_own_process(where, Path.cwd(), "")
    return _at_revision(where, settings)


def to_edition(told: Told) -> Edition:
    """What can be compared."""
    return Edition(told.graph, told.documents, told.lineage)


def to_json(told: Told) -> bytes:
    """Text for another process."""
    return _adapter().dump_json(told)


def from_json(text: bytes | str) -> Told:
    """What `to_json` wrote."""
    return _adapter().validate_json(text)


def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Told)


def _in_working_tree(where: str, base: Path) -> Told:
    """The files as they are, also of a package that is installed in another version, or not at all."""
    is_file = where.rpartition(":")[0].endswith(".py")
    return _in_own_process(where, base, "", path=None if is_file else _source(where, base).parent)


def _at_revision(revision: str, settings: Settings) -> Told:
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
            return _in_own_process(f"{copy / inside}:{attribute}", copy, revision, copy)
        return _in_own_process(where, copy, revision, copy, (copy / inside).parent)


def _source(where: str, base: Path) -> Path:
    """The file or the package's folder that holds the contracts."""
    module = where.rpartition(":")[0]
    if module.endswith(".py"):
        return (base / module).resolve()
    package = module.partition(".")[0]
    for folder in (base / "src" / package, base / package):
        if (folder / "__init__.py").is_file():
            return folder.resolve()
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ContractsNotLoaded(
            f"there is no package {package}", next_step="install the contracts package into this environment"
        )
    origin = Path(spec.origin).resolve()
    return origin.parent if origin.name == "__init__.py" else origin


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
    git("archive", "--format=tar", f"--output={archive}", commit, within=root)
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="data")
    archive.unlink()


def _in_own_process(where: str, base: Path, revision: str, copy: Path | None = None, path: Path | None = None) -> Told:
    """Loads contracts; with `copy`, nothing of the package may come from elsewhere."""
    words = json.dumps([where, str(base), str(copy or ""), str(path or "")])
    done = subprocess.run(  # noqa: S603  # this Python, and no shell
        [sys.executable, "-P", "-m", __name__, words],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    )
    if done.returncode == 0:
        return from_json(done.stdout)
    raise _error(done.stdout, done.stderr, revision, str(copy or ""))


def _error(said: bytes, printed: bytes, revision: str, copy: str) -> OdmdError:
    try:
        told: Mapping[str, Any] = json.loads(said)
    except ValueError:
        last = printed.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        return ContractsNotLoaded(f"the process that loads the contracts ended: {last[0]}")
    at = f"at {revision}: " if revision else ""
    file = str(told["file"]).removeprefix(f"{copy}/") if copy else str(told["file"])
    place = Place(file, told["line"]) if file else None
    return ContractsNotLoaded(at + told["fact"], next_step=told["next_step"], place=place)


def _tell(where: str, base: str, copy: str, path: str) -> bytes:
    """What the process of its own does."""
    if path:
        sys.path.insert(0, path)
    loaded = load_organisation(where, Path(base))
    module = where.rpartition(":")[0]
    if copy and not module.endswith(".py"):
        _refuse_what_is_from_elsewhere(module.partition(".")[0], copy)
    mistakes: Sequence[Diagnostic] = ()
    try:
        compiled = compile_contracts(loaded.organisation, loaded.declared, loaded.noticed, version=loaded.version)
    except ContractsUnsound as unsound:
        mistakes = [one for one in unsound.found if one.severity is Severity.ERROR]
        drafted = draft(loaded.organisation, loaded.declared, loaded.noticed)
        nodes = {node.address: node for node in drafted.nodes}
        organisation, account = loaded.organisation.name, loaded.organisation.central.id
        graph = Graph(organisation, account, nodes, {}, loaded.version, drafted.builds)
        compiled = Compiled(graph, drafted.kinds, drafted.schemas)
    made = edition(compiled)
    return to_json(Told(compiled.graph, made.documents, made.lineage, tuple(mistakes)))


def _refuse_what_is_from_elsewhere(package: str, copy: str) -> None:
    file = sys.modules[package].__file__ or ""
    if not Path(file).resolve().is_relative_to(copy):
        raise ContractsNotLoaded(f"package {package} was imported from {file}, not from the revision")


def _main() -> int:
    try:
        said = _tell(*json.loads(sys.argv[1]))
    except OdmdError as error:
        place = error.place
        told = {"fact": error.fact, "next_step": error.next_step}
        said = json.dumps({**told, "file": place.file if place else "", "line": place.line if place else 0}).encode()
        sys.stdout.buffer.write(said)
        return error.exit_code
    sys.stdout.buffer.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
