"""What a consumer does with the thing behind a value."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Access(StrEnum):
    """What a consumer does with the thing behind a value."""

    READ = "read"
    WRITE = "write"
    READ_WRITE = "read and write"

    @property
    def writes(self) -> bool:
        return self is not Access.READ


READ: Final = Access.READ
WRITE: Final = Access.WRITE
READ_WRITE: Final = Access.READ_WRITE
