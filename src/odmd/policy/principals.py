"""Who asks, as policies see him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOBODY: Final = ""
"""The team of what is no team's."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks: what he is called, what he is, how much he may do at all, and his teams."""

    name: str
    kind: str
    """person, role, token, job, schedule or odmd."""
    scope: str
    """run, read, write or admin."""
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What a decision on an answer may hang on, beside who answers and where."""

    own: bool = False
    """Whether who answers began the change."""
    about: str = "input"
    gate: str = NOBODY
    """The team that it waits for."""
    wire: str = ""
    """`orders@main.bus`; nothing where it is not about one."""
