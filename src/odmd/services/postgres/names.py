"""What schemas and their users are called: by what a client asks for, and which of its envers it is."""

from __future__ import annotations

import hashlib
from typing import Final

from odmd.model import naming

LONGEST_ASKED: Final = 30
LONGEST: Final = 54
"""Bytes of a schema's name: Postgres cuts silently at 63, and its users are called after it."""
_HASH: Final = 8


def schema_of(asked: str, client: str) -> str:
    """The schema of a client, by its address: `orders` of `shop/b..main` is `orders_main`.

    One enver has one, whatever case its slot is written in.
    """
    short = naming.short_slot(client.partition("/")[2])
    plain = short.lower().replace("-", "_")
    full = f"{asked}_{plain}"
    if plain == short.replace("-", "_") and "_" not in short and len(full) <= LONGEST:
        return full
    return f"{full[: LONGEST - _HASH - 1]}_{hashlib.sha256(client.encode()).hexdigest()[:_HASH]}"
