"""The version of a contracts package: what its `__version__` says."""

from __future__ import annotations

import sys


def package_version(module: str) -> str:
    """`coffee_shop 1.2.0` for a module of that package; empty where it says none."""
    package = module.partition(".")[0]
    version = getattr(sys.modules.get(package), "__version__", "")
    return f"{package} {version}" if version else ""
