"""Where odmd keeps for its user what belongs to no state of a control plane."""

from __future__ import annotations

import os
from pathlib import Path


def state_home(what: str) -> Path:
    """The folder of one sort of things.

    Raises:
        RuntimeError: nobody knows where the user is at home.
    """
    said = os.environ.get("XDG_STATE_HOME", "")
    return (Path(said) if os.path.isabs(said) else Path.home() / ".local" / "state") / "odmd" / what  # noqa: PTH117
