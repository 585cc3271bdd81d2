"""What an enver runs: a branch, a tag, or what is installed; and the slot, its lasting address within the build."""

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


@dataclass(frozen=True, slots=True)
class AsInstalled(Checked):
    """The version of its build's package that is installed where plans are made.

    `slot` is what its enver is called by, where the name of its stage is not enough.
    """

    slot: str = ""
