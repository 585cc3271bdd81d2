"""What a stranger writes who wants the terminal of who reads it."""

from __future__ import annotations

import re

OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\U000e0000-\U000e007f]"
)
"""Written apart from the code: what may move, hide, turn around, or end a line."""
EVIL = (
    "\x1b]0;mine\x07\x1b[2J\x1b[8mhid\x1b[0m\x9b31m\x85\u202etxt\u2066.exe\u200b\ufeff\x7f\r\n✓ all is well\r::error::x"
)
