"""`odmd serve` beside the demo, for whom the settings let in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from odmd.errors import DemoFailed
from odmd.private import private_file, private_folder
from odmd.providers.leash import leashed

_SERVING: Final = re.compile(r"^serving \S+ on (http://\S+)\n", re.MULTILINE)


class DemoServer:
    """A server by the settings of a folder; it ends when this process does."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._log = folder, folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begins to start: `url` waits until it did."""
        home = private_folder(self._folder / "server")
        with private_file(self._log).open("wb") as output:
            self._process = leashed(
                [sys.executable, "-m", "odmd", "serve", "--port", "0"],
                env={**os.environ, "XDG_STATE_HOME": str(home), "PYTHONUNBUFFERED": "1"},
                cwd=self._folder,
                output=output,
            )

    @property
    def url(self) -> str:
        """Where it listens.

        Raises:
            DemoFailed: it did not start.
        """
        while (found := _SERVING.search(said := self._log.read_text("utf-8", "replace"))) is None:
            if self._process is None or self._process.poll() is not None:
                raise DemoFailed(f"the server does not start: {said.strip()}")
            time.sleep(0.02)
        return found[1]

    def stop(self) -> None:
        """Ends it in good order."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
            self._process.wait()
        self._process = None
