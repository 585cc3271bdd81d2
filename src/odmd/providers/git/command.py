"""Runs git so that neither the user's environment nor a hostile repository decides what it does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from odmd.control.running.halting import when_halted
from odmd.errors import FailedForNow, ToolMissing
from odmd.providers.leash import NOT_STARTED, leashed

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
    # Nobody is asked: without a terminal and without a window, whatever wants to know something fails at once.
    "core.askPass=",
    "credential.interactive=false",
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
    leash: bool = False,
    timeout: float = 600.0,
) -> str:
    """What git prints.

    Args:
        within: an existing folder to run in; repositories around it are not looked at.
        extra: more environment variables.
        holding: open locks that stay held as long as git runs, even when this process is killed.
        leash: git ends with this process, with all that it started: for what asks another machine, or fills a folder.
            All else starts nothing, takes a moment, and keeps its locks till then: it needs nobody who holds it.
        timeout: seconds, after which git and all that it started are ended.

    Raises:
        GitFailed, ToolMissing
    """
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    environment = {**_environment(within), **(extra or {})}
    run = _leashed if leash else _plain
    try:
        code, said, complaints = run(["git", *settings, *arguments], environment, within, holding, timeout)
    except subprocess.TimeoutExpired:
        raise GitFailed(f"no answer within {timeout:.0f} s") from None
    except (OSError, ValueError) as wrong:  # too many words, or a zero byte among them
        if isinstance(wrong, FileNotFoundError) and wrong.filename == "git":
            raise _no_git() from wrong
        raise GitFailed(f"git cannot be started: {getattr(wrong, 'strerror', None) or wrong}") from wrong
    if code == NOT_STARTED:
        raise _no_git()
    if code:
        raise GitFailed(complaints.decode(errors="replace").strip() or f"git ended with {code}")
    return said.decode(errors="replace")


def _no_git() -> ToolMissing:
    return ToolMissing("git is not on this machine", next_step="install git, or add it to PATH")


def _plain(
    words: Sequence[str], environment: Mapping[str, str], within: Path, holding: Sequence[int], timeout: float
) -> tuple[int, bytes, bytes]:
    """The exit code, and what it printed."""
    with subprocess.Popen(  # noqa: S603
        words,
        env=environment,
        cwd=within,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=holding,
        start_new_session=True,
    ) as process:
        when_halted(process.kill)
        try:
            said, complaints = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return process.returncode, said, complaints


def _leashed(
    words: Sequence[str], environment: Mapping[str, str], within: Path, holding: Sequence[int], timeout: float
) -> tuple[int, bytes, bytes]:
    """The same; when time is up, git ends, and so does the ssh below it."""
    process = leashed(
        words, env=environment, cwd=within, output=subprocess.PIPE, errors=subprocess.PIPE, holding=holding
    )
    leash, process.stdin = process.stdin, None  # else `communicate` closes it
    try:
        said, complaints = process.communicate(timeout=timeout)
    finally:
        if leash:
            leash.close()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
    return process.returncode, said, complaints


def _environment(within: Path) -> dict[str, str]:
    left_out = ("GIT_", "SSH_ASKPASS", "ODMD_")  # git has no use for our tokens and passwords
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out) or k in AUTHENTICATION}
    if not kept.keys() & {"GIT_SSH", "GIT_SSH_COMMAND"} and not _has_own_ssh(
        kept.get("HOME"), kept.get("XDG_CONFIG_HOME"), kept.get("PATH")
    ):
        kept["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    return kept | {
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_ALLOW_PROTOCOL": "file:https:ssh",
        "GIT_CEILING_DIRECTORIES": str(within.parent),
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }


@cache
def _has_own_ssh(home: str | None, config: str | None, path: str | None) -> bool:
    """Whether the user's configuration names a program for ssh, with keys of its own perhaps: that one is used."""
    known = {"HOME": home, "XDG_CONFIG_HOME": config, "PATH": path}
    try:
        asked = subprocess.run(
            ["git", "config", "--get", "core.sshCommand"],  # noqa: S607 - the user's git, wherever it is
            cwd="/",
            env={name: text for name, text in known.items() if text is not None},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return asked.returncode == 0
