"""An organisation's contracts are a package: they build into a wheel that a service can install and type-check."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

CONTRACTS = Path(__file__).parents[2] / "examples" / "coffee_shop" / "contracts"


def test_the_contracts_build_into_a_versioned_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "uv", "build", "--wheel", "--out-dir", str(tmp_path), str(CONTRACTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == "coffee_shop_contracts-0.1.0-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert {"coffee_shop/__init__.py", "coffee_shop/py.typed"} <= set(names)
