"""What jsii unpacks of an environment's packages: by us, once, for all apps of this environment, which only read it.

jsii touches a file of each package that it takes from there, and refuses what it cannot touch. So a caged app has a
root of its own, in it our packages, which it cannot write, and on the touched file of each one of its own.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from odmd.providers.cage import Placed
from odmd.providers.environments.recipe import Command, key_of

ROOT: Final = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"
FOLDER: Final = "jsii"
"""Beside what is installed."""
_MARK: Final = ".jsii-runtime-package-cache"
_SCRIPT: Final = Path(__file__).with_name("unpack.py")


def unpacking(python: Path, node: Path, into: Path, services: Sequence[str] = ()) -> Command:
    """What unpacks all that is installed for a Python, and compiles what CDK's package has for some services."""
    return Command((str(python), "-I", str(_SCRIPT), *services), into, {ROOT: str(into), "JSII_NODE": str(node)})


def has_jsii(venv: Path) -> bool:
    """Whether a virtual environment has packages to unpack."""
    return any(venv.glob("lib/python*/site-packages/jsii"))


def own_key() -> str | None:
    """What decides on the packages that odmd's own Python has; None where it has none."""
    site = Path(sysconfig.get_path("purelib"))
    if not (site / "jsii").is_dir():
        return None
    return key_of("own", str(site), *sorted(one.name for one in site.glob("*.dist-info")))


def shown(unpacked: Path, touched: Path) -> Iterator[Placed]:
    """The packages, as a caged app has them; `touched` is a file of its own."""
    yield Placed(unpacked)
    for mark in _marks(unpacked):
        yield Placed(mark.parent, mark.parent)
        yield Placed(mark, touched, writable=True)


def _marks(unpacked: Path) -> Sequence[Path]:
    return sorted([*unpacked.glob(f"*/*/*/{_MARK}"), *unpacked.glob(f"@*/*/*/*/{_MARK}")])
