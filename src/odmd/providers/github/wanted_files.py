"""Files that the contracts want in a repository at GitHub, and where they stand there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WORKFLOWS: Final = ".github/workflows"
ACTION: Final = ".github/actions/odmd-setup/action.yml"
"""That of the user's own steps."""
MARK: Final = "# Written by `odmd github workflows`"
"""What a workflow of ours begins with."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    """One of them."""

    repo: str
    """As the contracts name it."""
    path: str
    """In its repository."""
    text: str
    is_users: bool = False
    """It is written where there is none, and is the user's from then on."""
