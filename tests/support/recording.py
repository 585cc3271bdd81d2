"""`odmd` on a recorded state, in this process: no cloud, no repositories."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from io import RawIOBase
from pathlib import Path
from typing import Any

import pytest

from odmd.cli.main import main
from odmd.control.ports.log import Logged, Touched
from odmd.control.scheduler.messages import (
    FailRun,
    FinishRetirement,
    FinishRun,
    Head,
    Loss,
    Publication,
    RetireValue,
    StartChange,
)
from odmd.graph import compile_contracts, load_organisation
from odmd.plan.commits import Author
from odmd.store.leadership import FileLeadership
from odmd.store.sql import SqlStore
from support.actors import somebody
from support.state_files import state_file
from support.workbench import CONTRACTS, Workbench
from support.worlds import World


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def _until_closed(screen: RawIOBase) -> Iterator[bytes]:
    """Linux ends a terminal that nobody writes to any more with an error."""
    with contextlib.suppress(OSError):
        while read := screen.read(4096):
            yield read


@dataclass
class Desk:
    """A folder with contracts of foundation, reader and writer, and what is recorded of them."""

    root: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    bench: Workbench = field(init=False)
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.bench = Workbench(self.root)
        self.monkeypatch.chdir(self.root)
        for name in ("ODMD_STATE", "ODMD_CONTRACTS"):
            self.monkeypatch.delenv(name, raising=False)
        self.declare(CONTRACTS)

    def declare(self, contracts: str) -> None:
        self.bench.write("contracts.py", contracts)
        self.world = World(compile_contracts(load_organisation("contracts.py:acme", self.root).organisation).graph)

    @property
    def state(self) -> Path:
        return self.root / ".odmd"

    def push(self, *builds: str, commit: str = "c0ffee1234", author: Author | None = None) -> Desk:
        """A change that reaches these; their runs start."""
        heads = tuple(Head(f"{build}/b..main", commit, "contracts", author=author) for build in builds)
        self.world.send(StartChange("a commit", somebody("ada"), "sha256:0123456789", heads))
        return self

    def finish(self, run: int, text: str = "") -> Desk:
        """The run ends well; with a text, it publishes it as foundation's bus."""
        bus = "foundation/b..main/bus"
        published = (Publication(bus, text, text, "test:Text"),) if text else ()
        self.world.send(FinishRun(run, self.world.claim(run), "sha256:assembly", published))
        return self

    def fail(self, run: int, error: str = "ODMD204 no beans\nlook into run.log", loss: Loss | None = None) -> Desk:
        self.world.send(FailRun(run, self.world.claim(run), error, clean=True, loss=loss))
        return self

    def retire(self, product: str, version: int) -> Desk:
        """The grace of a value that nobody runs with is over."""
        self.world.send(RetireValue(product, version))
        self.world.send(FinishRetirement(product, version))
        return self

    def record(self) -> Desk:
        """Writes what happened so far into the state folder."""
        dirty = self.world.state.dirty
        touched = Touched(
            tuple(dirty.envers.values()),
            tuple(dirty.runs.values()),
            tuple(dirty.values.values()),
            tuple(dirty.waves.values()),
            self.world.state.standing,
        )
        self.state.mkdir()
        store = SqlStore(state_file(self.state))
        store.commit(0, [], [Logged(n, event, "m") for n, event in enumerate(self.world.log, 1)], touched, ())
        store.close()
        return self

    def led(self) -> AbstractContextManager[None]:
        """Somebody works on the state while inside."""
        return FileLeadership(self.state).lead()

    def odmd(self, *words: str) -> Done:
        """Runs the command, as `python -m odmd` does."""
        self.monkeypatch.setattr(sys, "argv", ["odmd", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        said = self.capsys.readouterr()
        return Done(code if isinstance(code, int) else int(code is not None), said.out, said.err)

    def terminal(self, columns: int, *words: str) -> str:
        """What the command leaves on a terminal of that width."""
        ours, its = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as screen:
            environment = self.bench.environ(COLUMNS=str(columns), NO_COLOR="1", TERM="xterm")
            command = [sys.executable, "-m", "odmd", *words]
            process = subprocess.Popen(
                command, cwd=self.root, env=environment, stdin=subprocess.DEVNULL, stdout=its, stderr=its
            )
            os.close(its)
            shown = b"".join(_until_closed(screen))
            assert process.wait(60) == 0, shown
        left = shown.decode().rpartition("\r\x1b[K")[2]  # a sign of life is erased before the first word
        return re.sub(r"\x1b\[[0-9;]*m", "", left).replace("\r\n", "\n")

    def texts(self, *words: str) -> Sequence[str]:
        return [line["text"] for line in self.odmd("why", *words, "--json").data]
