"""The example organisations pass strict type checkers: mypy here, pyright in `make check`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = [ROOT / "examples" / name / "contracts" for name in ("payments", "reference_org", "tea_house")]


def test_mypy_accepts_them_strictly(request: pytest.FixtureRequest) -> None:
    cache = request.config.cache.mkdir("mypy-examples")
    files = [str(package / "src") for package in PACKAGES]
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
