"""What all nodes of build types have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Self, cast


@dataclass(frozen=True, slots=True)
class HowBuilt:
    """What envers of one build type say that no others do; a frozen dataclass derives from it.

    It is kept and told as its fields alone: each node has a field without default that no other one has.
    """

    types: ClassVar[tuple[str, ...]] = ()
    """The names of the build types whose envers say it."""

    @property
    def units(self) -> tuple[str, ...]:
        """The names of all its units, where it says them."""
        return ()

    @property
    def within(self) -> str:
        """What the names of all its units begin with, where it says that."""
        return ""

    def of_clone(self) -> Self | None:
        """What a clone says of it; None where that is nothing."""
        return self

    def in_slice(self) -> Sequence[object]:
        """What of it a slice ends with: nothing where it says nothing, as digests are kept over releases."""
        return ()

    def aspects(self) -> Mapping[str, str]:
        """All that it says, in words, by what is said."""
        return {one.name.replace("_", " "): _text(getattr(self, one.name)) for one in fields(self)}


def _text(said: object) -> str:
    return ", ".join(map(str, cast("tuple[object, ...]", said))) if isinstance(said, tuple) else str(said)
