"""Who gives and takes over wires, as the wires see it: an enver is one, and wires stand below it."""

from __future__ import annotations

from typing import Protocol

from odmd.errors import Place
from odmd.model.run_document import RunDocument
from odmd.model.stages import Stage


class Party(Protocol):
    """An enver: where it is declared, what it is called, and where it lives."""

    at: Stage

    @property
    def place(self) -> Place: ...

    @property
    def address(self) -> str: ...

    @property
    def run(self) -> RunDocument | None:
        """The run that it is the target of."""
        ...
