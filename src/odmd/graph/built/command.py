"""Envers that commands bring about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from odmd.graph.built.how import HowBuilt
from odmd.model import CommandEnver
from odmd.model.build_types import COMMAND


@dataclass(frozen=True, slots=True)
class CommandNode(HowBuilt):
    """What is run."""

    types = (COMMAND.name,)
    commands: tuple[str, ...]
    remove: str
    """The command that takes away what they brought about; empty: nothing does."""
    minutes: float
    """How long all of them may take."""
    network: bool
    """Whether they may reach the network."""

    def in_slice(self) -> Sequence[object]:
        return ((self.remove, self.network),) if self.remove or self.network else ()


def read_command(enver: CommandEnver) -> CommandNode:
    """Its node."""
    return CommandNode(tuple(enver.commands), enver.remove, enver.minutes, enver.network)
