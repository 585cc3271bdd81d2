"""Which state this is: what is deployed names the one that manages it."""

from __future__ import annotations

import secrets
from typing import Final

from odmd.control.ports.reads import Documents
from odmd.control.reading.looking_back import STATE_NAME

_BYTES: Final = 6


def state_id(documents: Documents) -> str:
    """Made once; a backup has it, and so has who restores one."""
    return documents.get(STATE_NAME) or documents.put_first(STATE_NAME, secrets.token_hex(_BYTES))
