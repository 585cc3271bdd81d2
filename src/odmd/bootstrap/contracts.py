"""Loads and compiles the contracts that the settings name."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Final

from odmd.bootstrap.settings import Settings
from odmd.graph import Compiled, compile_contracts, load_organisation
from odmd.graph.load import blamed_on_contracts

_ONE_AT_A_TIME: Final = threading.Lock()
"""Modules are the process's."""


def load_contracts(settings: Settings) -> Compiled:
    """The organisation, proven.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound
    """
    with _no_collecting():
        where = settings.contracts_or_refuse()
        loaded = load_organisation(where, settings.contracts_base)
        with blamed_on_contracts(where.rpartition(":")[0], surely=False):
            return compile_contracts(loaded.organisation, loaded.declared, loaded.noticed, version=loaded.version)


def load_contracts_again(settings: Settings) -> Compiled:
    """The organisation as its files say now, in a process that loaded it before.

    What is at work with the earlier edition goes on with it. If the files are not sound, the earlier one stays loaded.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound
    """
    with _ONE_AT_A_TIME:
        before = _forget_modules(settings)
        try:
            return load_contracts(settings)
        except BaseException:
            _forget_modules(settings)
            sys.modules.update(before)
            raise


def contracts_stamp(settings: Settings) -> object:
    """Changes when a file does that the contracts were loaded from."""
    found = list[tuple[str, int, int]]()
    for name in _modules(settings):
        with suppress(OSError):
            stat = (file := _file(sys.modules[name])).stat()
            found.append((str(file), stat.st_mtime_ns, stat.st_size))
    return sorted(found)


def contracts_paths(settings: Settings, compiled: Compiled) -> Sequence[Path]:
    """What the loaded contracts consist of: their package's folder, or their file, the modules beside it that it loads,
    and the schemas below."""
    files = [file.resolve() for one in _modules(settings) if (file := _file(sys.modules[one])).is_file()]
    if not _is_one_file(settings):
        tops = [file for file in files if file.name == "__init__.py"]
        return [min(tops, key=lambda file: len(file.parts)).parent] if tops else files
    folder = files[0].parent if files else Path()
    schemas = {one.resolve() for one in compiled.schemas.values() if isinstance(one, Path)}
    return [*files, *sorted(one for one in schemas if one.is_relative_to(folder))]


def _forget_modules(settings: Settings) -> Mapping[str, ModuleType]:
    """Unloads what the contracts were loaded from; returns what was loaded."""
    importlib.invalidate_caches()
    return {one: sys.modules.pop(one) for one in _modules(settings)}


def _modules(settings: Settings) -> Sequence[str]:
    """The package of the contracts, or their file and the modules beside it, as far as they are loaded."""
    name = settings.contracts_or_refuse().rpartition(":")[0]
    if not name.endswith(".py"):
        package = name.partition(".")[0]
        return [one for one in sys.modules if one.partition(".")[0] == package]
    file = settings.contracts_base / name
    if _is_one_file(settings):
        return [one for one, module in sys.modules.items() if _file(module).parent == file.parent]
    top = next((one for one, module in sys.modules.items() if _file(module) == file), name)
    return [one for one in sys.modules if one.partition(".")[0] == top]


def _is_one_file(settings: Settings) -> bool:
    """Whether the contracts are a file, with modules beside it, and no package."""
    name = settings.contracts_or_refuse().rpartition(":")[0]
    return name.endswith(".py") and Path(name).name != "__init__.py"


def _file(module: ModuleType) -> Path:
    return Path(getattr(module, "__file__", None) or "")


@contextmanager
def _no_collecting() -> Generator[None]:
    """What contracts make lives as long as the process: looking for garbage in it costs half of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
