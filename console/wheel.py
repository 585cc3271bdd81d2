"""A wheel has the console, or is not built: who installs it needs no Node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WithConsole(BuildHookInterface):  # type: ignore[type-arg]
    """Looks whether it was built; an editable installation does without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuses a wheel without it."""
        if version != "editable" and not (Path(self.root) / "src/odmd/console/index.html").exists():
            raise RuntimeError("the console was not built: `make console`, or python console/build.py, builds it")
