"""What people write to odmd: lines of comments, and trailers of commits. Whatever is not clearly that is nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from odmd.texts import lines_of, outside_fences

_LINE: Final = re.compile(r"/odmd +(?P<name>[a-z-]{1,20})(?P<rest>(?: +\S+)*) *")
_TRAILER: Final = re.compile(r"odmd: (?:create@(?P<of>\S{1,300})|(?P<delete>delete))\s*")
_OTHER_TRAILER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*: .*|\s+\S.*")
_LONGEST: Final = 2_000
_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Word:
    """`/odmd NAME REST…`, a line of its own."""

    name: str
    rest: tuple[str, ...] = ()

    def option(self, name: str) -> str | None:
        """What follows `--name`; empty: nothing does; None: it is not there."""
        if name not in self.rest:
            return None
        at = self.rest.index(name) + 1
        return self.rest[at] if at < len(self.rest) and not self.rest[at].startswith("--") else ""


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the last trailer of a branch says."""

    of: str
    """The branch, or the enver, to clone; empty: clones are to go."""


def words(text: str) -> Sequence[Word]:
    """The first few of a comment; what stands in fences or is quoted is shown, and not said."""
    found = (_LINE.fullmatch(line) for line in lines_of(outside_fences(text)) if len(line) <= _LONGEST)
    return [Word(one["name"], tuple(one["rest"].split())) for one in found if one][:_MOST]


def trailer(messages: Sequence[str]) -> Trailer | None:
    """The last one that commits say, the oldest commit first."""
    for message in reversed(messages):
        for line in reversed(_trailers(message)):
            if found := _TRAILER.fullmatch(line):
                return Trailer(found["of"] or "")
    return None


def _trailers(message: str) -> Sequence[str]:
    """The last paragraph, if it has trailers only, and is not the subject."""
    paragraphs = re.split(r"\n[ \t]*\n", "\n".join(lines_of(message)).strip())
    last = lines_of(paragraphs[-1])
    return last if len(paragraphs) > 1 and all(map(_OTHER_TRAILER.fullmatch, last)) else ()
