"""Which files of the contracts are not as they are committed: what is deployed from them, nobody else can look up."""

from __future__ import annotations

from typing import Final

from odmd.bootstrap.contracts import contracts_paths
from odmd.bootstrap.settings import Settings
from odmd.errors import ToolMissing
from odmd.graph import Compiled
from odmd.providers.git.command import GitFailed, git

ANY_FOLDER_ABOVE: Final = {"GIT_CEILING_DIRECTORIES": ""}
_STATUS: Final = ("status", "--porcelain", "--branch", "-z", "--untracked-files=all", "--no-renames")
_HEADER: Final = "## "
_COMPILED: Final = "__pycache__/"
"""What Python makes of the files beside it says nothing that they do not say."""
_BEFORE_THE_FIRST_COMMIT: Final = "## No commits yet"


def uncommitted(settings: Settings, compiled: Compiled) -> tuple[str, ...]:
    """By path from the top of their repository; none where no repository has a commit to compare them with."""
    if not (paths := contracts_paths(settings, compiled)):
        return ()
    above = paths[0] if paths[0].is_dir() else paths[0].parent
    try:
        said = git("--no-optional-locks", *_STATUS, "--", *map(str, paths), within=above, extra=ANY_FOLDER_ABOVE)
    except (GitFailed, ToolMissing):
        return ()
    lines = said.split("\0")
    if lines[0].startswith(_BEFORE_THE_FIRST_COMMIT):
        return ()
    changed = (line[len("XY ") :] for line in lines if line and not line.startswith(_HEADER))
    return tuple(sorted(path for path in changed if _COMPILED not in path))
