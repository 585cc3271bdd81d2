"""Runs a user's contracts file so that nothing beside it takes the place of Python's modules, and it ends some time."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Final

from odmd.errors import ContractsNotLoaded

LONGEST_SECONDS = 120.0
"""How long contracts may take to be loaded, and again to be proven. Tests have less time."""
_LARGEST_BYTES: Final = 20_000_000
_LOOK_AGAIN_SECONDS: Final = 1.0
_OURS: Final[set[str]] = set()
"""Names under which files were imported, so that the next one may have them."""
_BESIDE: Final[list[str]] = []
"""The folder that is on the path because contracts lie there."""


class TimeOver(BaseException):
    """Raised where the contracts are at; no `except Exception` of theirs keeps it."""


def import_file(path: Path) -> ModuleType:
    """The module that a file is, or the package, if it is its `__init__.py`.

    Raises:
        ContractsNotLoaded
    """
    if not os.path.isfile(path):  # noqa: PTH113  # pathlib raises for names that are too long
        raise ContractsNotLoaded(f"there is no file {path}", next_step="check --contracts or [tool.odmd] contracts")
    if (size := path.stat().st_size) > _LARGEST_BYTES:
        raise ContractsNotLoaded(
            f"{path} has {size / 1e6:.0f} MB: those are no contracts", next_step="name another file"
        )
    is_package = path.name == "__init__.py"
    name = _free(path.parent.resolve().name if is_package else path.stem)
    below = [str(path.parent)] if is_package else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=below)
    if spec is None or spec.loader is None:
        raise ContractsNotLoaded(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _OURS.add(name)
    _find_what_is_beside(str(path.parent.parent if is_package else path.parent))
    spec.loader.exec_module(module)
    return module


def _free(name: str) -> str:
    """The name for a module; `random.py` must not become the `random` of everybody else."""
    taken = name in sys.stdlib_module_names or (name in sys.modules and name not in _OURS)
    return f"{name}_contracts" if taken else name


def _find_what_is_beside(folder: str) -> None:
    """After everything else: what lies there by chance is not imported instead of what is installed."""
    for before in _BESIDE:
        if before in sys.path:
            sys.path.remove(before)
    _BESIDE[:] = [folder] if folder not in sys.path else []
    sys.path += _BESIDE


def hidden_by(wrong: BaseException) -> str:
    """The file beside the contracts that an import did not get, as a module that is installed has its name."""
    of = wrong.name if isinstance(wrong, ImportError) else getattr(getattr(wrong, "obj", None), "__name__", None)
    name = str(of or "").partition(".")[0]
    got = getattr(sys.modules.get(name), "__file__", None)
    for folder in map(Path, _BESIDE):
        for file in (folder / f"{name}.py", folder / name / "__init__.py"):
            if name and file.is_file() and str(file) != got:
                return str(file)
    return ""


@contextmanager
def ended_after(seconds: float) -> Generator[None]:
    """Raises `TimeOver` in what is inside when it lasts longer; in the main thread only, as no other gets signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TimeOver

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, _LOOK_AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
