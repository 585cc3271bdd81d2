"""The console: what is printed is inert, and ends of lines within a text make no line that passes for one of odmd's."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from odmd.cli.border import behind
from odmd.texts import GOES_ON, harmless


class Screen(Console):
    """Draws past the border, for its colours and cursor are odmd's own; so it sees to the texts itself."""

    def __init__(self, *, stderr: bool) -> None:
        super().__init__(file=behind(sys.stderr if stderr else sys.stdout), highlight=False, soft_wrap=False)

    def print(self, *objects: Any, **how: Any) -> None:
        super().print(*map(_one_line, objects), **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for one in super().render(renderable, options):
            yield one if one.control else Segment(harmless(one.text), one.style)


def _one_line(said: Any) -> Any:
    """A text whose further lines go on under its first; other things as they are."""
    match said:
        case str() if "\n" in said:
            return said.replace("\n", _going_on(said))
        case Text() if "\n" in said.plain:
            return Text(_going_on(said.plain), end=said.end).join(said.split("\n", allow_blank=True))
        case _:
            return said


def _going_on(said: str) -> str:
    return f"\n{' ' * (len(said) - len(said.lstrip(' ')))}{GOES_ON}"
