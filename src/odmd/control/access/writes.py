"""What every write over HTTP may carry, and those without a body must where nobody signs in."""

from __future__ import annotations

from typing import Final

MARK: Final = "X-Odmd-Write"
"""A page of another site cannot send it without asking the server first, and no server of ours allows that."""
