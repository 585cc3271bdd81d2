"""What is text: Python's strings may hold more, namely bytes that were no UTF-8, and halves of characters.

And what of a text may be shown: others write names, subjects, reasons and logs, and a terminal obeys what it is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Final

_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\))")
"""What colours, moves the cursor, sets a title, links: it says nothing, and goes without a trace."""
_END: Final = re.compile("\r\n?")
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for the tab and the end of a line
    "\u2028\u2029\ud800-\udfff\ufff0-\ufffb"  # ends of lines, halves of characters, annotations
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns text around
    "\u00ad\u034f\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f"  # without width
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
MARK: Final = "\ufffd"
"""Stands where something was that nobody may be shown."""
_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})(.*)")
GOES_ON: Final = "  │ "
"""Begins a line that is the one before it, going on: of a text of others, none passes for a line of odmd's."""


def first_of(texts: Sequence[str], most: int, between: str = ", ") -> str:
    """The first few, and how many more there are: `a, b and 3 more`."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return between.join(texts[:most]) + more


def is_text(said: str) -> bool:
    """Whether files, databases and other programs can be given it: whole characters, and no zero byte."""
    return "\0" not in said and is_whole(said)


def is_whole(said: str) -> bool:
    """Whether it has whole characters only."""
    return said.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in said)


def seconds_of(duration: str) -> float | None:
    """Of a duration that somebody wrote, such as `2h`; None: it is none."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(s|m|min|h|d)", duration)
    return float(found[1]) * _UNITS[found[2]] if found else None


def lines_of(text: str) -> Sequence[str]:
    """As its writer sees them: what others take for the end of a line is none."""
    return _END.sub("\n", text).split("\n")


def outside_fences(markdown: str) -> str:
    """Without what stands in fences: that is shown, and not said."""
    kept, fence = list[str](), ""
    for line in lines_of(markdown):
        found = _FENCE.match(line)
        if not fence and found:
            fence = found[1]
        elif not fence:
            kept.append(line)
        elif found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return "\n".join(kept)


def harmless(said: str) -> str:
    """A text in which nothing moves a cursor, colours, hides or turns around; tabs and ends of lines stay.

    Whole sequences for a terminal are left out; every other character of that kind is seen as `�`.
    """
    if said.isascii() and said.isprintable():
        return said
    return _UNSEEN.sub(MARK, _SEQUENCE.sub("", _END.sub("\n", said)))


def harmless_json(data: object, *, default: Callable[[object], object] = str, indent: int | None = None) -> str:
    """JSON that a terminal may show as well: all that is not plain ASCII is escaped."""
    return json.dumps(data, indent=indent, default=default).replace("\x7f", "\\u007f")
