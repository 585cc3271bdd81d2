"""The recorded state as a plan reads it."""

from __future__ import annotations

from odmd.control.state import Enver, State, ValueStatus
from odmd.plan import Recorded, RecordedEnver, RecordedValue


def recorded(state: State) -> Recorded:
    """What every enver runs with, and every product's current value."""
    current = (values[-1] for values in state.values.values() if values)
    return Recorded(
        envers={enver.address: _enver(enver) for enver in state.envers.values()},
        values={
            value.product: RecordedValue(value.version, value.text, value.identity)
            for value in current
            if value.status is ValueStatus.CURRENT
        },
    )


def _enver(enver: Enver) -> RecordedEnver:
    return RecordedEnver(
        deployed=enver.deployed,
        versions={given.name: given.version for given in enver.consumed},
        unknown=enver.unknown,
        failure=enver.failure,
    )
