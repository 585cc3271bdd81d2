"""Finds and imports an organisation: `package.module:attribute` or `path/to/file.py:attribute`."""

from __future__ import annotations

import contextlib
import importlib
import sys
import sysconfig
import traceback
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from odmd.errors import ContractsBoundless, ContractsNotLoaded, OdmdError, Place
from odmd.graph import imports
from odmd.graph.governed import read_policies
from odmd.graph.imports import TimeOver, ended_after, hidden_by, import_file
from odmd.graph.purity import Noticed, watched
from odmd.model import Enver, Organisation
from odmd.model.declare import loading
from odmd.model.version import package_version

_LIBRARY: Final = str(Path(__file__).parents[1])
_PYTHON: Final = sysconfig.get_path("stdlib")
_FORMS: Final = "write package.module:attribute or path/to/file.py:attribute"
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
    policies: Sequence[Path] = ()
    """Files of policies beside them."""


def load_organisation(where: str, base: Path) -> Loaded:
    """Imports the contracts; a relative path starts at `base`.

    Raises:
        ContractsNotLoaded: with the file and line at fault.
    """
    module_name, _, attribute = where.rpartition(":")
    if not module_name:
        raise ContractsNotLoaded(
            f"{where!r} names no organisation",
            next_step=_FORMS,
        )
    declared: list[Enver] = []
    noting = loading.set(declared)
    try:
        package = module_name.partition(".")[0]
        # What contracts print shall not stand in a command's JSON.
        aside, blamed = contextlib.redirect_stdout(sys.stderr), blamed_on_contracts(module_name)
        with aside, watched(package) as noticed, blamed, ended_after(imports.LONGEST_SECONDS):
            module = _import(module_name, base)
            found = getattr(module, attribute, None)
    finally:
        loading.reset(noting)
    if isinstance(found, Organisation):
        policies = read_policies(getattr(module, "__file__", None) or "")
        return Loaded(found, declared, tuple(noticed), package_version(module.__name__), policies)
    there = [name for name, thing in vars(module).items() if isinstance(thing, Organisation)]
    fact = f"{module_name} has no {attribute}" if found is None else f"{where} is no Organisation, but {_shown(found)}"
    hint = (
        f"there is {', '.join(f'{module_name}:{name}' for name in there)}" if there else "declare an Organisation there"
    )
    raise ContractsNotLoaded(fact, next_step=hint)


def _import(module_name: str, base: Path) -> ModuleType:
    if module_name.endswith(".py"):
        return import_file(base / module_name)
    if not all(module_name.split(".")):
        raise ContractsNotLoaded(f"{module_name!r} is no module's name", next_step=_FORMS)
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as wrong:
        if wrong.name in (module_name, module_name.partition(".")[0]):
            raise ContractsNotLoaded(str(wrong), next_step=_INSTALL_CONTRACTS) from wrong
        raise


@contextlib.contextmanager
def blamed_on_contracts(module_name: str, *, surely: bool = True) -> Generator[None]:
    """Whatever the users' own code raises inside is a mistake in the contracts, with its line.

    Args:
        surely: even where no line of theirs is to be seen.

    Raises:
        ContractsNotLoaded
    """
    try:
        yield
    except (OdmdError, KeyboardInterrupt):
        raise
    except TimeOver as wrong:
        raise ContractsBoundless(
            f"the contracts are not loaded after {imports.LONGEST_SECONDS:g} s",
            place=_place(wrong),
            next_step="see what this line waits for, or repeats without end: contracts only declare",
        ) from wrong
    except MemoryError as wrong:
        raise ContractsBoundless(
            "the contracts take more memory than they may",
            place=_place(wrong),
            next_step="see what this line makes so much of: contracts only declare",
        ) from wrong
    except SyntaxError as wrong:
        place = Place(wrong.filename or module_name, wrong.lineno or 1)
        raise ContractsNotLoaded(f"syntax error: {wrong.msg}", place=place, next_step=_CORRECT) from wrong
    except SystemExit as wrong:
        raise ContractsNotLoaded(
            f"the contracts end the process (exit {_shown(wrong.code)})",
            place=_place(wrong),
            next_step="contracts only declare",
        ) from wrong
    except BaseException as wrong:
        if (place := _place(wrong)) is None and not surely:
            raise
        raise ContractsNotLoaded(_said(wrong), place=place, next_step=_mending(wrong)) from wrong


def _mending(wrong: BaseException) -> str:
    if isinstance(wrong, (PermissionError, FileNotFoundError)):
        return f"{_CORRECT}; where contracts are caged, they see what lies beside them only, and start no program"
    if file := hidden_by(wrong):
        return f"give {file} another name: what is installed, or Python's own, has it already"
    if isinstance(wrong, ModuleNotFoundError) and wrong.name:
        return f"install {wrong.name} into this environment"
    return _CORRECT


def _said(wrong: BaseException) -> str:
    """What an error says; some cannot even do that."""
    try:
        return str(wrong) if isinstance(wrong, ModuleNotFoundError) else f"{type(wrong).__name__}: {wrong}".rstrip(": ")
    except Exception:
        return type(wrong).__name__


def _shown(thing: object) -> str:
    try:
        return repr(thing)
    except Exception:
        return f"a {type(thing).__name__}"


def _place(wrong: BaseException) -> Place | None:
    """The last line of the user's that led to an error; neither ours nor Python's own."""
    frames = [
        frame
        for frame in traceback.extract_tb(wrong.__traceback__)
        if not frame.filename.startswith((_LIBRARY, _PYTHON, "<"))
    ]
    return Place(frames[-1].filename, frames[-1].lineno or 1) if frames else None
