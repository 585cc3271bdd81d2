"""Hands an app its context: by a variable, and what that cannot hold by a file, as the CDK command line does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from odmd.private import private_file

_ROOM: Final = 131_072
"""Bytes of one variable on Linux; used for all together."""
_LEAST: Final = "{}"


def context_variables(context: Mapping[str, object], others: Mapping[str, str], overflow: Path) -> Mapping[str, str]:
    """The variables that hold the context beside `others`; what they have no room for is written to `overflow`."""
    room = _ROOM - sum(len(name.encode()) + len(text.encode(errors="surrogateescape")) for name, text in others.items())
    held, rest = _split(context, room)
    variables = {"CDK_CONTEXT_JSON": json.dumps(held)}
    if rest:
        private_file(overflow).write_text(json.dumps(rest), encoding="utf-8")
        variables["CONTEXT_OVERFLOW_LOCATION_ENV"] = str(overflow.absolute())
    return variables


def _split(context: Mapping[str, object], room: int) -> tuple[dict[str, object], dict[str, object]]:
    """The first entries that fit into so many bytes, and all others."""
    held: dict[str, object] = {}
    entries = list(context.items())
    for number, (name, value) in enumerate(entries):
        room -= len(json.dumps({name: value}))
        if room < len(_LEAST):
            return held, dict(entries[number:])
        held[name] = value
    return held, {}
