"""Who sits at this machine."""

from __future__ import annotations

import getpass
import socket


def who_is_here() -> str:
    """As it stands with what he does: `ada@host`."""
    return f"{getpass.getuser()}@{socket.gethostname()}"
