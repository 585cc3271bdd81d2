"""Runs a CDK app: what it sees is its run, and nothing of this process's secrets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from odmd.control.deployment import Target, Workplace
from odmd.control.ports import FROM_APP, Discreet, Progress
from odmd.control.private import open_private
from odmd.errors import AppFailed, ToolMissing
from odmd.model.run_document import VARIABLE
from odmd.providers.aws.assembly import MANIFEST
from odmd.providers.aws.cdk_json import CdkApp, read_cdk_json
from odmd.providers.aws.node import find_node
from odmd.providers.leash import NOT_STARTED, leashed

_HANDED_ON: Final = ("HOME", "LANG", "LC_ALL", "TMPDIR")
_REMEMBERED: Final = 60
_LONGEST_LINE: Final = 65_536
"""Bytes of a line; nobody reads more, and an app may print without end."""
_SHOWN: Final = 3
_TRACEBACK: Final = "Traceback (most recent call last)"
_NOT_INSTALLED: Final = "install what the app imports (its contracts package, too) where odmd runs; "


class CdkSynthesiser:
    """Runs the app that `cdk.json` names, as the CDK command line would.

    Args:
        discreet: what an app's lines go through before anybody reads or keeps them.
    """

    def __init__(self, discreet: Callable[[], Discreet]) -> None:
        self._discreet = discreet

    def synthesise(self, source: Path, workplace: Workplace, target: Target, progress: Progress) -> None:
        app = read_cdk_json(source)
        environment = _environment(app, workplace, target, find_node())
        shutil.rmtree(workplace.assembly, ignore_errors=True)
        with open_private(workplace.log, "a") as log:
            heard = _Heard(self._discreet(), log, progress)
            code, tail = _run(app, source, environment, heard), heard.tail
        if code == NOT_STARTED:
            raise ToolMissing(f"the app cannot be started: {_meaning(tail)}", next_step=f"see {workplace.log}")
        if code:
            meaning = _meaning(tail)
            hint = _NOT_INSTALLED if "ModuleNotFoundError" in meaning else ""
            raise AppFailed(f"the app ended with {code}: {meaning}", next_step=f"{hint}see {workplace.log}")
        if not (workplace.assembly / MANIFEST).is_file():
            raise AppFailed(
                "the app ended well and wrote no cloud assembly",
                next_step="end it with app.synth(), and let CDK_OUTDIR say where: no `outdir` of its own",
            )


def _environment(app: CdkApp, workplace: Workplace, target: Target, node: Path) -> Mapping[str, str]:
    """No credentials, and of this process's variables only what programs need to run at all."""
    own = {name: text for name, text in os.environ.items() if name in _HANDED_ON or name.startswith("JSII_")}
    path = [str(Path(sys.executable).parent), str(node.parent), os.environ.get("PATH", os.defpath)]
    return {
        **own,
        "PATH": os.pathsep.join(path),
        "JSII_NODE": str(node),
        "PYTHONUNBUFFERED": "1",
        VARIABLE: str(workplace.document.absolute()),
        "CDK_OUTDIR": str(workplace.assembly.absolute()),
        "CDK_CONTEXT_JSON": json.dumps(app.context),
        "CDK_DEFAULT_ACCOUNT": target.account,
        "CDK_DEFAULT_REGION": target.region,
    }


class _Heard:
    """Keeps and tells what an app prints."""

    def __init__(self, discreet: Discreet, log: IO[str], progress: Progress) -> None:
        self._discreet, self._log, self._progress = discreet, log, progress
        self._last = deque[str](maxlen=_REMEMBERED)

    @property
    def tail(self) -> Sequence[str]:
        """The last lines."""
        return list(self._last)

    def listen(self, output: IO[bytes]) -> None:
        """Until it ends; of an endless line, its beginning."""
        while line := output.readline(_LONGEST_LINE):
            cut = not line.endswith(b"\n") and len(line) == _LONGEST_LINE
            while cut and (more := output.readline(_LONGEST_LINE)) and not more.endswith(b"\n"):
                pass
            self._tell(self._discreet(line.decode(errors="replace"), cut=cut))
        self._tell(self._discreet.rest())

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._log.write(f"{line}\n")
            if text := line.rstrip():
                self._last.append(text)
                self._progress(f"{FROM_APP}{text}")
        self._log.flush()


def _run(app: CdkApp, source: Path, environment: Mapping[str, str], heard: _Heard) -> int:
    """The exit code; an interrupt here ends the app, and so does our own end."""
    process = leashed(app.command, env=environment, cwd=source, output=subprocess.PIPE)
    try:
        if process.stdout:
            heard.listen(process.stdout)
        return process.wait()
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait()


def _meaning(lines: Sequence[str]) -> str:
    """The lines that say what went wrong: what follows Python's last traceback, else the last ones."""
    begins = max((number for number, line in enumerate(lines) if line.startswith(_TRACEBACK)), default=None)
    if begins is None:
        said = [line.strip() for line in lines[-_SHOWN:]]
    else:
        said = [line for line in lines[begins + 1 :] if not line.startswith((" ", "\t"))][:_SHOWN]
    return " / ".join(said) or "it printed nothing"
