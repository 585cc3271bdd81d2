"""What `[tool.odmd.prices]` says: amounts of an organisation's own, in the place of list prices.

[tool.odmd.prices.instances]
"t3.medium" = 0.026                       # USD an hour

[tool.odmd.prices.units]
fargate_vcpu = 0.02
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, cast

from odmd.control.running.pricing import AMOUNTS
from odmd.errors import SettingsInvalid

_MOST: Final = 1_000_000

Amounts = Mapping[str, Mapping[str, Decimal]]


def no_prices() -> Amounts:
    """Those of a list are good enough."""
    return {}


def read_prices(said: object, file: str) -> Amounts:
    """As the tables say it.

    Raises:
        SettingsInvalid
    """
    where = f"{file}: [tool.odmd.prices]"
    given = cast("Mapping[str, object]", said) if isinstance(said, dict) else {"": said}
    if unknown := sorted(set(given) - set(AMOUNTS)):
        raise SettingsInvalid(f"{where} has no {', '.join(unknown)}", next_step=f"it has {', '.join(AMOUNTS)}")
    return {name: _amounts(one, f"{where} {name}") for name, one in given.items()}


def _amounts(said: object, where: str) -> Mapping[str, Decimal]:
    given = cast("Mapping[str, object]", said) if isinstance(said, dict) else {"": said}
    for name, one in given.items():
        if not isinstance(one, (int, float)) or isinstance(one, bool) or not 0 <= one <= _MOST:
            raise SettingsInvalid(f"{where} {name} is no amount: {one!r}", next_step="write a number, such as 0.026")
    return {name: Decimal(str(one)) for name, one in given.items()}
