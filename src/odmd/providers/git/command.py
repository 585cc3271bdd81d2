"""Runs git so that neither the user's environment nor a hostile repository decides what it does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from odmd.errors import FailedForNow, ToolMissing

SETTINGS: Final = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "safe.directory=*",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
    # Packs appear whole; loose objects would appear one by one, a commit before its files.
    "fetch.unpackLimit=1",
    "transfer.unpackLimit=1",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "init.defaultBranch=main",
    "advice.detachedHead=false",
)
AUTHENTICATION: Final = frozenset({"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_SSL_CAINFO"})
"""The only variables of git's that are taken from the user's environment."""


class GitFailed(FailedForNow):
    """Git ended with an error; callers turn it into what it means."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def git(
    *arguments: str,
    within: Path,
    extra: Mapping[str, str] | None = None,
    holding: Sequence[int] = (),
    timeout: float = 600.0,
) -> str:
    """What git prints.

    Args:
        within: an existing folder to run in; repositories around it are not looked at.
        extra: more environment variables.
        holding: open locks that stay held as long as git runs, even when this process is killed.

    Raises:
        GitFailed, ToolMissing
    """
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and names follow `--`
            ["git", *settings, *arguments],  # noqa: S607 - the user's git, wherever it is
            cwd=within,
            env={**_environment(within), **(extra or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            pass_fds=holding,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        raise ToolMissing("git is not on this machine", next_step="install git, or add it to PATH") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(f"no answer within {timeout:.0f} s") from None
    if done.returncode:
        raise GitFailed(done.stderr.decode(errors="replace").strip() or f"git ended with {done.returncode}")
    return done.stdout.decode(errors="replace")


def _environment(within: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k in AUTHENTICATION}
    return kept | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "file:https:ssh",
        "GIT_CEILING_DIRECTORIES": str(within.parent),
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }
