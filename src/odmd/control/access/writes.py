"""Headers of ours: what every write may carry, and those without a body must where nobody signs in; and the glass."""

from __future__ import annotations

from typing import Final

MARK: Final = "X-Odmd-Write"
"""A page of another site cannot send it without asking the server first, and no server of ours allows that."""

GLASS: Final = "X-Odmd-Break-Glass"
"""Why an admin acts against the policies. It stands in the log with all that he does so."""
GLASS_VARIABLE: Final = "ODMD_BREAK_GLASS"
"""Where commands find it."""
