"""The recorded state as a plan reads it."""

from __future__ import annotations

from odmd.control.state import LOSS, Enver, State, ValueStatus
from odmd.plan import Recorded, RecordedEnver, RecordedValue


def recorded(state: State) -> Recorded:
    """What every enver runs with, and every product's current value."""
    current = (values[-1] for values in state.values.values() if values)
    return Recorded(
        envers={enver.address: _enver(enver) for enver in state.envers.values() if not enver.removed},
        values={
            value.product: RecordedValue(value.version, value.text, value.identity)
            for value in current
            if value.status is ValueStatus.CURRENT
        },
        superseded=tuple((ref.product, ref.version) for ref in state.superseded),
    )


def _enver(enver: Enver) -> RecordedEnver:
    return RecordedEnver(
        deployed=enver.deployed,
        versions={given.name: given.version for given in enver.consumed},
        unknown=enver.unknown,
        failure=enver.failure,
        commit=enver.commit,
        content=enver.content,
        contracts=enver.contracts,
        picked={name: RecordedValue(one.version, one.text, one.identity) for name, one in enver.picked.items()},
        held=enver.pin.run if enver.pin and enver.deployed == enver.pin.fingerprint else None,
        runs_with=tuple(sorted((ref.product, ref.version) for ref in enver.runs_with)),
        # What was never deployed has no data to lose, but for that of a stack which is not its own.
        adopts=enver.deployed is None and not enver.unknown and bool(enver.allowed or LOSS in enver.offers),
    )
