"""What an enver runs: a branch or a tag, and the slot (its lasting address within the build) that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.model import naming
from odmd.model.checked import Checked


@dataclass(frozen=True, slots=True)
class Branch(Checked):
    """The newest commit of a branch, of any name that git takes.

    `slot` is what its enver is called by, where the branch's name is not plain enough or may change.
    """

    name: str
    slot: str = ""

    @property
    def short(self) -> str:
        """What it is called by in a slot."""
        return self.slot or naming.slug(self.name)


@dataclass(frozen=True, slots=True)
class Tag(Checked):
    """The commit of a tag; a tag enver never moves. `slot` as with a branch."""

    name: str
    slot: str = ""

    @property
    def short(self) -> str:
        """What it is called by in a slot."""
        return self.slot or naming.slug(self.name)
