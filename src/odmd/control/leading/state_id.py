"""Which state this is: what is deployed names the one that manages it."""

from __future__ import annotations

import secrets
from typing import Final

from odmd.control.ports.reads import Documents

_NAME: Final = "state"
_BYTES: Final = 6


def state_id(documents: Documents) -> str:
    """Made once; a backup has it, and so has who restores one."""
    return documents.get(_NAME) or documents.put_first(_NAME, secrets.token_hex(_BYTES))
