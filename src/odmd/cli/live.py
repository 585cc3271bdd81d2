"""What `apply` shows while things move: a live tree on a terminal, one line a happening elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from odmd.cli.output import console, product_label, shortened
from odmd.control.ports.run_log import FROM_APP
from odmd.control.reading.event_words import words
from odmd.control.scheduler import events as e
from odmd.model import naming
from odmd.plan.inventory import short_digests

if TYPE_CHECKING:
    from rich.tree import Tree

    from odmd.plan import Plan


@dataclass(slots=True)
class _Line:
    """One enver on the screen."""

    enver: str
    mark: str = "[dim]·[/]"
    text: str = "waits"
    said: str = ""
    """The last word of the service's own program, which stands beside what odmd does and never in its place."""
    began: float | None = None
    ended: float | None = None


_BEGUN: Final = "Stage"
"""Of what no plan here has."""


class Live:
    """Listens to the log and to agents; keeps a line for every enver that moves."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.ended: list[dict[str, object]] = []
        self.settled: dict[str, str] = {}
        self._console = console()
        self._lock = threading.RLock()
        self._stages: dict[str, list[_Line]] = {}
        self._lines: dict[str, _Line] = {}
        self._runs: dict[int, str] = {}
        self._told: set[str] = set()
        self._began = time.monotonic()

    @contextmanager
    def shown(self, plan: Plan | None) -> Generator[None]:
        """Shows what happens while inside."""
        with self._lock:
            for stage in plan.stages if plan else ():
                for step in stage.steps:
                    self._place(step.enver, f"Stage {stage.number}")
        if self.quiet or not self._console.is_terminal or not self._lines:
            yield
            return
        from rich.live import Live as RichLive

        self._console.print()
        with RichLive(get_renderable=self._tree, console=self._console, refresh_per_second=8):
            yield

    def report(self, run: int, line: str, *, lasting: bool = False) -> None:
        """An agent's word on a run."""
        with self._lock:
            if enver := self._runs.get(run):
                shown = self._line(enver)
                if line.startswith(FROM_APP):
                    shown.said = line
                    return
                shown.text, shown.said = line, ""
                self._print(enver, line, lasting=lasting)

    def says(self, line: str) -> None:
        """Something about the control plane itself."""
        if not self.quiet:
            self._console.print(line, soft_wrap=True, markup=False)

    def happened(self, event: e.Event) -> None:
        """A committed event."""
        with self._lock:
            match event:
                case e.RunStarted() as started:
                    self._runs[started.run] = started.enver
                    line = self._line(started.enver)
                    line.mark, line.began, line.ended = "[yellow]●[/]", time.monotonic(), None
                    line.text = f"run {started.run}, {started.mode.value}: {'; '.join(started.reasons)}"
                    self._print(started.enver, line.text)
                case e.RunSucceeded() as done:
                    self._end(done.run, done.enver, "[green]✓[/]", "deployed")
                case e.RunFailed() as failed:
                    self._end(failed.run, failed.enver, "[red]✗[/]", f"failed: {failed.error.splitlines()[0]}")
                case e.ValuePublished() as published:
                    product, text = product_label(published.product), short_digests(published.publication.text)
                    text = shortened(text)
                    self._note(f"published {product} #{published.version} = {text}")
                case e.RetirementScheduled() as later:
                    value, grace = f"{product_label(later.product)} #{later.version}", later.due - later.at
                    soon = f" in {grace:.0f} s" if grace >= 1 else ""
                    self._note(f"nobody runs with {value} any more: it is retired{soon}")
                case e.RetirementStarted() as retiring:
                    self._note(f"retiring {product_label(retiring.product)} #{retiring.version}")
                case e.ValueRetired() as retired:
                    kept = f", and {retired.leftover}" if retired.leftover else ""
                    self._note(f"retired {product_label(retired.product)} #{retired.version}{kept}")
                case other:
                    if line := words(other):
                        self._note(line)

    def waits(self, line: str) -> None:
        """What is waited for; the same again is not shown again."""
        with self._lock:
            if line not in self._told:
                self._told.add(line)
                self._note(line)

    def ended_without_run(self, enver: str, why: str) -> None:
        """All waves that reached an enver ended there without a run; told once of each."""
        with self._lock:
            if enver in self.settled:
                return
            self.settled[enver] = why
            line = self._line(enver)
            line.mark, line.text = "[blue]=[/]", f"not deployed: {why}"
            self._print(enver, line.text)

    def resumed(self, run: int, enver: str) -> None:
        """A run that an earlier process began."""
        with self._lock:
            self._runs[run] = enver
            line = self._line(enver, "Interrupted")
            line.mark, line.began, line.text = "[yellow]↻[/]", time.monotonic(), f"run {run} goes on"

    def _end(self, run: int, enver: str, mark: str, text: str) -> None:
        line = self._line(enver)
        line.mark, line.text, line.ended = mark, text, time.monotonic()
        seconds = line.ended - (line.began or line.ended)
        self.ended.append({"run": run, "enver": enver, "outcome": text, "seconds": round(seconds, 2)})
        outcome, colon, why = text.partition(": ")
        self._print(enver, f"{outcome} in {seconds:.1f} s{colon}{why}")

    def _place(self, enver: str, stage: str) -> None:
        """Has a line in a stage, that of a run that began before the plan was shown included."""
        line = self._line(enver, stage)
        if line in (begun := self._stages.get(_BEGUN, [])):
            begun.remove(line)
            self._stages.setdefault(stage, []).append(line)
        if not begun:
            self._stages.pop(_BEGUN, None)

    def _line(self, enver: str, stage: str = _BEGUN) -> _Line:
        if enver not in self._lines:
            self._lines[enver] = _Line(enver)
            self._stages.setdefault(stage, []).append(self._lines[enver])
        return self._lines[enver]

    def _note(self, text: str) -> None:
        if self.quiet:
            return
        stamp = "" if self._console.is_terminal else f"{time.monotonic() - self._began:6.1f} s "
        self._write(Text(f"{stamp}{text}", "cyan"))

    def _print(self, enver: str, text: str, *, lasting: bool = False) -> None:
        if self.quiet or text.endswith("_IN_PROGRESS"):
            return
        if not self._console.is_terminal:
            stamp = f"{time.monotonic() - self._began:6.1f} s"
            self._write(Text(f"{stamp} {naming.enver_label(enver)}: {text}"))
        elif lasting:
            self._write(Text(f"  {text}", "dim"))

    def _write(self, line: Text) -> None:
        """Prints; where nobody reads any more (`| head`), the deployment goes on in silence."""
        try:
            self._console.print(line, soft_wrap=True)
        except (OSError, SystemExit):  # Rich exits on a broken pipe
            self.quiet = True

    def _tree(self) -> Tree:
        from rich.markup import escape
        from rich.tree import Tree

        # Without our lock: the screen's refresh holds its own, and who prints holds ours and asks for that one.
        tree = Tree("[bold]apply[/]", guide_style="dim")
        for stage, lines in list(self._stages.items()):
            branch = tree.add(stage)
            for line in list(lines):
                seconds = f" [dim]{(line.ended or time.monotonic()) - line.began:.1f} s[/]" if line.began else ""
                text, said = (escape(" ".join(one.split())) for one in (line.text, shortened(line.said)))
                said = f" [dim]{said}[/]" if said and not line.ended else ""
                branch.add(f"{line.mark} [bold]{naming.enver_label(line.enver)}[/]{seconds} {text}{said}")
        return tree
