"""Numbers that stand beside others of their sort, and are not to be taken for them."""

from __future__ import annotations

from typing import NewType

AttemptNumber = NewType("AttemptNumber", int)
"""Which claim of a run: the first is 1. Where it follows the number of the run, the two cannot change places."""
NO_ATTEMPT = AttemptNumber(0)
"""Nobody has claimed the run."""
