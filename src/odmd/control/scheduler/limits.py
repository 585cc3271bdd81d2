"""How many runs may be under way at once, and how often one is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """How many runs may be under way at once; None means any number."""

    organisation: int | None = 2
    place: int | None = None
    """In one account and region."""
    build_types: Mapping[str, int] = field(default_factory=dict[str, int])
    """Of one build type, and so at one provider."""


ATTEMPTS = 5
"""At a run; usually."""
PLACE = "place"
"""What a limit is called that is not one of a build type."""


def limited(at_once: int | None, further: Mapping[str, int]) -> Limits:
    """Limits as people write them: of all, and by `place` or build type. 0 is any number."""
    types = {name: number for name, number in further.items() if name != PLACE and number}
    return Limits(at_once or None, further.get(PLACE) or None, types)
