"""Where contracts lie, found without running any of their code."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def source_of(where: str, base: Path) -> Path | None:
    """The file, or the package's folder; of a package in a file, that folder. None where there is no such package."""
    module = where.rpartition(":")[0]
    if module.endswith(".py"):
        file = (base / module).resolve()
        return file.parent if file.name == "__init__.py" else file
    try:
        spec = importlib.util.find_spec(module.partition(".")[0])
    except ValueError:  # no name, or a module without a spec
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None


def is_one_file(where: str) -> bool:
    """Whether the contracts are a file, with modules beside it, and no package."""
    name = where.rpartition(":")[0]
    return name.endswith(".py") and Path(name).name != "__init__.py"
