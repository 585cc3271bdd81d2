"""What `[tool.odmd.drift]` says: how old a look at what runs may get before somebody looks again.

[tool.odmd.drift]
every = "6h"                              # a server looks by itself; not said: who asks looks, each time
resources = false                         # true: by itself it looks at single resources, too
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from odmd.errors import SettingsInvalid

_KNOWN: Final = ("every", "resources")
_EVERY: Final = re.compile(r"([1-9][0-9]{0,5})(s|min|h|d)")
_SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class DriftSettings:
    """When somebody looks whether what runs is what was deployed."""

    every: float = 0.0
    """Seconds for which a look stands; 0: none does, and a server looks when somebody asks."""
    resources: bool = False
    """Whether a server looks at single resources, too, when it looks by itself."""


def read_drift(said: object, file: str) -> DriftSettings:
    """Raises:
    SettingsInvalid
    """
    where = f"{file}: [tool.odmd.drift]"
    given: Mapping[str, object] = cast("Mapping[str, object]", said) if isinstance(said, dict) else {"drift": said}
    if unknown := [name for name in given if name not in _KNOWN]:
        raise SettingsInvalid(f"{where} has no {', '.join(unknown)}", next_step=f"it has {', '.join(_KNOWN)}")
    every, resources = given.get("every"), given.get("resources", False)
    found = _EVERY.fullmatch(every) if isinstance(every, str) else None
    if every is not None and found is None:
        raise SettingsInvalid(f"{where} every is {every!r}", next_step='write a time such as "30min", "6h" or "1d"')
    if not isinstance(resources, bool):
        raise SettingsInvalid(f"{where} resources must be true or false, not {resources!r}")
    return DriftSettings(int(found[1]) * _SECONDS[found[2]] if found else 0.0, resources)
