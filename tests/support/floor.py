"""Servers, workers and agents as processes of one organisation, and what they say."""

from __future__ import annotations

import re
import signal
import threading
from contextlib import ExitStack
from subprocess import CompletedProcess
from typing import Any

from support.forked import Forked
from support.until import TOO_LONG
from support.workbench import Workbench


class Floor:
    """Processes of one organisation, and what they say."""

    def __init__(self, bench: Workbench, stack: ExitStack) -> None:
        settings = (bench.root / "pyproject.toml").read_text()
        bench.write("pyproject.toml", settings + "worker-patience = 2\nruns-at-once = 4\n")
        self.bench, self._stack = bench, stack

    def start(self, *words: str) -> Forked:
        process = self.bench.start(*words)
        self._stack.callback(_end, process)
        return process

    def server(self, *words: str) -> tuple[str, Forked]:
        process = self.start("serve", "--port", "0", *words)
        return re.findall(r"http://\S+", said(process, "serving"))[0], process

    def worker(self, *words: str) -> Forked:
        process = self.start("worker", *words)
        said(process, "takes runs of acme")
        return process

    def apply(self, server: str) -> CompletedProcess[str]:
        return self.bench.odmd("apply", "--yes", "--server", server)

    def runs(self) -> list[dict[str, Any]]:
        return self.bench.data("runs")


def said(process: Forked, what: str, patience: float = TOO_LONG) -> str:
    """The next line with this in it; a process that does not say so in time is killed."""
    assert process.stdout
    heard: list[str] = []
    impatient = threading.Timer(patience, process.kill)
    impatient.start()
    try:
        while what not in (line := process.stdout.readline()):
            assert line, "".join(heard)
            heard.append(line)
    finally:
        impatient.cancel()
    return line


def _end(process: Forked) -> None:
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.communicate()
