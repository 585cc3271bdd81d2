"""Where an enver lives, and where a run works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workplace:
    """The folders of one run: its source, what is built of it, its log."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def built(self) -> Path:
        return self.root / "cdk.out"

    @property
    def document(self) -> Path:
        return self.root / "run.json"

    @property
    def context(self) -> Path:
        """What of the app's context no variable can hold."""
        return self.root / "context.json"

    @property
    def answers(self) -> Path:
        """What the app looked up: a JSON object by context key; none where there is nothing."""
        return self.root / "answers.json"

    @property
    def log(self) -> Path:
        return self.root / "run.log"
