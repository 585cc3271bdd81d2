"""What the removal of an enver would take and what it would leave, as somebody looked: counted before anything goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from odmd.texts import first_of

_NAMED: Final = 5
_DIGEST: Final = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]+")
"""Its first digits are what people quote."""


HOLDS_DATA: Final = "holds data"
"""Why somebody has to allow it first that data goes."""


class Belonging(NamedTuple):
    """Something that an enver brought about, that is there, and that goes with it."""

    what: str
    """What people call one of its kind: `image`, `Deployment`."""
    name: str
    asks: str = ""
    """Why somebody has to allow that first, such as `HOLDS_DATA`; empty: nobody has to."""

    @property
    def key(self) -> str:
        """What tells it from others."""
        return f"{self.what} {self.name}"


class Staying(NamedTuple):
    """Something that stays although its enver goes."""

    what: str
    name: str
    why: str


class Inventory(NamedTuple):
    """All that an enver brought about, as far as somebody could look."""

    goes: tuple[Belonging, ...] = ()
    stays: tuple[Staying, ...] = ()
    asks: tuple[str, ...] = ()
    """What else somebody has to allow first, in sentences."""
    unseen: str = ""
    """Why nobody could look: nothing was shown then, and what is found later is asked about first."""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple([one.key for one in self.goes])

    def of_ephemeral(self) -> Inventory:
        """What goes with an enver whose data is deleted with it: that it goes was said when it was made."""
        return self._replace(
            goes=tuple([one._replace(asks="") if one.asks == HOLDS_DATA else one for one in self.goes])
        )


def counted(what: Iterable[Belonging | Staying]) -> str:
    """`2 images, 1 claim and 1 repository`."""
    found = Counter(one.what for one in what)
    said = [f"{count} {_plural(noun, count)}" for noun, count in found.items()]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def short_digests(text: str) -> str:
    """With as much of each digest as people compare."""
    return _DIGEST.sub(r"\1", text)


def named(what: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    return short_digests(first_of(what, _NAMED))


def in_words(found: Inventory) -> list[str]:
    """What goes, what stays and why, and what is asked about first: each in a line."""
    if found.unseen:
        return [f"what goes cannot be seen now, so all of it is asked about before it goes: {found.unseen}"]
    names = named([one.name for one in found.goes])
    lines = [f"goes: {counted(found.goes)}: {names}" if found.goes else "nothing goes"]
    lines += [f"asks first: {one.key}, which {one.asks}" for one in found.goes if one.asks]
    lines += [f"asks first: {one}" for one in found.asks]
    for why in dict.fromkeys(one.why for one in found.stays):
        those = [one for one in found.stays if one.why == why]
        lines.append(f"stays: {counted(those)}: {named([one.name for one in those])}: {why}")
    return lines


def _plural(noun: str, count: int) -> str:
    if count == 1:
        return noun
    if noun.endswith(("s", "x", "ch")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
