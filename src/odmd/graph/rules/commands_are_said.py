"""ODMD048: an enver whose commands bring it about says them, and how long they may take."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.built import Built, CommandNode
from odmd.graph.draft import Draft
from odmd.model.build_types import COMMAND

_MOST_MINUTES = 24 * 60


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds command envers without a command, with an empty one, or with a time that is none."""
    for node in draft.nodes:
        if node.type is COMMAND:
            for what, hint in _wrong(node.built):
                yield Diagnostic("ODMD048", f"{node.label}: {what}", node.place, hint)


def _wrong(said: Built | None) -> Iterator[tuple[str, str]]:
    commands, minutes = (said.commands, said.minutes) if isinstance(said, CommandNode) else ((), 0)
    if not commands or not all(command.strip() and "\0" not in command for command in commands):
        yield "a command is missing, or empty", 'say what to run: commands=("./deploy",)'
    if not 0 < minutes <= _MOST_MINUTES:
        yield f"its commands cannot have {minutes:g} minutes", "give them more than none, and a day at most"
