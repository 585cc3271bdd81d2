"""Finds and imports an organisation: `package.module:attribute` or `path/to/file.py:attribute`."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from odmd.errors import ContractsNotLoaded, OdmdError, Place
from odmd.graph.purity import Noticed, watched
from odmd.model import Enver, Organisation
from odmd.model.declare import loading
from odmd.model.version import package_version

_LIBRARY: Final = str(Path(__file__).parents[1])
_PYTHON: Final = sysconfig.get_path("stdlib")
_CORRECT: Final = "correct this line, and check again"
_INSTALL_CONTRACTS: Final = (
    "install the contracts package into this environment, or give --contracts path/to/file.py:attribute"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """An organisation, and all that was declared on the way to it."""

    organisation: Organisation
    declared: Sequence[Enver]
    noticed: Sequence[Noticed]
    """What the contracts asked of the world while they were loaded."""
    version: str
    """`<package> <version>`, as the package's `__version__` says; empty where it says none."""


def load_organisation(where: str, base: Path) -> Loaded:
    """Imports the contracts; a relative path starts at `base`.

    Raises:
        ContractsNotLoaded: with the file and line at fault.
    """
    module_name, _, attribute = where.rpartition(":")
    if not module_name:
        raise ContractsNotLoaded(
            f"{where!r} names no organisation",
            next_step="write package.module:attribute or path/to/file.py:attribute",
        )
    declared: list[Enver] = []
    noting = loading.set(declared)
    try:
        package = module_name.partition(".")[0]
        # What contracts print shall not stand in a command's JSON.
        with contextlib.redirect_stdout(sys.stderr), watched(package) as noticed:
            module = _import(module_name, base)
    finally:
        loading.reset(noting)
    found = getattr(module, attribute, None)
    if isinstance(found, Organisation):
        return Loaded(found, declared, tuple(noticed), package_version(module.__name__))
    there = [name for name, thing in vars(module).items() if isinstance(thing, Organisation)]
    fact = f"{module_name} has no {attribute}" if found is None else f"{where} is no Organisation, but {found!r}"
    hint = (
        f"there is {', '.join(f'{module_name}:{name}' for name in there)}" if there else "declare an Organisation there"
    )
    raise ContractsNotLoaded(fact, next_step=hint)


def _import(module_name: str, base: Path) -> ModuleType:
    try:
        return _import_file(base / module_name) if module_name.endswith(".py") else importlib.import_module(module_name)
    except OdmdError:
        raise
    except SyntaxError as wrong:
        place = Place(wrong.filename or module_name, wrong.lineno or 1)
        raise ContractsNotLoaded(f"syntax error: {wrong.msg}", place=place, next_step=_CORRECT) from wrong
    except ModuleNotFoundError as wrong:
        missing_itself = wrong.name == module_name.partition(".")[0] or wrong.name == module_name
        raise ContractsNotLoaded(
            str(wrong),
            place=None if missing_itself else _place(wrong),
            next_step=_INSTALL_CONTRACTS if missing_itself else f"install {wrong.name} into this environment",
        ) from wrong
    except SystemExit as wrong:
        raise ContractsNotLoaded(
            f"the contracts end the process (exit {wrong.code})",
            place=_place(wrong),
            next_step="contracts only declare",
        ) from wrong
    except Exception as wrong:
        raise ContractsNotLoaded(f"{type(wrong).__name__}: {wrong}", place=_place(wrong), next_step=_CORRECT) from wrong


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise ContractsNotLoaded(f"there is no file {path}", next_step="check --contracts or [tool.odmd] contracts")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ContractsNotLoaded(f"{path} is no Python file", next_step="name a file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    return module


def _place(wrong: BaseException) -> Place | None:
    """The last line of the user's that led to an error; neither ours nor Python's own."""
    frames = [
        frame
        for frame in traceback.extract_tb(wrong.__traceback__)
        if not frame.filename.startswith((_LIBRARY, _PYTHON, "<"))
    ]
    return Place(frames[-1].filename, frames[-1].lineno or 1) if frames else None
