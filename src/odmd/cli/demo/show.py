"""What a demo shows: titled acts, the commands as a user types them, and how long each took."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from odmd.cli.output import console, short, table
from odmd.errors import DemoFailed


@dataclass(slots=True)
class Show:
    """Runs commands, and remembers the time of each act."""

    folder: Path | None = None
    """Where commands are typed; None: here."""
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def act(self, title: str, about: str = "") -> Generator[None]:
        """One act, timed under its title."""
        out = console()
        out.print()
        out.rule(f"[bold]{title}[/]", align="left")
        if about:
            out.print(f"[dim]{about}[/]")
            out.print()
        began = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - began

    def say(self, text: str, *, apart: bool = False) -> None:
        """A line between commands; one that stands apart has a free line before it."""
        if apart:
            console().print()
        console().print(text, highlight=False, soft_wrap=True)

    def typed(self, command: str) -> None:
        """A command, as it is typed."""
        console().print()
        console().print(f"[bold green]$[/] [bold]{command}[/]", soft_wrap=True)

    def command(self, *words: str, ends_with: int = 0, of: Mapping[str, str] | None = None) -> None:
        """Runs `odmd …` as a user would, its output where ours goes; `of`: the environment of another one.

        Raises:
            DemoFailed: it did not end as it should.
        """
        shown = " ".join(f"'{word}'" if " " in word else word for word in words)
        whose = f"AWS_PROFILE={of['AWS_PROFILE']} " if of else ""
        self.typed(f"{whose}odmd {shown}")
        sys.stdout.flush()
        code = subprocess.run(self._argv(*words), env=of, cwd=self.folder, check=False).returncode  # noqa: S603  # ourselves
        if code != ends_with:
            raise DemoFailed(f"`odmd {shown}` ended with {code}")

    def plan(self) -> str:
        """Shows the plan; returns its digest as people quote it."""
        with ThreadPoolExecutor(1) as beside:
            same = beside.submit(self.data, "plan")
            self.command("plan")
            return short(same.result()["digest"])

    def plan_and_apply(self, why: str, *, ends_with: int = 0) -> None:
        """Shows the plan, then carries out exactly that."""
        self.apply(self.plan(), why, ends_with=ends_with)

    def apply(self, plan: str, why: str, *, ends_with: int = 0) -> None:
        """Carries a plan out."""
        self.command("apply", plan, "-m", why, ends_with=ends_with)

    def data(self, *words: str) -> Any:
        """What `odmd … --json` prints, as data.

        Raises:
            DemoFailed: it did not end with 0.
        """
        done = subprocess.run(  # noqa: S603  # ourselves
            self._argv(*words, "--json"), cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DemoFailed(f"`odmd {' '.join(words)} --json` ended with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def times(self) -> None:
        """How long each act took."""
        shown = table("act", "seconds")
        for title, seconds in self.seconds.items():
            shown.add_row(title, f"{seconds:.1f}")
        shown.add_row("[bold]all[/]", f"[bold]{sum(self.seconds.values()):.1f}[/]")
        console().print(shown)

    def _argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "odmd", *words]
