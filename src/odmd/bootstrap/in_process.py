"""Loads and compiles contracts in this process, and says what they were loaded from."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from odmd.bootstrap.source import is_one_file
from odmd.errors import ContractsUnsound, Diagnostic, Place
from odmd.graph import Compiled, Loaded, compile_contracts, imports, load_organisation
from odmd.graph.imports import ended_after
from odmd.graph.load import blamed_on_contracts


def load_here(where: str, base: Path) -> Compiled:
    """The organisation, proven.

    Raises:
        ContractsNotLoaded, ContractsUnsound
    """
    loaded = load_organisation(where, base)
    with blamed_on_contracts(where.rpartition(":")[0], surely=False), ended_after(imports.LONGEST_SECONDS):
        return with_files(compiled_of(loaded), where, base)


def compiled_of(loaded: Loaded) -> Compiled:
    """What was loaded, proven.

    Raises:
        ContractsUnsound
    """
    given = (loaded.organisation, loaded.declared, loaded.noticed, loaded.version, loaded.policies)
    compiled = compile_contracts(*given)
    refuse_unsound_policies(compiled)
    return compiled


def refuse_unsound_policies(compiled: Compiled) -> None:
    """Raises:
    ContractsUnsound: with every mistake in the policies, and what else was found.
    """
    if not compiled.graph.governed.policies:
        return
    from odmd.policy.check import findings

    paths = {path.name: str(path) for path in compiled.files}
    found = [_placed(one, paths) for one in findings(compiled.graph)]
    if found:
        raise ContractsUnsound((*compiled.warnings, *found))


def _placed(found: Diagnostic, paths: Mapping[str, str]) -> Diagnostic:
    """With the file as it is found on the disk."""
    place = found.place
    here = paths.get(Path(place.file).name) if place else None
    return replace(found, place=Place(here, place.line)) if place and here else found


def with_files(compiled: Compiled, where: str, base: Path) -> Compiled:
    """The contracts, with the files of their modules and the schemas that they name."""
    modules = [file.resolve() for one in _modules(where, base) if (file := _file(sys.modules[one])).is_file()]
    schemas = sorted(one.resolve() for one in compiled.schemas.values() if isinstance(one, Path))
    return replace(compiled, files=tuple(dict.fromkeys((*modules, *schemas, *compiled.files))))


def _modules(where: str, base: Path) -> Sequence[str]:
    """The package of the contracts, or their file and the modules beside it, as far as they are loaded."""
    name, loaded = where.rpartition(":")[0], sys.modules.copy()  # another thread may import something meanwhile
    if not name.endswith(".py"):
        package = name.partition(".")[0]
        return [one for one in loaded if one.partition(".")[0] == package]
    file = base / name
    if is_one_file(where):
        return [one for one, module in loaded.items() if _file(module).parent == file.parent]
    top = next((one for one, module in loaded.items() if _file(module) == file), name)
    return [one for one in loaded if one.partition(".")[0] == top]


def _file(module: ModuleType) -> Path:
    return Path(getattr(module, "__file__", None) or "")
